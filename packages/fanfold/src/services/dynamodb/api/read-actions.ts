/** Query and Scan. */
import type { JsonObject } from '../../../json.ts';
import type { Item, TableDescription } from '../../../ports/tables.ts';
import { encodeStart } from '../encode.ts';
import { parseCondition } from '../expression/condition-parser.ts';
import { readKeyCondition } from '../expression/key-condition.ts';
import { type Names, namesOf } from '../expression/names.ts';
import { project } from '../expression/path.ts';
import { parseProjection } from '../expression/projection-parser.ts';
import type { Condition, Operand, Path } from '../expression/syntax.ts';
import type { Page } from '../operations.ts';
import type { SortRange } from '../sort-range.ts';
import { keyAttributes } from '../table-key.ts';
import { leastRead, readUnits, throttled } from '../throughput.ts';
import { validationError } from '../validation.ts';
import { type Action, type ActionContext, CAPACITY, consumed, tableOf } from './action.ts';
import { throwProblems } from './fields.ts';

const READ_FIELDS = {
  TableName: 'text',
  FilterExpression: 'text',
  ProjectionExpression: 'text',
  ExpressionAttributeNames: 'map',
  ExpressionAttributeValues: 'map',
  ExclusiveStartKey: 'map',
  Limit: 'integer',
  Select: ['SPECIFIC_ATTRIBUTES', 'COUNT', 'ALL_ATTRIBUTES', 'ALL_PROJECTED_ATTRIBUTES'],
  ConsistentRead: 'boolean',
  ReturnConsumedCapacity: CAPACITY,
} as const;

export const readActions: Readonly<Record<string, Action>> = {
  Query: {
    fields: {
      required: ['TableName'],
      known: { ...READ_FIELDS, KeyConditionExpression: 'text', ScanIndexForward: 'boolean' },
    },
    run: query,
  },
  Scan: { fields: { required: ['TableName'], known: READ_FIELDS }, run: scan },
};

/** No page gets so long: it has so many bytes before. */
const NO_LIMIT = 1_000_000;

async function query(context: ActionContext, request: JsonObject): Promise<JsonObject> {
  const { KeyConditionExpression: text } = request;
  if (text === undefined)
    throw validationError(
      'Either the KeyConditions or KeyConditionExpression parameter must be specified in the request.',
    );
  const names = namesOf(request, ['ProjectionExpression', 'FilterExpression', 'KeyConditionExpression']);
  // Its syntax comes first, whether the table is there or not.
  parseCondition('KeyConditionExpression', text as string, names);
  const shape = shapeOf(request, names);
  names.checkUse();
  const { description } = tableOf(context, request['TableName']);
  const { partition, range } = readKeyCondition(description, text as string, names);
  checkFilter(description, shape.filter);
  const { table } = description;
  const start =
    request['ExclusiveStartKey'] === undefined ? undefined : encodeStart(description, request['ExclusiveStartKey']);
  if (start && start.partition !== partition)
    throw validationError('The provided starting key is outside query boundaries based on provided conditions');
  if (start && !isWithin(start.sort, range))
    throw validationError('The provided starting key does not match the range key predicate');
  return answer(context, request, table, shape, () =>
    context.thread.request('query', {
      table,
      partition,
      range,
      forward: request['ScanIndexForward'] !== false,
      after: start?.sort,
      limit: shape.limit,
      filter: shape.filter,
      countOnly: shape.countOnly,
    }),
  );
}

async function scan(context: ActionContext, request: JsonObject): Promise<JsonObject> {
  const names = namesOf(request, ['ProjectionExpression', 'FilterExpression']);
  const shape = shapeOf(request, names);
  names.checkUse();
  const { description } = tableOf(context, request['TableName']);
  const { table } = description;
  const { ExclusiveStartKey: key } = request;
  const after = key === undefined ? undefined : encodeStart(description, key);
  const { limit, filter, countOnly } = shape;
  return answer(context, request, table, shape, () =>
    context.thread.request('scan', { table, after, limit, filter, countOnly }),
  );
}

/** What a query and a scan have in common. */
interface Shape {
  readonly limit: number;
  readonly filter: Condition | undefined;
  readonly paths: readonly Path[] | undefined;
  readonly countOnly: boolean;
}

