/** S3's refusals, in its words. */
import type { ObjectRef } from '../../ports/objects.ts';
import { ServiceError } from '../../ports/service-error.ts';

export function noSuchBucket(bucket: string): ServiceError {
  return new ServiceError('NoSuchBucket', `The specified bucket does not exist: ${bucket}`, 404);
}

export function noSuchKey({ bucket, key }: ObjectRef): ServiceError {
  return new ServiceError('NoSuchKey', `The specified key does not exist: ${key} in the bucket ${bucket}`, 404);
}

export function preconditionFailed({ bucket, key }: ObjectRef): ServiceError {
  const message = `At least one of the pre-conditions you specified did not hold: ${key} exists in the bucket ${bucket}`;
  return new ServiceError('PreconditionFailed', message, 412);
}

export function versionReplaced({ bucket, key }: ObjectRef): ServiceError {
  const message = `At least one of the pre-conditions you specified did not hold: ${key} in the bucket ${bucket} was replaced`;
  return new ServiceError('PreconditionFailed', message, 412);
}

export function ingestedBefore(source: string): ServiceError {
  const message = `At least one of the pre-conditions you specified did not hold: ${source} was taken in before`;
  return new ServiceError('PreconditionFailed', message, 412);
}

export function copyToItself(): ServiceError {
  return new ServiceError(
    'InvalidRequest',
    'This copy request is illegal because it is trying to copy an object to itself without changing its metadata.',
  );
}
