/** DynamoDB's refusals as Step Functions shows them: an error name and a cause made by the AWS SDK for Java. */
import { ServiceError } from '../../ports/service-error.ts';
import type { TaskOutcome } from '../../ports/services.ts';

/** Those that the SDK has a class for; every other one is a plain AmazonDynamoDBException (ValidationException too). */
const NAMED: ReadonlySet<string> = new Set([
  'ConditionalCheckFailedException',
  'ResourceInUseException',
  'ResourceNotFoundException',
]);

export function taskFailure(error: unknown, requestId: string): TaskOutcome {
  const { code, status, message } = error instanceof ServiceError ? error : internalError(error);
  const name = NAMED.has(code) ? code : 'AmazonDynamoDBException';
  const details = `Service: AmazonDynamoDBv2; Status Code: ${status}; Error Code: ${code}; Request ID: ${requestId}; Proxy: null`;
  return { kind: 'failed', error: `DynamoDB.${name}`, cause: `${message} (${details})` };
}

function internalError(error: unknown): ServiceError {
  return new ServiceError('InternalServerError', error instanceof Error ? error.message : String(error), 500);
}
