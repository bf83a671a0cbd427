/**
 * Tables of items, as DynamoDB has them: typed attribute values, a partition key and an optional sort key.
 * Used by the services, the wire and, through their context, by functions.
 */

import type { JsonObject } from '../json.ts';

export type AttributeValue =
  | { readonly S: string }
  | { readonly N: string }
  | { readonly B: string }
  | { readonly BOOL: boolean }
  | { readonly NULL: true }
  | { readonly L: readonly AttributeValue[] }
  | { readonly M: Readonly<Record<string, AttributeValue>> }
  | { readonly SS: readonly string[] }
  | { readonly NS: readonly string[] }
  | { readonly BS: readonly string[] };

export type Item = Readonly<Record<string, AttributeValue>>;

export type KeyType = 'S' | 'N' | 'B';

export interface KeyAttribute {
  readonly name: string;
  readonly type: KeyType;
}

export interface TableDescription {
  readonly table: string;
  readonly partitionKey: KeyAttribute;
  readonly sortKey?: KeyAttribute;
}

export interface Tables {
  /** Creating a table that is there with the same keys changes nothing. @throws ServiceError ResourceInUseException */
  create(description: TableDescription): Promise<void>;
  describe(table: string): Promise<TableDescription | undefined>;
  /** Puts one item, replacing what has its key. @throws ServiceError ResourceNotFoundException, ValidationException, ConditionalCheckFailedException */
  put(params: { readonly table: string; readonly item: Item; readonly ifAbsent?: boolean }): Promise<void>;
  /** Puts many items in one transaction. Of items with the same key the last one stays. */
  putMany(params: { readonly table: string; readonly items: readonly Item[] }): Promise<void>;
  /**
   * Puts many items in one transaction, as text: each on a line, and on the next one `[partition key, sort key, size]` where
   * whoever wrote it has found it to be as the table keeps it, or `[]`. The first is for a table whose only key is a text.
   * Of items with the same key the last one stays. The bytes are given away: their memory is not the caller's any more.
   */
  putLines(params: { readonly table: string; readonly lines: Uint8Array }): Promise<void>;
  get(params: { readonly table: string; readonly key: Item }): Promise<Item | undefined>;
  /** As many answers as there are keys, in their order. */
  getMany(params: { readonly table: string; readonly keys: readonly Item[] }): Promise<readonly (Item | undefined)[]>;
  delete(params: { readonly table: string; readonly key: Item }): Promise<void>;
  /** The items of one partition in the order of their sort keys. */
  query(params: {
    readonly table: string;
    readonly partition: AttributeValue;
    readonly after?: Item;
    readonly limit?: number;
  }): Promise<{ readonly items: readonly Item[]; readonly next?: Item }>;
  /** All items, in the order of their keys. `next` is the key to pass as `after`. */
  scan(params: { readonly table: string; readonly after?: Item; readonly limit?: number }): Promise<{
    readonly items: readonly Item[];
    readonly next?: Item;
  }>;
  count(table: string): Promise<number>;
}

/** Tables by the words of DynamoDB's API, version 2012-08-10. */
export interface TableApi {
  /**
   * Performs an action, such as `UpdateItem`: a request in, the answer out, both as they are on the wire.
   * @throws ServiceError DynamoDB's refusals; UnknownOperationException
   */
  call(action: string, request: JsonObject): Promise<JsonObject>;
  /**
   * Actions that take their request as it came, bytes of JSON, and give the answer as JSON: whoever passes them on does not read them.
   * @throws ServiceError as `call`; SerializationException
   */
  readonly unread?: Readonly<Record<string, (body: Uint8Array) => Promise<string>>>;
}
