/** BatchWriteItem and BatchGetItem. Each item is written, or read, by itself: some may be done and others not. */
import { isArray, isObject, type Json, type JsonObject } from '../../../json.ts';
import type { Item, TableDescription } from '../../../ports/tables.ts';
import { columnsOf, encodeItem, encodeKey, type EncodedWrite, sizeOf } from '../encode.ts';
import { namesOf } from '../expression/names.ts';
import { project } from '../expression/path.ts';
import { parseProjection } from '../expression/projection-parser.ts';
import type { Path } from '../expression/syntax.ts';
import type { EncodedKey } from '../table-key.ts';
import { leastRead, readUnits, throttled, writeUnits } from '../throughput.ts';
import { validationError } from '../validation.ts';
import { type Action, type ActionContext, CAPACITY, capacityOf, tableOf } from './action.ts';
import { checkNested, throwProblems } from './fields.ts';

const MOST_WRITES = 25;
const MOST_READS = 100;
/** What comes behind is unprocessed. */
const ANSWER_BYTES = 16 * 1024 * 1024;

export const batchActions: Readonly<Record<string, Action>> = {
  BatchWriteItem: {
    fields: {
      required: ['RequestItems'],
      known: {
        RequestItems: 'map',
        ReturnConsumedCapacity: CAPACITY,
        ReturnItemCollectionMetrics: ['SIZE', 'NONE'],
      },
    },
    run: batchWrite,
  },
  BatchGetItem: {
    fields: { required: ['RequestItems'], known: { RequestItems: 'map', ReturnConsumedCapacity: CAPACITY } },
    run: batchGet,
  },
};

interface OneWrite {
  readonly name: string;
  readonly description: TableDescription;
  readonly write: EncodedWrite;
  /** As it came. */
  readonly given: Json;
}

async function batchWrite(context: ActionContext, request: JsonObject): Promise<JsonObject> {
  const asked = tablesOf(request).flatMap(([name, list]) => listOf(name, list).map((given) => ({ name, given })));
  if (asked.length > MOST_WRITES) throw validationError('Too many items requested for the BatchWriteItem call');
  const writes = asked.map(({ name, given }) => writeOf(context, name, given));
  checkDuplicates(writes.map(({ description, write }) => ({ description, ...write })));
  const outcomes = await performWrites(context, writes, (request['ReturnConsumedCapacity'] ?? 'NONE') !== 'NONE');
  if (outcomes.every((units) => units === undefined)) throw throttled();
  const left = writes.filter((_, i) => outcomes[i] === undefined);
  const unprocessed = Map.groupBy(left, ({ name }) => name);
  return {
    UnprocessedItems: Object.fromEntries([...unprocessed].map(([name, all]) => [name, all.map(({ given }) => given)])),
    ...capacities(request, writes, outcomes),
  };
}

