/** What SNS refuses, in its words. */
import { ServiceError } from '../../ports/service-error.ts';

export function invalidParameter(reason: string): ServiceError {
  return new ServiceError('InvalidParameter', `Invalid parameter: ${reason}`);
}

export function topicNotFound(): ServiceError {
  return new ServiceError('NotFound', 'Topic does not exist', 404);
}

export function subscriptionNotFound(): ServiceError {
  return new ServiceError('NotFound', 'Subscription does not exist', 404);
}

/** The codes that AWS's SDKs have a class for. */
export const SNS_EXCEPTIONS: ReadonlySet<string> = new Set([
  'BatchEntryIdsNotDistinct',
  'EmptyBatchRequest',
  'InvalidParameter',
  'NotFound',
  'ResourceNotFound',
  'TagLimitExceeded',
  'TooManyEntriesInBatchRequest',
]);
