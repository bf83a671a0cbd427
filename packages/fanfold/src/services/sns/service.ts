/** The Task resources `sns:publish` and `sns:publish.waitForTaskToken`, with Step Functions' answers and errors. */
import { randomUUID } from 'node:crypto';
import { parseResource } from '../../asl/resource.ts';
import { Value } from '../../interpreter/value.ts';
import { isObject, type JsonObject, member } from '../../json.ts';
import type { ApiCall } from '../../ports/api-call.ts';
import { ServiceError } from '../../ports/service-error.ts';
import type { Service, TaskOutcome } from '../../ports/services.ts';
import { attemptKey } from '../attempt-key.ts';
import { sdkMetadata } from '../sdk-metadata.ts';

export interface SnsServiceParams {
  readonly call: ApiCall;
  /** Resolves once everything committed so far survives a power cut: a message cannot be taken back (I2). */
  readonly sync: () => Promise<void>;
  /** Milliseconds since the epoch, for the Date header of a response. */
  readonly now: () => number;
}

export function createSnsService({ call, sync, now }: SnsServiceParams): Service {
  return {
    perform: async (task) => {
      const [action] = (parseResource(task.resource)?.action ?? '').split('.');
      const { json } = task.parameters;
      if (action !== 'publish')
        return failed(
          'States.Runtime',
          `The resource '${task.resource}' is not available here. Of SNS there is publish.`,
        );
      if (!isObject(json)) return failed('States.Runtime', `The Parameters of ${task.resource} must be an object.`);
      try {
        await sync();
        const request = { ...json, ...messageOf(json) };
        const { MessageId = '' } = await call('Publish', request, {
          signal: task.signal,
          idempotencyKey: attemptKey(task),
        });
        return { kind: 'succeeded', output: Value.ofJson(response(String(MessageId), now())) };
      } catch (error) {
        if (error instanceof ServiceError) return refused(error);
        throw error;
      }
    },
  };
}

/** A message that is not a text is sent as JSON. */
function messageOf(json: JsonObject): JsonObject {
  const message = member(json, 'Message') ?? null;
  return message === null || typeof message === 'string' ? {} : { Message: JSON.stringify(message) };
}

/** The length of what SNS answers on the wire, without its two ids. */
const ENVELOPE_BYTES = 222;

function response(messageId: string, now: number): JsonObject {
  const requestId = randomUUID();
  const headers = {
    'x-amzn-RequestId': requestId,
    connection: 'keep-alive',
    'Content-Length': String(ENVELOPE_BYTES + messageId.length + requestId.length),
    Date: new Date(now).toUTCString(),
    'Content-Type': 'text/xml',
  };
  return { MessageId: messageId, ...sdkMetadata(headers, requestId) };
}

function refused({ code, message, status }: ServiceError): TaskOutcome {
  const details = `(Service: AmazonSNS; Status Code: ${status}; Error Code: ${code}; Request ID: ${randomUUID()}; Proxy: null)`;
  return failed(`SNS.${code}Exception`, `${message} ${details}`);
}

function failed(error: string, cause: string): TaskOutcome {
  return { kind: 'failed', error, cause };
}
