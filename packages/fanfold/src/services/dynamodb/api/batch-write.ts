/**
 * BatchWriteItem: its request read and checked, and its answer made. Both threads do that: the tables' own where a request came as
 * bytes, the main one else. Each item is written by itself: some may be done and others not.
 */
import { isObject, type Json, type JsonObject } from '../../../json.ts';
import type { TableDescription } from '../../../ports/tables.ts';
import { columnsOf, encodeItem, encodeKey, type EncodedWrite, sizeOf } from '../encode.ts';
import type { Operations } from '../operations.ts';
import { writeUnits } from '../throughput.ts';
import { validationError } from '../validation.ts';
import { CAPACITY, tableOf, type TablesByName } from './action.ts';
import { capacities, checkDuplicates, listOf, tablesOf } from './batch-request.ts';
import { checkNested, type Fields } from './fields.ts';

export const MOST_WRITES = 25;

export const BATCH_WRITE: Fields = {
  required: ['RequestItems'],
  known: {
    RequestItems: 'map',
    ReturnConsumedCapacity: CAPACITY,
    ReturnItemCollectionMetrics: ['SIZE', 'NONE'],
  },
};

export interface OneWrite {
  readonly name: string;
  readonly description: TableDescription;
  readonly write: EncodedWrite;
  /** As it came. */
  readonly given: Json;
}

/** @param request its members checked by {@link BATCH_WRITE} @throws ServiceError */
export function readWrites(tables: TablesByName, request: JsonObject): readonly OneWrite[] {
  const asked = tablesOf(request).flatMap(([name, list]) =>
    listOf(name, list, MOST_WRITES).map((given) => ({ name, given })),
  );
  if (asked.length > MOST_WRITES) throw validationError('Too many items requested for the BatchWriteItem call');
  const writes = asked.map(({ name, given }) => writeOf(tables, name, given));
  checkDuplicates(writes.map(({ description, write }) => ({ description, ...write })));
  return writes;
}

function writeOf(tables: TablesByName, name: string, given: Json): OneWrite {
  const members = isObject(given) ? Object.entries(given).filter(([, value]) => value !== null) : [];
  const [[kind, value] = ['', null]] = members;
  if (members.length !== 1)
    throw validationError(
      'Supplied AttributeValue has more than one datatypes set, must contain exactly one of the supported datatypes',
    );
  const { description } = tableOf(tables, name);
  if (kind === 'PutRequest') {
    const { Item: item } = checkNested({ required: ['Item'], known: { Item: 'map' } }, value, kind);
    return { name, description, write: encodeItem(description, item), given };
  }
  const fields = { required: ['Key'], known: { Key: 'map' } } as const;
  const { [kind]: nested } = checkNested({ required: [], known: { DeleteRequest: 'map' } }, { [kind]: value }, name);
  const { Key: key } = checkNested(fields, nested as Json, kind);
  const { partition, sort } = encodeKey(description, key);
  return { name, description, write: { partition, sort, item: null }, given };
}

/** Where the writes of each table stand among all. */
export function writesByTable(writes: readonly OneWrite[]): ReadonlyMap<string, readonly number[]> {
  return Map.groupBy(writes.keys(), (i) => (writes[i] as OneWrite).description.table);
}

export function isCostAsked(request: JsonObject): boolean {
  return (request['ReturnConsumedCapacity'] ?? 'NONE') !== 'NONE';
}

/** Those of one table, as its thread takes them. */
export function columnsFor(
  table: string,
  writes: readonly OneWrite[],
  measured: boolean,
): Operations['writeMany']['params'] {
  return { table, ...columnsOf(writes.map(({ write }) => write)), measured };
}

/** What each cost. @param before sizes, where they were measured; what nobody asks for counts 1 */
export function unitsOf(writes: readonly OneWrite[], before: readonly number[]): readonly number[] {
  return writes.map(({ write }, i) => (before.length === 0 ? 1 : writeUnits(before[i] ?? 0, sizeOf(write))));
}

/** @param outcomes the units that each cost; undefined where it was not done */
export function answerTo(
  request: JsonObject,
  writes: readonly OneWrite[],
  outcomes: readonly (number | undefined)[],
): JsonObject {
  const left = writes.filter((_, i) => outcomes[i] === undefined);
  const unprocessed = Map.groupBy(left, ({ name }) => name);
  return {
    UnprocessedItems: Object.fromEntries([...unprocessed].map(([name, all]) => [name, all.map(({ given }) => given)])),
    ...capacities(request, writes, outcomes),
  };
}
