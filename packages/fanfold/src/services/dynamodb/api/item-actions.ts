/** PutItem, UpdateItem, DeleteItem and GetItem. */
import type { JsonObject } from '../../../json.ts';
import { ServiceError } from '../../../ports/service-error.ts';
import type { Item } from '../../../ports/tables.ts';
import { encodeItem, encodeKey } from '../encode.ts';
import { parseCondition } from '../expression/condition-parser.ts';
import { namesOf } from '../expression/names.ts';
import { project } from '../expression/path.ts';
import { parseProjection } from '../expression/projection-parser.ts';
import type { Condition, Path, UpdateAction } from '../expression/syntax.ts';
import { parseUpdate } from '../expression/update-parser.ts';
import type { Change, StoredItem } from '../operations.ts';
import { type EncodedKey, keyAttributes } from '../table-key.ts';
import { leastRead, readUnits, throttled, writeUnits } from '../throughput.ts';
import { invalidValues, validationError } from '../validation.ts';
import { type Action, type ActionContext, CAPACITY, consumed, tableOf } from './action.ts';

const WRITE_FIELDS = {
  TableName: 'text',
  ConditionExpression: 'text',
  ExpressionAttributeNames: 'map',
  ExpressionAttributeValues: 'map',
  ReturnConsumedCapacity: CAPACITY,
  ReturnItemCollectionMetrics: ['SIZE', 'NONE'],
  ReturnValuesOnConditionCheckFailure: ['ALL_OLD', 'NONE'],
} as const;
const ALL_RETURN_VALUES: readonly string[] = ['ALL_NEW', 'UPDATED_OLD', 'ALL_OLD', 'NONE', 'UPDATED_NEW'];

export const itemActions: Readonly<Record<string, Action>> = {
  PutItem: {
    fields: {
      required: ['TableName', 'Item'],
      known: { ...WRITE_FIELDS, Item: 'map', ReturnValues: ALL_RETURN_VALUES },
    },
    run: putItem,
  },
  UpdateItem: {
    fields: {
      required: ['TableName', 'Key'],
      known: { ...WRITE_FIELDS, Key: 'map', UpdateExpression: 'text', ReturnValues: ALL_RETURN_VALUES },
    },
    run: updateItem,
  },
  DeleteItem: {
    fields: {
      required: ['TableName', 'Key'],
      known: { ...WRITE_FIELDS, Key: 'map', ReturnValues: ALL_RETURN_VALUES },
    },
    run: deleteItem,
  },
  GetItem: {
    fields: {
      required: ['TableName', 'Key'],
      known: {
        TableName: 'text',
        Key: 'map',
        ConsistentRead: 'boolean',
        ProjectionExpression: 'text',
        ExpressionAttributeNames: 'map',
        ReturnConsumedCapacity: CAPACITY,
      },
    },
    run: getItem,
  },
};

async function putItem(context: ActionContext, request: JsonObject): Promise<JsonObject> {
  checkReturnValues(request, ['ALL_OLD', 'NONE']);
  const condition = conditionOf(request);
  const { description } = tableOf(context, request['TableName']);
  const { partition, sort, item, size } = encodeItem(description, request['Item']);
  const { before, cost } = await write(context, request, { partition, sort }, condition, { kind: 'put', item, size });
  return { ...attributes(request['ReturnValues'] === 'ALL_OLD' ? before : undefined), ...cost };
}

async function deleteItem(context: ActionContext, request: JsonObject): Promise<JsonObject> {
  checkReturnValues(request, ['ALL_OLD', 'NONE']);
  const condition = conditionOf(request);
  const { description } = tableOf(context, request['TableName']);
  const { partition, sort } = encodeKey(description, request['Key']);
  const { before, cost } = await write(context, request, { partition, sort }, condition, { kind: 'delete' });
  return { ...attributes(request['ReturnValues'] === 'ALL_OLD' ? before : undefined), ...cost };
}

async function updateItem(context: ActionContext, request: JsonObject): Promise<JsonObject> {
  const { actions, condition } = expressionsOf(request);
  const { description } = tableOf(context, request['TableName']);
  const { partition, sort, key } = encodeKey(description, request['Key']);
  const keys = keyAttributes(description).map(({ name }) => name);
  const touched = actions.map(({ path: [head] }) => head as string).find((head) => keys.includes(head));
  if (touched !== undefined)
    throw invalidValues(`Cannot update attribute ${touched}. This attribute is part of the key`);
  const change: Change = { kind: 'update', key, actions };
  const { before, after, cost } = await write(context, request, { partition, sort }, condition, change);
  const paths = actions.map(({ path }) => path);
  return { ...updated(String(request['ReturnValues'] ?? 'NONE'), paths, before, after), ...cost };
}

