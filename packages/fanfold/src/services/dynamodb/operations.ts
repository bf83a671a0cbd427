/** What the tables' thread does, and what travels to it and back: texts and numbers, all checked before. */
import type { Item } from '../../ports/tables.ts';
import type { Condition, UpdateAction } from './expression/syntax.ts';
import type { SortRange } from './sort-range.ts';
import type { TableDetails, TableRecord } from './table-details.ts';
import type { EncodedKey } from './table-key.ts';

export interface StoredItem {
  /** JSON of typed attributes. */
  readonly item: string;
  /** Bytes, by DynamoDB's measure. */
  readonly size: number;
}

export interface EncodedItem extends EncodedKey, StoredItem {}

/** Many writes by columns: lists of texts travel between threads at a third of what as many objects cost. */
export interface WriteColumns {
  readonly partitions: readonly string[];
  readonly sorts: readonly string[];
  /** JSON of typed attributes; null where what is there is deleted. */
  readonly items: readonly (string | null)[];
  /** Bytes, by DynamoDB's measure. */
  readonly sizes: readonly number[];
}

export type Change =
  | ({ readonly kind: 'put' } & StoredItem)
  | { readonly kind: 'delete' }
  /** `key` is the item to begin with where there is none. */
  | { readonly kind: 'update'; readonly key: Item; readonly actions: readonly UpdateAction[] };

export type WriteAnswer =
  | { readonly kind: 'done'; readonly before?: StoredItem; readonly after?: StoredItem }
  | { readonly kind: 'conditionFailed'; readonly before?: StoredItem }
  /** Nothing was written: the update cannot be made on this item. */
  | { readonly kind: 'invalid'; readonly message: string };

export interface PageParams {
  readonly table: string;
  /** How many items are looked at. */
  readonly limit: number;
  readonly filter?: Condition | undefined;
  /** Only count them. */
  readonly countOnly?: boolean;
}

export interface Page {
  /** JSON texts of those that the filter lets through. */
  readonly items: readonly string[];
  /** How many it let through. */
  readonly count: number;
  /** How many were looked at, and their size in bytes. */
  readonly scanned: number;
  readonly size: number;
  /** The key of the last one looked at; JSON. */
  readonly last?: string;
  /** Whether there is more behind them. */
  readonly more: boolean;
}

export type UnreadAnswer =
  /** The answer, as JSON. */
  | { readonly kind: 'done'; readonly answer: string }
  | { readonly kind: 'limited' }
  /** What its ServiceError says. */
  | { readonly kind: 'refused'; readonly code: string; readonly message: string; readonly status: number };

/** By name: what goes in, and what comes back. */
export interface Operations {
  /** Answers with the table in force: this one, or that of the same name. */
  create: { readonly params: TableRecord; readonly answer: TableRecord };
  /** False when there is none. */
  drop: { readonly params: { readonly table: string }; readonly answer: boolean };
  alter: {
    readonly params: { readonly table: string; readonly details: TableDetails };
    readonly answer: undefined;
  };
  /** False, and nothing written, when `ifAbsent` and one is there. */
  put: {
    readonly params: { readonly table: string; readonly item: EncodedItem; readonly ifAbsent: boolean };
    readonly answer: boolean;
  };
  /** All of them, or none. Answers, where it is `measured`, with the sizes of what was there before: 0 where nothing was. */
  writeMany: {
    readonly params: WriteColumns & { readonly table: string; readonly measured: boolean };
    readonly answer: readonly number[];
  };
  /**
   * A BatchWriteItem as it came, bytes of JSON. Nothing was written where it touches one of the tables that are `limited`: only the main
   * thread knows what they may still be asked for.
   */
  batchWrite: {
    readonly params: { readonly body: Uint8Array; readonly limited: readonly string[] };
    readonly answer: UnreadAnswer;
  };
  /** As the port has it. All of them, or none. Answers with the refusal of the first item that cannot be kept. */
  putLines: {
    readonly params: { readonly table: string; readonly lines: Uint8Array };
    readonly answer: undefined;
  };
  /** One change of one item, if it meets the condition. */
  write: {
    readonly params: EncodedKey & {
      readonly table: string;
      readonly condition: Condition | undefined;
      readonly change: Change;
    };
    readonly answer: WriteAnswer;
  };
  get: { readonly params: EncodedKey & { readonly table: string }; readonly answer: StoredItem | undefined };
  getMany: {
    readonly params: { readonly table: string; readonly keys: readonly EncodedKey[] };
    readonly answer: readonly (string | undefined)[];
  };
  delete: { readonly params: EncodedKey & { readonly table: string }; readonly answer: undefined };
  query: {
    readonly params: PageParams & {
      readonly partition: string;
      readonly range: SortRange;
      readonly forward: boolean;
      /** A sort key: start behind it. */
      readonly after: string | undefined;
    };
    readonly answer: Page;
  };
  scan: { readonly params: PageParams & { readonly after: EncodedKey | undefined }; readonly answer: Page };
  count: {
    readonly params: { readonly table: string };
    readonly answer: { readonly count: number; readonly size: number };
  };
  /** Answers once everything committed survives a power cut. */
  sync: { readonly params: undefined; readonly answer: undefined };
}

export type OperationName = keyof Operations;

/** One request, whichever it is. */
export type Request = {
  [Name in OperationName]: { readonly id: number; readonly name: Name; readonly params: Operations[Name]['params'] };
}[OperationName];

/** `disk` says that it is the disk that refused. */
export type Answer =
  | { readonly id: number; readonly ok: true; readonly value: Operations[OperationName]['answer'] }
  | { readonly id: number; readonly ok: false; readonly message: string; readonly disk: boolean };

/** To the thread: requests in their order, or the wish to end. */
export type ToThread = readonly Request[] | 'close';

/** From the thread: the tables that are there, once, and then answers. */
export type FromThread = { readonly tables: readonly TableRecord[] } | readonly Answer[];
