/** The Task resources `sqs:sendMessage` and `sqs:sendMessage.waitForTaskToken`, with Step Functions' answers and errors. */
import { randomUUID } from 'node:crypto';
import { type JsonObject, member } from '../../json.ts';
import type { ServiceError } from '../../ports/service-error.ts';
import type { Service, TaskOutcome } from '../../ports/services.ts';
import { failed, handingOver, type HandingOverParams, succeeded } from '../handing-over.ts';
import { sdkMetadata } from '../sdk-metadata.ts';

export function createSqsService(params: HandingOverParams): Service {
  return handingOver(
    {
      service: 'SQS',
      action: 'sendMessage',
      apiAction: 'SendMessage',
      requestOf: (json) => ({ ...json, ...bodyOf(json) }),
      outcomeOf: (members, now) => succeeded(response(members, now)),
      refusalOf: refused,
    },
    params,
  );
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
