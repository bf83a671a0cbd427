/** What requests and answers say of a version. */
import type { OutgoingHttpHeaders } from 'node:http';
import type { ObjectVersionRef } from '../../ports/objects.ts';
import { invalidArgument, type S3Request } from './request.ts';

/** The object that a request means, and its version where it names one. @throws ServiceError InvalidArgument */
export function versionRef({ bucket, key, query }: Pick<S3Request, 'bucket' | 'key' | 'query'>): ObjectVersionRef {
  const versionId = query.get('versionId');
  if (versionId === '') throw invalidArgument('Version id cannot be the empty string');
  return { bucket, key, ...(versionId !== null && { versionId }) };
}

/** What an answer says of the version that was written, read or removed. */
export function versionHeaders({
  versionId,
  isDeleteMarker = false,
}: {
  readonly versionId?: string;
  readonly isDeleteMarker?: boolean;
}): OutgoingHttpHeaders {
  return {
    ...(versionId !== undefined && { 'x-amz-version-id': versionId }),
    ...(isDeleteMarker && { 'x-amz-delete-marker': 'true' }),
  };
}
