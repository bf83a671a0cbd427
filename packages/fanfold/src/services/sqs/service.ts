/** The Task resources `sqs:sendMessage` and `sqs:sendMessage.waitForTaskToken`, with Step Functions' answers and errors. */
import { randomUUID } from 'node:crypto';
import { parseResource } from '../../asl/resource.ts';
import { Value } from '../../interpreter/value.ts';
import { isObject, type JsonObject, member } from '../../json.ts';
import type { ApiCall } from '../../ports/api-call.ts';
import { ServiceError } from '../../ports/service-error.ts';
import type { Service, TaskOutcome } from '../../ports/services.ts';
import { attemptKey } from '../attempt-key.ts';
import { sdkMetadata } from '../sdk-metadata.ts';

export interface SqsServiceParams {
  readonly call: ApiCall;
  /** Resolves once everything committed so far survives a power cut: a message cannot be taken back (I2). */
  readonly sync: () => Promise<void>;
  /** Milliseconds since the epoch, for the Date header of a response. */
  readonly now: () => number;
}

export function createSqsService({ call, sync, now }: SqsServiceParams): Service {
  return {
    perform: async (task) => {
      const [action] = (parseResource(task.resource)?.action ?? '').split('.');
      const { json } = task.parameters;
      if (action !== 'sendMessage')
        return failed(
          'States.Runtime',
          `The resource '${task.resource}' is not available here. Of SQS there is sendMessage.`,
        );
      if (!isObject(json)) return failed('States.Runtime', `The Parameters of ${task.resource} must be an object.`);
      try {
        await sync();
        const request = { ...json, ...bodyOf(json) };
        const members = await call('SendMessage', request, { signal: task.signal, idempotencyKey: attemptKey(task) });
        return { kind: 'succeeded', output: Value.ofJson(response(members, now())) };
      } catch (error) {
        if (error instanceof ServiceError) return refused(error);
        throw error;
      }
    },
  };
}

/** A body that is not a text is sent as JSON. */
function bodyOf(json: JsonObject): JsonObject {
  const body = member(json, 'MessageBody') ?? null;
  return body === null || typeof body === 'string' ? {} : { MessageBody: JSON.stringify(body) };
}

function response(members: JsonObject, now: number): JsonObject {
  const requestId = randomUUID();
  const headers = {
    'x-amzn-RequestId': requestId,
    connection: 'keep-alive',
    'Content-Length': String(Buffer.byteLength(JSON.stringify(members))),
    Date: new Date(now).toUTCString(),
    'Content-Type': 'application/x-amz-json-1.0',
  };
  return { ...members, ...sdkMetadata(headers, requestId) };
}

/** Those that the SDK has a class for, with the codes that they have on the wire. */
const NAMED: Readonly<Record<string, { readonly name: string; readonly code: string }>> = {
  QueueDoesNotExist: { name: 'QueueDoesNotExistException', code: 'AWS.SimpleQueueService.NonExistentQueue' },
  InvalidMessageContents: { name: 'InvalidMessageContentsException', code: 'InvalidMessageContents' },
  UnsupportedOperation: { name: 'UnsupportedOperationException', code: 'AWS.SimpleQueueService.UnsupportedOperation' },
};

function refused({ code, message, status }: ServiceError): TaskOutcome {
  const named = Object.hasOwn(NAMED, code) ? NAMED[code] : undefined;
  const details = `(Service: AmazonSQS; Status Code: ${status}; Error Code: ${named?.code ?? code}; Request ID: ${randomUUID()}; Proxy: null)`;
  return failed(`SQS.${named?.name ?? 'AmazonSQSException'}`, `${message} ${details}`);
}

function failed(error: string, cause: string): TaskOutcome {
  return { kind: 'failed', error, cause };
}
