/**
 * What tasks call of the tables: the optimised integration `arn:aws:states:::dynamodb:putItem` and its sisters, and
 * `arn:aws:states:::aws-sdk:dynamodb:*`, every action that the API has. Requests, responses and errors are those of Step
 * Functions. What is asked for and not done is refused by name, never left out in silence.
 */
import { randomUUID } from 'node:crypto';
import { parseResource } from '../../asl/resource.ts';
import { DiskError } from '../../database/disk-error.ts';
import { Value } from '../../interpreter/value.ts';
import { isObject, type JsonObject } from '../../json.ts';
import { ServiceError } from '../../ports/service-error.ts';
import type { Service, TaskOutcome, TaskRequest } from '../../ports/services.ts';
import type { TableApi } from '../../ports/tables.ts';
import { UnsupportedParameter } from './api/fields.ts';
import { TABLE_ACTIONS } from './api/table-api.ts';
import { sdkTaskFailure, taskFailure } from './failure.ts';
import { sdkResponse } from './response.ts';
import { fromSdk, toSdk } from './sdk-names.ts';

/** Of the optimised integration. */
const OPTIMISED: ReadonlySet<string> = new Set(['GetItem', 'PutItem', 'UpdateItem', 'DeleteItem']);
const ALL: ReadonlySet<string> = new Set(TABLE_ACTIONS);

interface Dialect {
  /** As the Resource has it. */
  readonly service: string;
  readonly actions: ReadonlySet<string>;
  readonly request: (parameters: JsonObject) => JsonObject;
  readonly response: (answer: JsonObject, requestId: string) => JsonObject;
  readonly failure: (error: unknown, requestId: string) => TaskOutcome;
}

/** `dynamodb:getItem`, … @param now milliseconds since the epoch, for the Date header of a response */
export function createDynamodbService(api: TableApi, now: () => number = Date.now): Service {
  return createService(api, {
    service: 'dynamodb',
    actions: OPTIMISED,
    request: (parameters) => parameters,
    response: (answer, requestId) => sdkResponse(answer, requestId, now()),
    failure: taskFailure,
  });
}

/** `aws-sdk:dynamodb:query`, … */
export function createDynamodbSdkService(api: TableApi): Service {
  return createService(api, {
    service: 'aws-sdk:dynamodb',
    actions: ALL,
    request: fromSdk,
    response: toSdk,
    failure: sdkTaskFailure,
  });
}

function createService(api: TableApi, dialect: Dialect): Service {
  return {
    perform: async (task) => {
      const requestId = randomUUID();
      const action = actionOf(task, dialect.service);
      const parameters = task.parameters.json;
      if (!dialect.actions.has(action)) {
        const known = [...dialect.actions].map((name) => name.charAt(0).toLowerCase() + name.slice(1));
        return refusal(task, `the actions of arn:aws:states:::${dialect.service}: are ${known.join(', ')}`);
      }
      if (!isObject(parameters)) return refusal(task, 'its Parameters must be an object');
      try {
        const answer = await api.call(action, dialect.request(parameters));
        return { kind: 'succeeded', output: Value.ofJson(dialect.response(answer, requestId)) };
      } catch (error) {
        if (error instanceof DiskError) throw error;
        if (isMistake(error)) return refusal(task, error.message);
        return dialect.failure(error, requestId);
      }
    },
  };
}

/** As the wire has it: `GetItem`. */
function actionOf(task: TaskRequest, service: string): string {
  const resource = parseResource(task.resource);
  const action = resource?.service === service ? resource.action.replace(/\..*/, '') : '';
  return action.charAt(0).toUpperCase() + action.slice(1);
}

/** What no table could ever be asked: on AWS too such a state machine would not be. */
function isMistake(error: unknown): error is ServiceError {
  return (
    error instanceof UnsupportedParameter || (error instanceof ServiceError && error.code === 'SerializationException')
  );
}

function refusal({ resource }: TaskRequest, flaw: string): TaskOutcome {
  return {
    kind: 'failed',
    error: 'States.Runtime',
    cause: `The Task with the Resource ${resource} cannot run: ${flaw}`,
  };
}
