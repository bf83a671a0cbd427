/** The APIs of AWS in its JSON protocol, told apart by X-Amz-Target: a request in, an answer out. HTTP itself is elsewhere. */
import { randomUUID } from 'node:crypto';
import { crc32 } from 'node:zlib';
import type { JsonObject } from '../json.ts';
import type { Logger } from '../ports/logger.ts';
import { parseBody } from '../ports/json-body.ts';
import { ServiceError } from '../ports/service-error.ts';

export interface WireAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export interface JsonCallOptions {
  /** Aborted when the client is gone. */
  readonly signal: AbortSignal;
  /** Fanfold's own client is asking. */
  readonly details: boolean;
}

/** One API, and how its answers differ from those of the others. */
export interface JsonApi {
  /** @throws ServiceError */
  readonly call: (action: string, input: JsonObject, options: JsonCallOptions) => Promise<JsonObject>;
  /** Of actions whose requests are read elsewhere, by their names: bytes of JSON in, JSON out. @throws ServiceError */
  readonly unread?: Readonly<Record<string, (body: Buffer) => Promise<string>>>;
  /** @defaultValue 1.0 */
  readonly version?: '1.0' | '1.1';
  /** How long a request may be, in bytes. @defaultValue that of the server */
  readonly longestRequest?: number;
  /** By what clients tell an error, made of its code. @defaultValue the code */
  readonly errorType?: (code: string) => string;
  /** Of an API that had the Query protocol before: the code there, which clients go on showing. @defaultValue none */
  readonly queryCode?: (code: string) => string;
  /** What stands for a failure of the server itself. @defaultValue InternalFailure */
  readonly failure?: string;
  /** Whether clients hold an answer against its CRC-32. @defaultValue false */
  readonly checksum?: boolean;
  /** The code with which a request without an Authorization header is refused, whoever is named in it. @defaultValue it is not */
  readonly withoutCredentials?: string;
}

/** By what stands before the dot of X-Amz-Target: `AmazonSQS`. */
export type JsonApis = Readonly<Record<string, JsonApi>>;

export interface JsonRequest extends JsonCallOptions {
  /** The X-Amz-Target header. */
  readonly target: string | undefined;
  /** The Authorization header. */
  readonly authorization: string | undefined;
  readonly body: Buffer;
  /** @throws ServiceError when who asks may not make this call, or what `input` throws, which only some callers are asked for */
  readonly authorise: (service: string, action: string, input: () => JsonObject) => void;
}

/** Services by their targets, where policies know them by another name than the target in lower case. */
const IN_POLICIES: Readonly<Record<string, string>> = {
  AWSStepFunctions: 'states',
  DynamoDB_20120810: 'dynamodb',
  AmazonSQS: 'sqs',
  AWSEvents: 'events',
};

export function findJsonApi(apis: JsonApis, target: string | undefined): JsonApi | undefined {
  const [service = ''] = (target ?? '').split('.');
  return Object.hasOwn(apis, service) ? apis[service] : undefined;
}

export async function callJsonApi(apis: JsonApis, request: JsonRequest, logger: Logger): Promise<WireAnswer> {
  const { target, authorization, body, authorise, ...options } = request;
  const api = findJsonApi(apis, target);
  try {
    if (!api) throw unknownTarget(apis, target);
    // As on AWS. A page of another origin cannot send this header without being asked first.
    if (api.withoutCredentials !== undefined && authorization === undefined)
      throw new ServiceError(api.withoutCredentials, 'Request is missing Authentication Token');
    const [service = '', action = ''] = /^([^.]*)\.(.*)$/s.exec(target ?? '')?.slice(1) ?? [];
    const inPolicies = IN_POLICIES[service] ?? service.toLowerCase();
    const unread = api.unread && Object.hasOwn(api.unread, action) ? api.unread[action] : undefined;
    if (unread) {
      authorise(inPolicies, action, () => parseBody(body));
      return textAnswer(200, await unread(body), api);
    }
    const input = parseBody(body);
    authorise(inPolicies, action, () => input);
    return textAnswer(200, JSON.stringify(await api.call(action, input, options)), api);
  } catch (error) {
    if (!(error instanceof ServiceError)) logger.error('A request to the API failed', { target, error });
    return jsonError(error, api);
  }
}

/** An error as AWS JSON has it; what is not a refusal is not told to the client in detail. */
export function jsonError(error: unknown, api?: Omit<JsonApi, 'call'>): WireAnswer {
  const { code, message, status, members } =
    error instanceof ServiceError
      ? error
      : new ServiceError(
          api?.failure ?? 'InternalFailure',
          'The request failed inside the server; its log says how.',
          500,
        );
  const type = api?.errorType?.(code) ?? code;
  return textAnswer(status, JSON.stringify({ __type: type, message, ...members }), api, {
    'x-amzn-errortype': type,
    ...(api?.queryCode && { 'x-amzn-query-error': `${api.queryCode(code)};${status < 500 ? 'Sender' : 'Receiver'}` }),
  });
}

function textAnswer(
  status: number,
  body: string,
  { version = '1.0', checksum = false }: Omit<JsonApi, 'call'> = {},
  headers: Readonly<Record<string, string>> = {},
): WireAnswer {
  return {
    status,
    headers: {
      'Content-Type': `application/x-amz-json-${version}`,
      'x-amzn-RequestId': randomUUID(),
      ...(checksum && { 'x-amz-crc32': String(crc32(body)) }),
      ...headers,
    },
    body,
  };
}

function unknownTarget(apis: JsonApis, target: string | undefined): ServiceError {
  return new ServiceError(
    'UnknownOperationException',
    target === undefined
      ? 'No X-Amz-Target header says which action is meant, such as AWSStepFunctions.ListExecutions.'
      : `This server speaks ${Object.keys(apis).sort().join('.*, ')}.*, not ${target.slice(0, 200)}.`,
  );
}
