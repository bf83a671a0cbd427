/**
 * The Task resources `arn:aws:states:::dynamodb:putItem` and `…:getItem`, over whatever has the port `Tables`. Requests,
 * responses and errors are those of Step Functions' optimised integration. What is asked for and not done is refused by
 * name, never left out in silence.
 */
import { randomUUID } from 'node:crypto';
import { parseResource } from '../../asl/resource.ts';
import { DiskError } from '../../database/disk-error.ts';
import { Value } from '../../interpreter/value.ts';
import { isObject, type Json, type JsonObject, member } from '../../json.ts';
import { ServiceError } from '../../ports/service-error.ts';
import type { Service, TaskOutcome, TaskRequest } from '../../ports/services.ts';
import type { Item, Tables } from '../../ports/tables.ts';
import { taskFailure } from './failure.ts';
import { sdkResponse } from './response.ts';
import { keyAttributes } from './table-key.ts';
import { validationError } from './validation.ts';

interface Action {
  /** The members of the request it needs. */
  readonly required: readonly string[];
  /** The others that may be there: with any value, or with one of these only. */
  readonly optional: Readonly<Record<string, 'any' | readonly Json[]>>;
  /** @returns the members of the response @throws ServiceError */
  perform(tables: Tables, request: JsonObject): Promise<JsonObject>;
}

const ACTIONS: ReadonlyMap<string, Action> = new Map([
  [
    'putItem',
    {
      required: ['TableName', 'Item'],
      optional: {
        ConditionExpression: 'any',
        ReturnConsumedCapacity: ['NONE'],
        ReturnItemCollectionMetrics: ['NONE'],
        ReturnValues: ['NONE'],
        ReturnValuesOnConditionCheckFailure: ['NONE'],
      },
      perform: putItem,
    },
  ],
  [
    'getItem',
    {
      required: ['TableName', 'Key'],
      // Every read sees every write that was acknowledged before.
      optional: { ConsistentRead: [true, false], ReturnConsumedCapacity: ['NONE'] },
      perform: getItem,
    },
  ],
]);

/** @param now milliseconds since the epoch, for the Date header of a response */
export function createDynamodbService(tables: Tables, now: () => number = Date.now): Service {
  return {
    perform: async (request) => {
      const requestId = randomUUID();
      try {
        return await perform(tables, request, requestId, now);
      } catch (error) {
        if (error instanceof DiskError) throw error;
        return taskFailure(error, requestId);
      }
    },
  };
}

async function perform(tables: Tables, task: TaskRequest, requestId: string, now: () => number): Promise<TaskOutcome> {
  const resource = parseResource(task.resource);
  const action = resource?.service === 'dynamodb' ? ACTIONS.get(resource.action) : undefined;
  const request = task.parameters.json;
  if (!action) return refusal(task, 'use arn:aws:states:::dynamodb:putItem or arn:aws:states:::dynamodb:getItem');
  if (!isObject(request)) return refusal(task, 'its Parameters must be an object');
  const flaw = findUnsupported(action, request);
  if (flaw) return refusal(task, flaw);
  checkRequired(action, request);
  const members = await action.perform(tables, request);
  return { kind: 'succeeded', output: Value.ofJson(sdkResponse(members, requestId, now())) };
}

function refusal({ resource }: TaskRequest, flaw: string): TaskOutcome {
  return {
    kind: 'failed',
    error: 'States.Runtime',
    cause: `The Task with the Resource ${resource} cannot run: ${flaw}.`,
  };
}

/** In words, or undefined when there is none. A member that is null is as good as absent. */
function findUnsupported({ required, optional }: Action, request: JsonObject): string | undefined {
  for (const [name, value] of Object.entries(request)) {
    if (value === null || required.includes(name)) continue;
    const allowed = Object.hasOwn(optional, name) ? optional[name] : undefined;
    if (!allowed) return `the field ${JSON.stringify(name)} is not supported; leave it out`;
    if (allowed !== 'any' && !allowed.includes(value))
      return `the field ${JSON.stringify(name)} supports only ${allowed.join(' or ')}, not ${JSON.stringify(value)}`;
  }
  return undefined;
}

/** @throws ServiceError ValidationException */
function checkRequired({ required }: Action, request: JsonObject): void {
  const missing = required.filter((name) => (member(request, name) ?? null) === null);
  if (missing.length === 0) return;
  const list = missing.map((name) => {
    const camel = name.charAt(0).toLowerCase() + name.slice(1);
    return `Value null at '${camel}' failed to satisfy constraint: Member must not be null`;
  });
  const errors = missing.length === 1 ? '1 validation error' : `${missing.length} validation errors`;
  throw validationError(`${errors} detected: ${list.join('; ')}`);
}

async function putItem(tables: Tables, request: JsonObject): Promise<JsonObject> {
  const table = tableOf(request);
  const condition = member(request, 'ConditionExpression') ?? null;
  if (condition !== null) await checkCondition(tables, table, condition);
  await tables.put({ table, item: request.Item as Item, ifAbsent: condition !== null });
  return {};
}

async function getItem(tables: Tables, request: JsonObject): Promise<JsonObject> {
  const item = await tables.get({ table: tableOf(request), key: request.Key as Item });
  return item ? { Item: item } : {};
}

const TABLE_ARN = /^arn:[^:]*:dynamodb:[^:]*:[^:]*:table\/(.+)$/;
const NOT_EXISTS = /^\s*attribute_not_exists\s*\(\s*([A-Za-z_][A-Za-z0-9_]*)\s*\)\s*$/;

/** A name, or an ARN, of which only the name counts. */
function tableOf(request: JsonObject): string {
  const name = member(request, 'TableName');
  if (typeof name !== 'string') throw validationError(`TableName must be a text, not ${JSON.stringify(name)}`);
  return TABLE_ARN.exec(name)?.[1] ?? name;
}

/**
 * Of a key's attribute, `attribute_not_exists` says that there is no such item; of any other it would say something else.
 * @throws ServiceError ValidationException
 */
async function checkCondition(tables: Tables, table: string, condition: Json): Promise<void> {
  const name = typeof condition === 'string' ? NOT_EXISTS.exec(condition)?.[1] : undefined;
  const description = await tables.describe(table);
  if (!description) throw new ServiceError('ResourceNotFoundException', 'Requested resource not found');
  if (name !== undefined && keyAttributes(description).some((attribute) => attribute.name === name)) return;
  const keys = keyAttributes(description).map((attribute) => `attribute_not_exists(${attribute.name})`);
  throw validationError(
    `Invalid ConditionExpression: ${JSON.stringify(condition)} is not supported; for ${table} use ${keys.join(' or ')}`,
  );
}
