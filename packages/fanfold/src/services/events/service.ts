/** The Task resource `events:putEvents`, with Step Functions' answers and errors. */
import { randomUUID } from 'node:crypto';
import { isArray, isObject, type Json, type JsonObject, member } from '../../json.ts';
import type { ServiceError } from '../../ports/service-error.ts';
import type { Service, TaskOutcome, TaskRequest } from '../../ports/services.ts';
import { failed, handingOver, type HandingOverParams, succeeded } from '../handing-over.ts';
import { sdkMetadata } from '../sdk-metadata.ts';

export function createEventsService(params: HandingOverParams): Service {
  return handingOver(
    {
      service: 'EventBridge',
      action: 'putEvents',
      apiAction: 'PutEvents',
      requestOf,
      outcomeOf: (answer, now) =>
        answer['FailedEntryCount'] === 0
          ? succeeded(response(answer, now))
          : failed('EventBridge.FailedEntry', JSON.stringify(answer)),
      refusalOf: refused,
    },
    params,
  );
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
