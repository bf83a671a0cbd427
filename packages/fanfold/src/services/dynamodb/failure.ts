/** DynamoDB's refusals as Step Functions shows them: an error name and a cause made by the AWS SDK for Java. */
import { ServiceError } from '../../ports/service-error.ts';
import type { TaskOutcome } from '../../ports/services.ts';
import { sdkFailure } from '../sdk-failure.ts';

/** Those that the SDK has a class for; every other one is of the service as a whole (ValidationException too). */
const NAMED: ReadonlySet<string> = new Set([
  'ConditionalCheckFailedException',
  'InternalServerError',
  'LimitExceededException',
  'ProvisionedThroughputExceededException',
  'ResourceInUseException',
  'ResourceNotFoundException',
]);

/** Of the optimised integration. */
export function taskFailure(error: unknown, requestId: string): TaskOutcome {
  const { code, status, message } = asServiceError(error);
  const name = NAMED.has(code) ? code : 'AmazonDynamoDBException';
  const details = `Service: AmazonDynamoDBv2; Status Code: ${status}; Error Code: ${code}; Request ID: ${requestId}; Proxy: null`;
  return { kind: 'failed', error: `DynamoDB.${name}`, cause: `${message} (${details})` };
}

/** Of `aws-sdk:dynamodb`. */
export function sdkTaskFailure(error: unknown): TaskOutcome {
  return sdkFailure({ service: 'DynamoDb', named: NAMED }, asServiceError(error));
}

function asServiceError(error: unknown): ServiceError {
  if (error instanceof ServiceError) return error;
  return new ServiceError('InternalServerError', error instanceof Error ? error.message : String(error), 500);
}
