/** BatchWriteItem and BatchGetItem, within the throughput of the tables. */
import { type Json, type JsonObject } from '../../../json.ts';
import type { Item, TableDescription } from '../../../ports/tables.ts';
import { encodeKey } from '../encode.ts';
import { namesOf } from '../expression/names.ts';
import { project } from '../expression/path.ts';
import { parseProjection } from '../expression/projection-parser.ts';
import type { Path } from '../expression/syntax.ts';
import type { EncodedKey } from '../table-key.ts';
import { leastRead, readUnits, throttled } from '../throughput.ts';
import { validationError } from '../validation.ts';
import { type Action, type ActionContext, CAPACITY, tableOf } from './action.ts';
import { capacities, checkDuplicates, lengthChecked, tablesOf } from './batch-request.ts';
import {
  answerTo,
  BATCH_WRITE,
  columnsFor,
  isCostAsked,
  type OneWrite,
  readWrites,
  unitsOf,
  writesByTable,
} from './batch-write.ts';
import { checkNested } from './fields.ts';

const MOST_READS = 100;
/** What comes behind is unprocessed. */
const ANSWER_BYTES = 16 * 1024 * 1024;

export const batchActions: Readonly<Record<string, Action>> = {
  BatchWriteItem: { fields: BATCH_WRITE, run: batchWrite },
  BatchGetItem: {
    fields: { required: ['RequestItems'], known: { RequestItems: 'map', ReturnConsumedCapacity: CAPACITY } },
    run: batchGet,
  },
};

async function batchWrite(context: ActionContext, request: JsonObject): Promise<JsonObject> {
  const writes = readWrites(context, request);
  const outcomes = await performWrites(context, writes, isCostAsked(request));
  if (outcomes.every((units) => units === undefined)) throw throttled();
  return answerTo(request, writes, outcomes);
}

/** The units that each cost; undefined where it was not done. */
async function performWrites(
  { meters, thread }: ActionContext,
  writes: readonly OneWrite[],
  isAsked: boolean,
): Promise<readonly (number | undefined)[]> {
  const outcomes: (number | undefined)[] = Array.from({ length: writes.length }, () => undefined);
  const perform = async (table: string, indexes: readonly number[]): Promise<void> => {
    const meter = meters.write(table);
    const taken = indexes.filter(() => meter.take(1));
    if (taken.length === 0) return;
    const of = taken.map((i) => writes[i] as OneWrite);
    const before = await thread.request('writeMany', columnsFor(table, of, isAsked || meter.isLimited));
    for (const [at, units] of unitsOf(of, before).entries()) {
      meter.charge(units - 1);
      outcomes[taken[at] as number] = units;
    }
  };
  await Promise.all([...writesByTable(writes)].map(([table, indexes]) => perform(table, indexes)));
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
