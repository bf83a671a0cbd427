/** S3's refusals, in its words. */
import type { ObjectRef } from '../../ports/objects.ts';
import { ServiceError } from '../../ports/service-error.ts';

export function noSuchBucket(bucket: string): ServiceError {
  return new ServiceError('NoSuchBucket', `The specified bucket does not exist: ${bucket}`, 404);
}

export function noSuchKey({ bucket, key }: ObjectRef): ServiceError {
  return new ServiceError('NoSuchKey', `The specified key does not exist: ${key} in the bucket ${bucket}`, 404);
}

export function noSuchVersion({ key }: ObjectRef, versionId: string): ServiceError {
  return new ServiceError('NoSuchVersion', 'The specified version does not exist.', 404, {
    Key: key,
    VersionId: versionId,
  });
}

export function isDeleteMarker({ key }: ObjectRef, versionId: string): ServiceError {
  return new ServiceError('MethodNotAllowed', 'The specified method is not allowed against this resource.', 405, {
    ResourceType: 'DeleteMarker',
    Key: key,
    VersionId: versionId,
  });
}

export function noVersionId(versionId: string): ServiceError {
  return new ServiceError('InvalidArgument', 'Invalid version id specified', 400, {
    ArgumentName: 'versionId',
    ArgumentValue: versionId.slice(0, 100),
  });
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

export function entityTagDiffers({ bucket, key }: ObjectRef, eTag: string): ServiceError {
  const message = `At least one of the pre-conditions you specified did not hold: the ETag of ${key} in the bucket ${bucket} is "${eTag}"`;
  return new ServiceError('PreconditionFailed', message, 412);
}

export function noSuchUpload(uploadId: string): ServiceError {
  return new ServiceError(
    'NoSuchUpload',
    'The specified upload does not exist. The upload ID may be invalid, or the upload may have been aborted or completed: ' +
      uploadId.slice(0, 100),
    404,
  );
}

export function invalidPart(partNumber: number): ServiceError {
  return new ServiceError(
    'InvalidPart',
    'One or more of the specified parts could not be found. The part may not have been uploaded, or the specified entity ' +
      `tag may not match the part's entity tag: part ${partNumber}`,
  );
}

export function noKey(): ServiceError {
  return new ServiceError(
    'InvalidRequest',
    "Encryption at rest needs a key: name the environment variable that holds it in 'encryption' of the project file.",
  );
}

export function otherKey({ bucket, key }: ObjectRef, used: string, given: string | undefined): ServiceError {
  return new ServiceError(
    'KMS.NotFoundException',
    `The object ${key} in the bucket ${bucket} is encrypted with the key ${used}, and ` +
      (given === undefined
        ? "there is none. Name the environment variable that holds it in 'encryption' of the project file."
        : `the one given is ${given}.`),
  );
}

export function bucketNotEmpty(bucket: string): ServiceError {
  return new ServiceError('BucketNotEmpty', `The bucket you tried to delete is not empty: ${bucket}`, 409);
}
