/** The Task resources `sns:publish` and `sns:publish.waitForTaskToken`, with Step Functions' answers and errors. */
import { randomUUID } from 'node:crypto';
import { type JsonObject, member } from '../../json.ts';
import type { ServiceError } from '../../ports/service-error.ts';
import type { Service, TaskOutcome } from '../../ports/services.ts';
import { failed, handingOver, type HandingOverParams, succeeded } from '../handing-over.ts';
import { sdkMetadata } from '../sdk-metadata.ts';

export function createSnsService(params: HandingOverParams): Service {
  return handingOver(
    {
      service: 'SNS',
      action: 'publish',
      apiAction: 'Publish',
      requestOf: (json) => ({ ...json, ...messageOf(json) }),
      outcomeOf: ({ MessageId = '' }, now) => succeeded(response(String(MessageId), now)),
      refusalOf: refused,
    },
    params,
  );
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
