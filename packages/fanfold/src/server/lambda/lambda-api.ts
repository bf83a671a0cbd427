/**
 * The Invoke API of AWS Lambda, for the functions of the project.
 * https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html
 */
import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { isUtf8 } from 'node:buffer';
import type { Limits } from '../../interpreter/limits.ts';
import { functionError } from '../../ports/function-error.ts';
import type { Functions, InvokeResult } from '../../ports/functions.ts';
import { createLogTail } from '../../ports/log-tail.ts';
import type { Logger } from '../../ports/logger.ts';
import { ServiceError } from '../../ports/service-error.ts';
import { BodyTooLarge, ClientGone, readBody } from '../body.ts';
import type { Guard } from '../guard.ts';

export interface LambdaApiParams {
  readonly functions: Pick<Functions, 'invoke' | 'has'>;
  /** Takes an invocation whose result nobody waits for, for the execution that asks, if one does. Returns once it is kept. */
  readonly invokeLater: (functionName: string, payload: string, execution: string | undefined) => void;
  readonly limits: Limits;
  readonly logger: Logger;
  readonly guard: Guard;
}

export type LambdaApi = (incoming: IncomingMessage, outgoing: ServerResponse) => Promise<void>;

/** Bytes of an event. */
const LONGEST_EVENT: Readonly<Record<Limits, number>> = { aws: 6_291_556, local: 64 * 1024 * 1024 };

/** Bytes of a result. */
const LONGEST_RESULT: Readonly<Record<Limits, number>> = { aws: LONGEST_EVENT.aws, local: Number.POSITIVE_INFINITY };

const INVOKE = /^\/2015-03-31\/functions\/([^/?]+)\/invocations(?:\?|$)/;
const SCOPE = /^AWS4-HMAC-SHA256 Credential=[^,]*\/lambda\/aws4_request/;

/** Whether a request is for this API: no object of S3 is posted to, and others say in their signature whom they mean. */
export function isLambdaCall({ url = '', method, headers }: IncomingMessage): boolean {
  return (method === 'POST' && INVOKE.test(url)) || SCOPE.test(headers.authorization ?? '');
}

export function createLambdaApi(params: LambdaApiParams): LambdaApi {
  return async (incoming, outgoing) => {
    const requestId = randomUUID();
    try {
      send(outgoing, requestId, await answer(params, incoming, requestId));
    } catch (error) {
      if (error instanceof ClientGone) return;
      const refused = error instanceof BodyTooLarge ? tooLarge(LONGEST_EVENT[params.limits]) : error;
      if (!(refused instanceof ServiceError))
        params.logger.error('An invocation failed', { target: incoming.url, error });
      send(outgoing, requestId, refusal(refused));
    }
  };
}

interface Answer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** @throws ServiceError, BodyTooLarge, ClientGone */
async function answer(params: LambdaApiParams, incoming: IncomingMessage, requestId: string): Promise<Answer> {
  const { functions, limits, invokeLater, guard } = params;
  const { url = '', method, headers } = incoming;
  const name = method === 'POST' ? INVOKE.exec(url)?.[1] : undefined;
  if (name === undefined) {
    incoming.resume();
    throw notHere(url);
  }
  const functionName = qualified(decode(name), new URLSearchParams(url.split('?')[1]).get('Qualifier'));
  const body = await readBody(incoming, LONGEST_EVENT[limits]);
  const { check, execution } = guard.caller(incoming, body);
  check('lambda', 'Invoke', () => ({ FunctionName: functionName }));
  const payload = eventOf(body);
  if (headers['x-amz-client-context'] !== undefined)
    throw new ServiceError('InvalidParameterValueException', 'ClientContext is not supported here; leave it out.');
  const type = headers['x-amz-invocation-type'] ?? 'RequestResponse';
  if (type === 'DryRun' || type === 'Event') {
    if (!functions.has(functionName)) throw notFound(functionName);
    if (type === 'DryRun') return { status: 204 };
    invokeLater(functionName, payload, execution);
    return { status: 202 };
  }
  if (type !== 'RequestResponse')
    throw new ServiceError(
      'InvalidParameterValueException',
      `There is no invocation type ${String(type)}; there are RequestResponse, Event and DryRun.`,
    );
  const logType = headers['x-amz-log-type'] ?? 'None';
  if (logType !== 'None' && logType !== 'Tail')
    throw new ServiceError(
      'InvalidParameterValueException',
      `There is no log type ${String(logType)}; there are None and Tail.`,
    );
  const tail = logType === 'Tail' ? createLogTail() : undefined;
  const result = await functions.invoke({
    functionName,
    payload,
    requestId,
    idempotencyKey: `invoke:${requestId}`,
    // What a function has another one do is done for the same execution.
    ...(execution !== undefined && { execution }),
    ...(tail && { onLog: tail.add }),
  });
  const told = answered(result, requestId, LONGEST_RESULT[limits]);
  return {
    status: 200,
    headers: {
      'Content-Type': 'application/json',
      'X-Amz-Executed-Version': '$LATEST',
      ...(told.isError && { 'X-Amz-Function-Error': 'Unhandled' }),
      ...(tail && { 'X-Amz-Log-Result': tail.read() }),
    },
    body: told.payload,
  };
}

