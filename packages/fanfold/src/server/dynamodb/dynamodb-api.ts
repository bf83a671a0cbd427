/** The DynamoDB API on the wire: AWS JSON 1.0 with a checksum, errors told apart by the namespace of their names. */
import type { TableApi } from '../../ports/tables.ts';
import type { JsonApi } from '../json-apis.ts';

/** Its version is part of the target. */
export const DYNAMODB = 'DynamoDB_20120810';

/** As DynamoDB: a BatchWriteItem with its 25 items fits. */
const LONGEST_REQUEST = 16 * 1024 * 1024;

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

export function createDynamodbApi({ call, unread }: TableApi): JsonApi {
  return {
    call,
    ...(unread && { unread }),
    longestRequest: LONGEST_REQUEST,
    errorType: (code) => `${NAMESPACES.get(code) ?? NAMESPACE}#${code}`,
    failure: 'InternalServerError',
    checksum: true,
    withoutCredentials: 'MissingAuthenticationTokenException',
  };
}