function shapeOf(request: JsonObject, names: Names): Shape {
  const { FilterExpression: filter, ProjectionExpression: projection, Limit: limit = NO_LIMIT } = request;
  if ((limit as number) < 1)
    throwProblems([
      `Value '${String(limit)}' at 'limit' failed to satisfy constraint: Member must have value greater than or equal to 1`,
    ]);
  const countOnly = checkSelect(request['Select'] as string | undefined, projection !== undefined);
  return {
    limit: Math.min(limit as number, NO_LIMIT),
    filter: filter === undefined ? undefined : parseCondition('FilterExpression', filter as string, names),
    paths: projection === undefined ? undefined : parseProjection('ProjectionExpression', projection as string, names),
    countOnly,
  };
}

/** @returns whether only a count is asked for */
function checkSelect(select: string | undefined, hasProjection: boolean): boolean {
  if (select === 'ALL_PROJECTED_ATTRIBUTES')
    throw validationError(
      'One or more parameter values were invalid: ALL_PROJECTED_ATTRIBUTES can be used only when Querying using an IndexName',
    );
  if (select === 'SPECIFIC_ATTRIBUTES' && !hasProjection)
    throw validationError(
      'Must specify the AttributesToGet or ProjectionExpression when choosing to get SPECIFIC_ATTRIBUTES',
    );
  if (hasProjection && select === 'COUNT')
    throw validationError('Cannot specify the ProjectionExpression when choosing to get only the Count');
  if (hasProjection && select === 'ALL_ATTRIBUTES')
    throw validationError('Cannot specify the ProjectionExpression when choosing to get ALL_ATTRIBUTES');
  return select === 'COUNT';
}

async function answer(
  { meters }: ActionContext,
  request: JsonObject,
  table: string,
  { limit, paths, countOnly }: Shape,
  read: () => Promise<Page>,
): Promise<JsonObject> {
  const isConsistent = request['ConsistentRead'] === true;
  const meter = meters.read(table);
  const least = leastRead(isConsistent);
  if (!meter.take(least)) throw throttled();
  const { items, count, scanned, size, last, more } = await read();
  const units = readUnits(size, isConsistent);
  meter.charge(units - least);
  const found = items.map((text) => {
    const item = JSON.parse(text) as Item;
    return paths ? project(item, paths) : item;
  });
  return {
    ...(!countOnly && { Items: found }),
    Count: count,
    ScannedCount: scanned,
    // As AWS: a page that the limit ended has one, whether there is more behind it or not.
    ...(last !== undefined && (more || scanned === limit) && { LastEvaluatedKey: JSON.parse(last) as JsonObject }),
    ...consumed(request, table, units),
  };
}

/** The key is for the key condition. */
function checkFilter(description: TableDescription, filter: Condition | undefined): void {
  if (!filter) return;
  const heads = new Set(headsOf(filter));
  const key = keyAttributes(description).find(({ name }) => heads.has(name));
  if (key)
    throw validationError(
      `Filter Expression can only contain non-primary key attributes: Primary key attribute: ${key.name}`,
    );
}

function* headsOf(condition: Condition): Generator<string | number | undefined> {
  switch (condition.kind) {
    case 'and':
    case 'or':
      for (const each of condition.all) yield* headsOf(each);
      return;
    case 'not':
      yield* headsOf(condition.condition);
      return;
    case 'compare':
      yield* [condition.left, condition.right].map(headOf);
      return;
    case 'between':
      yield* [condition.operand, condition.low, condition.high].map(headOf);
      return;
    case 'in':
      yield* [condition.operand, ...condition.list].map(headOf);
      return;
    case 'call':
      yield* condition.operands.map(headOf);
      return;
    default:
      return condition satisfies never;
  }
}

function headOf(operand: Operand): string | number | undefined {
  if (operand.kind === 'size') return headOf(operand.of);
  return operand.kind === 'path' ? operand.path[0] : undefined;
}

function isWithin(sort: string, { low, high }: SortRange): boolean {
  const order = (key: string): number => Buffer.compare(Buffer.from(sort), Buffer.from(key));
  if (low && order(low.key) < (low.inclusive ? 0 : 1)) return false;
  return !high || order(high.key) <= (high.inclusive ? 0 : -1);
}