function answered(
  result: InvokeResult,
  requestId: string,
  longest: number,
): { readonly isError: boolean; readonly payload: string } {
  if (result.kind !== 'returned') return { isError: true, payload: functionError(result, requestId).payload };
  if (result.payload.length * 3 <= longest || Buffer.byteLength(result.payload) <= longest)
    return { isError: false, payload: result.payload };
  const errorMessage = `Response payload size exceeded maximum allowed payload size (${longest} bytes).`;
  return { isError: true, payload: JSON.stringify({ errorMessage, errorType: 'Function.ResponseSizeTooLarge' }) };
}

/** @throws ServiceError */
function eventOf(body: Buffer): string {
  if (body.length === 0) return '{}';
  const text = isUtf8(body) ? body.toString() : '';
  try {
    JSON.parse(text);
    return text;
  } catch (error) {
    throw new ServiceError(
      'InvalidRequestContentException',
      `Could not parse request body into json: ${(error as Error).message}`,
    );
  }
}

/** @throws ServiceError */
function decode(name: string): string {
  try {
    return decodeURIComponent(name);
  } catch {
    throw new ServiceError('InvalidParameterValueException', `'${name}' is not the name of a function.`);
  }
}

function qualified(name: string, qualifier: string | null): string {
  return qualifier === null ? name : `${name}:${qualifier}`;
}

function send(outgoing: ServerResponse, requestId: string, { status, headers, body }: Answer): void {
  if (outgoing.destroyed) return;
  const length = status === 204 ? {} : { 'Content-Length': Buffer.byteLength(body ?? '') };
  outgoing.writeHead(status, { 'x-amzn-RequestId': requestId, ...headers, ...length });
  outgoing.end(body);
}

function refusal(error: unknown): Answer {
  const { code, message, status } =
    error instanceof ServiceError
      ? error
      : new ServiceError('ServiceException', 'The request failed inside the server; its log says how.', 500);
  return {
    status,
    headers: { 'Content-Type': 'application/json', 'x-amzn-ErrorType': code },
    body: JSON.stringify({ Type: status < 500 ? 'User' : 'Service', Message: message }),
  };
}

function tooLarge(bytes: number): ServiceError {
  return new ServiceError(
    'RequestTooLargeException',
    `Request must be smaller than ${bytes} bytes for the InvokeFunction operation`,
    413,
  );
}

function notFound(name: string): ServiceError {
  return new ServiceError('ResourceNotFoundException', `Function not found: ${name}`, 404);
}

/** What of Lambda's API is set in the project file: the end of the path, and the key that it is set with. */
const KEYS: readonly (readonly [RegExp, string])[] = [
  [/\/policy(?:\/|$)/, '`invokedBy` of the function'],
  [/\/(?:provisioned-)?concurrency$/, '`concurrency` of the function'],
  [/\/event-source-mappings\b/, '`triggers`, and by the subscriptions of `topics` and the targets of `rules`'],
  [/^/, '`functions`'],
];

function notHere(url: string): ServiceError {
  const path = url.replace(/\?.*/s, '').replace(/\/$/, '');
  const [, key = ''] = KEYS.find(([end]) => end.test(path)) ?? [];
  return new ServiceError(
    'UnknownOperationException',
    `Of the API of Lambda this server has Invoke. What this asks for is set in the project file, by ${key}.`,
    404,
  );
}
