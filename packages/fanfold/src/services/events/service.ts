/** The Task resource `events:putEvents`, with Step Functions' answers and errors. */
import { randomUUID } from 'node:crypto';
import { parseResource } from '../../asl/resource.ts';
import { Value } from '../../interpreter/value.ts';
import { isArray, isObject, type Json, type JsonObject, member } from '../../json.ts';
import type { ApiCall } from '../../ports/api-call.ts';
import { ServiceError } from '../../ports/service-error.ts';
import type { Service, TaskOutcome, TaskRequest } from '../../ports/services.ts';
import { attemptKey } from '../attempt-key.ts';
import { sdkMetadata } from '../sdk-metadata.ts';

export interface EventsServiceParams {
  readonly call: ApiCall;
  /** Resolves once everything committed so far survives a power cut: an event cannot be taken back (I2). */
  readonly sync: () => Promise<void>;
  /** Milliseconds since the epoch, for the Date header of a response. */
  readonly now: () => number;
}

export function createEventsService({ call, sync, now }: EventsServiceParams): Service {
  return {
    perform: async (task) => {
      const [action] = (parseResource(task.resource)?.action ?? '').split('.');
      const { json } = task.parameters;
      if (action !== 'putEvents')
        return failed(
          'States.Runtime',
          `The resource '${task.resource}' is not available here. Of EventBridge there is putEvents.`,
        );
      if (!isObject(json)) return failed('States.Runtime', `The Parameters of ${task.resource} must be an object.`);
      try {
        await sync();
        const answer = await call('PutEvents', requestOf(json, task), {
          signal: task.signal,
          idempotencyKey: attemptKey(task),
        });
        if (answer['FailedEntryCount'] !== 0) return failed('EventBridge.FailedEntry', JSON.stringify(answer));
        return { kind: 'succeeded', output: Value.ofJson(response(answer, now())) };
      } catch (error) {
        if (error instanceof ServiceError) return refused(error);
        throw error;
      }
    },
  };
}

/** A Detail that is not a text is sent as JSON; the execution and its state machine are among the resources. */
function requestOf(json: JsonObject, { task: { executionArn } }: TaskRequest): JsonObject {
  const entries = member(json, 'Entries');
  if (!isArray(entries)) return json;
  const stateMachineArn = executionArn.replace(
    /^(arn:[^:]*:states:[^:]*:[^:]*:)[a-z]+:([^:]+):.*$/s,
    '$1stateMachine:$2',
  );
  return {
    ...json,
    Entries: entries.map((entry): Json => {
      if (!isObject(entry)) return entry;
      const detail = member(entry, 'Detail') ?? null;
      const resources = member(entry, 'Resources') ?? [];
      return {
        ...entry,
        ...(detail !== null && typeof detail !== 'string' && { Detail: JSON.stringify(detail) }),
        ...(isArray(resources) && { Resources: [...resources, executionArn, stateMachineArn] }),
      };
    }),
  };
}

function response(answer: JsonObject, now: number): JsonObject {
  const requestId = randomUUID();
  const headers = {
    'x-amzn-RequestId': requestId,
    'Content-Length': String(Buffer.byteLength(JSON.stringify(answer))),
    Date: new Date(now).toUTCString(),
    'Content-Type': 'application/x-amz-json-1.1',
  };
  return { ...answer, ...sdkMetadata(headers, requestId) };
}

function refused({ code, message, status }: ServiceError): TaskOutcome {
  const name = code === 'ValidationException' ? 'AmazonEventBridgeException' : code;
  const details = `(Service: AmazonEventBridge; Status Code: ${status}; Error Code: ${code}; Request ID: ${randomUUID()}; Proxy: null)`;
  return failed(`EventBridge.${name}`, `${message} ${details}`);
}

function failed(error: string, cause: string): TaskOutcome {
  return { kind: 'failed', error, cause };
}