async function getItem(context: ActionContext, request: JsonObject): Promise<JsonObject> {
  const names = namesOf(request, ['ProjectionExpression']);
  const text = request['ProjectionExpression'] as string | undefined;
  const paths = text === undefined ? undefined : parseProjection('ProjectionExpression', text, names);
  names.checkUse();
  const { description } = tableOf(context, request['TableName']);
  const { table } = description;
  const { partition, sort } = encodeKey(description, request['Key']);
  const isConsistent = request['ConsistentRead'] === true;
  const meter = context.meters.read(table);
  const least = leastRead(isConsistent);
  if (!meter.take(least)) throw throttled();
  const found = await context.thread.request('get', { table, partition, sort });
  const units = readUnits(found?.size ?? 0, isConsistent);
  meter.charge(units - least);
  const item = found && (JSON.parse(found.item) as Item);
  return { ...(item && { Item: paths ? project(item, paths) : item }), ...consumed(request, table, units) };
}

interface Written {
  readonly before?: StoredItem;
  readonly after?: StoredItem;
  readonly cost: JsonObject;
}

/** @throws ServiceError ConditionalCheckFailedException, ValidationException, ProvisionedThroughputExceededException */
async function write(
  context: ActionContext,
  request: JsonObject,
  key: EncodedKey,
  condition: Condition | undefined,
  change: Change,
): Promise<Written> {
  const { table } = tableOf(context, request['TableName']).description;
  const meter = context.meters.write(table);
  if (!meter.take(1)) throw throttled();
  const answer = await context.thread.request('write', { table, ...key, condition, change });
  if (answer.kind === 'invalid') throw validationError(answer.message);
  const after = answer.kind === 'done' ? answer.after?.size : undefined;
  const units = writeUnits(answer.before?.size ?? 0, after ?? 0);
  meter.charge(units - 1);
  if (answer.kind === 'done') return { ...answer, cost: consumed(request, table, units) };
  const isWanted = request['ReturnValuesOnConditionCheckFailure'] === 'ALL_OLD' && answer.before;
  throw new ServiceError(
    'ConditionalCheckFailedException',
    'The conditional request failed',
    400,
    isWanted ? { Item: JSON.parse(isWanted.item) as JsonObject } : {},
  );
}

function conditionOf(request: JsonObject): Condition | undefined {
  const names = namesOf(request, ['ConditionExpression']);
  const text = request['ConditionExpression'] as string | undefined;
  const condition = text === undefined ? undefined : parseCondition('ConditionExpression', text, names);
  names.checkUse();
  return condition;
}

function expressionsOf(request: JsonObject): {
  readonly actions: readonly UpdateAction[];
  readonly condition: Condition | undefined;
} {
  const names = namesOf(request, ['UpdateExpression', 'ConditionExpression']);
  const { UpdateExpression: update, ConditionExpression: text } = request as Readonly<Record<string, string>>;
  const actions = update === undefined ? [] : parseUpdate('UpdateExpression', update, names);
  const condition = text === undefined ? undefined : parseCondition('ConditionExpression', text, names);
  names.checkUse();
  return { actions, condition };
}

/** What there is nothing of is left out. */
function updated(
  wanted: string,
  paths: readonly Path[],
  before: StoredItem | undefined,
  after: StoredItem | undefined,
): JsonObject {
  if (wanted === 'NONE') return {};
  const stored = wanted.endsWith('OLD') ? before : after;
  if (!stored || wanted.startsWith('ALL')) return attributes(stored);
  const found = project(JSON.parse(stored.item) as Item, paths);
  return Object.keys(found).length > 0 ? { Attributes: found } : {};
}

function attributes(stored: StoredItem | undefined): JsonObject {
  return stored ? { Attributes: JSON.parse(stored.item) as JsonObject } : {};
}

function checkReturnValues(request: JsonObject, allowed: readonly string[]): void {
  const wanted = request['ReturnValues'] ?? 'NONE';
  if (!allowed.includes(wanted as string)) throw validationError('Return values set to invalid value');
}