function writeOf(context: ActionContext, name: string, given: Json): OneWrite {
  const members = isObject(given) ? Object.entries(given).filter(([, value]) => value !== null) : [];
  const [[kind, value] = ['', null]] = members;
  if (members.length !== 1)
    throw validationError(
      'Supplied AttributeValue has more than one datatypes set, must contain exactly one of the supported datatypes',
    );
  const { description } = tableOf(context, name);
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

/** The units that each cost; undefined where it was not done. What nobody asks for is not measured, and counts 1. */
async function performWrites(
  { meters, thread }: ActionContext,
  writes: readonly OneWrite[],
  isCostAsked: boolean,
): Promise<readonly (number | undefined)[]> {
  const outcomes: (number | undefined)[] = Array.from({ length: writes.length }, () => undefined);
  const byTable = Map.groupBy(writes.keys(), (i) => (writes[i] as OneWrite).description.table);
  const perform = async (table: string, indexes: readonly number[]): Promise<void> => {
    const meter = meters.write(table);
    const taken = indexes.filter(() => meter.take(1));
    if (taken.length === 0) return;
    const encoded = taken.map((i) => (writes[i] as OneWrite).write);
    const measured = isCostAsked || meter.isLimited;
    const before = await thread.request('writeMany', { table, ...columnsOf(encoded), measured });
    for (const [at, i] of taken.entries()) {
      const units = measured ? writeUnits(before[at] ?? 0, sizeOf(encoded[at] as EncodedWrite)) : 1;
      meter.charge(units - 1);
      outcomes[i] = units;
    }
  };
  await Promise.all([...byTable].map(([table, indexes]) => perform(table, indexes)));
  return outcomes;
}

interface OneRead extends EncodedKey {
  readonly name: string;
  readonly description: TableDescription;
  readonly paths: readonly Path[] | undefined;
  readonly isConsistent: boolean;
  /** As they came: the key, and what it came with. */
  readonly key: Json;
  readonly settings: JsonObject;
}

async function batchGet(context: ActionContext, request: JsonObject): Promise<JsonObject> {
  const reads = tablesOf(request).flatMap(([name, value]) => readsOf(context, name, value));
  if (reads.length > MOST_READS) throw validationError('Too many items requested for the BatchGetItem call');
  checkDuplicates(reads);
  const found = await Promise.all(reads.map((read) => performRead(context, read)));
  if (found.every((one) => one === undefined)) throw throttled();
  let bytes = 0;
  const outcomes = found.map((one) => {
    bytes += one?.size ?? 0;
    return bytes > ANSWER_BYTES ? undefined : one;
  });
  const names = new Set(reads.map(({ name }) => name));
  const itemsOf = (name: string): readonly JsonObject[] =>
    reads.flatMap((read, i) => (read.name === name && outcomes[i]?.item ? [outcomes[i].item] : []));
  const left = Map.groupBy(
    reads.filter((_, i) => outcomes[i] === undefined),
    ({ name }) => name,
  );
  return {
    Responses: Object.fromEntries([...names].map((name) => [name, itemsOf(name)])),
    UnprocessedKeys: Object.fromEntries(
      [...left].map(([name, all]) => [name, { ...all[0]?.settings, Keys: all.map(({ key }) => key) }]),
    ),
    ...capacities(
      request,
      reads,
      found.map((one) => one?.units),
    ),
  };
}

function readsOf(context: ActionContext, name: string, value: Json): readonly OneRead[] {
  const known = {
    Keys: 'list',
    ConsistentRead: 'boolean',
    ProjectionExpression: 'text',
    ExpressionAttributeNames: 'map',
  } as const;
  const { Keys: keys, ...settings } = checkNested({ required: ['Keys'], known }, value, name);
  const names = namesOf(settings, ['ProjectionExpression']);
  const { ProjectionExpression: text } = settings;
  const paths = text === undefined ? undefined : parseProjection('ProjectionExpression', text as string, names);
  names.checkUse();
  const { description } = tableOf(context, name);
  const isConsistent = settings['ConsistentRead'] === true;
  return lengthChecked(keys as readonly Json[], MOST_READS).map((key) => {
    const { partition, sort } = encodeKey(description, key);
    return { name, description, paths, isConsistent, partition, sort, key, settings };
  });
}

async function performRead(
  { meters, thread }: ActionContext,
  { description: { table }, partition, sort, paths, isConsistent }: OneRead,
): Promise<{ readonly item: JsonObject | undefined; readonly size: number; readonly units: number } | undefined> {
  const meter = meters.read(table);
  const least = leastRead(isConsistent);
  if (!meter.take(least)) return undefined;
  const found = await thread.request('get', { table, partition, sort });
  const units = readUnits(found?.size ?? 0, isConsistent);
  meter.charge(units - least);
  const item = found && (JSON.parse(found.item) as Item);
  return { item: item && paths ? project(item, paths) : item, size: found?.size ?? 0, units };
}

function tablesOf(request: JsonObject): readonly (readonly [string, Json])[] {
  const tables = Object.entries(request['RequestItems'] as JsonObject);
  if (tables.length === 0)
    throwProblems([
      "Value '{}' at 'requestItems' failed to satisfy constraint: Member must have length greater than or equal to 1",
    ]);
  return tables;
}

function listOf(name: string, value: Json): readonly Json[] {
  checkNested({ required: [], known: { [name]: 'list' } }, { [name]: value }, 'RequestItems');
  return lengthChecked(isArray(value) ? value : [], MOST_WRITES);
}

function lengthChecked(list: readonly Json[], most: number): readonly Json[] {
  if (list.length === 0)
    throwProblems([
      "Value at 'requestItems' failed to satisfy constraint: Map value must satisfy constraint: " +
        `[Member must have length less than or equal to ${most}, Member must have length greater than or equal to 1]`,
    ]);
  return list;
}

function checkDuplicates(all: readonly (EncodedKey & { readonly description: TableDescription })[]): void {
  const keys = all.map(({ description: { table }, partition, sort }) => JSON.stringify([table, partition, sort]));
  if (new Set(keys).size < keys.length) throw validationError('Provided list of item keys contains duplicates');
}

/** Of each table what was consumed, where it was asked for. */
function capacities(
  request: JsonObject,
  all: readonly { readonly description: TableDescription }[],
  units: readonly (number | undefined)[],
): JsonObject {
  const sums = new Map<string, number>();
  for (const [i, { description }] of all.entries())
    sums.set(description.table, (sums.get(description.table) ?? 0) + (units[i] ?? 0));
  const list = [...sums].map(([table, sum]) => capacityOf(request, table, sum)).filter((each) => each !== undefined);
  return list.length > 0 ? { ConsumedCapacity: list } : {};
}
