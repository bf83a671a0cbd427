/** The DynamoDB API in AWS JSON 1.0: a request's headers and body in, an answer out. HTTP itself is elsewhere. */
import { randomUUID } from 'node:crypto';
import { crc32 } from 'node:zlib';
import type { JsonObject } from '../../json.ts';
import type { Logger } from '../../ports/logger.ts';
import { ServiceError } from '../../ports/service-error.ts';
import type { TableApi } from '../../ports/tables.ts';
import { parseBody } from '../json-body.ts';

export interface DynamodbRequest {
  /** The X-Amz-Target header. */
  readonly target: string;
  /** The Authorization header. Who is named in it is the owner: the server is for this machine alone. */
  readonly authorization: string | undefined;
  readonly body: Buffer;
}

export interface DynamodbAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export type DynamodbWire = (request: DynamodbRequest) => Promise<DynamodbAnswer>;

/** As DynamoDB: a BatchWriteItem with its 25 items fits. */
export const DYNAMODB_REQUEST_BYTES: number = 16 * 1024 * 1024;

const PREFIX = 'DynamoDB_20120810.';

/** Clients tell errors by what stands behind the `#`. */
const NAMESPACES: ReadonlyMap<string, string> = new Map(
  Object.entries({
    MissingAuthenticationTokenException: 'com.amazon.coral.service',
    SerializationException: 'com.amazon.coral.service',
    UnknownOperationException: 'com.amazon.coral.service',
    ValidationException: 'com.amazon.coral.validate',
  }),
);
const NAMESPACE = 'com.amazonaws.dynamodb.v20120810';

/** Whether a target is DynamoDB's. */
export function isDynamodbTarget(target: string | undefined): target is string {
  return target?.startsWith('DynamoDB_') ?? false;
}

export function createDynamodbWire(tables: TableApi, logger: Logger): DynamodbWire {
  return async ({ target, authorization, body }) => {
    try {
      if (!target.startsWith(PREFIX))
        throw new ServiceError(
          'UnknownOperationException',
          `This server speaks ${PREFIX}*, not ${target.slice(0, 200)}`,
        );
      // As on AWS. A page of another origin cannot send this header without being asked first.
      if (authorization === undefined)
        throw new ServiceError('MissingAuthenticationTokenException', 'Request is missing Authentication Token');
      return answer(200, await tables.call(target.slice(PREFIX.length), parseBody(body)));
    } catch (error) {
      if (!(error instanceof ServiceError)) logger.error('A request to the tables failed', { target, error });
      return dynamodbError(error);
    }
  };
}

/** What is not a refusal is not told to the client in detail. */
export function dynamodbError(error: unknown): DynamodbAnswer {
  const { code, message, status, members } =
    error instanceof ServiceError
      ? error
      : new ServiceError('InternalServerError', 'The request failed inside the server; its log says how.', 500);
  return answer(status, { __type: `${NAMESPACES.get(code) ?? NAMESPACE}#${code}`, message, ...members });
}

function answer(status: number, members: JsonObject): DynamodbAnswer {
  const body = JSON.stringify(members);
  return {
    status,
    headers: {
      'Content-Type': 'application/x-amz-json-1.0',
      'x-amzn-RequestId': randomUUID(),
      'x-amz-crc32': String(crc32(body)),
    },
    body,
  };
}
