/** DeleteObject, and DeleteObjects: many at once. */
import { deleteAccess } from '../../access/call-access.ts';
import type { DeleteObjectResult, ObjectVersionRef } from '../../ports/objects.ts';
import { ServiceError } from '../../ports/service-error.ts';
import { bareTag, type S3Request } from './request.ts';
import { versionHeaders, versionRef } from './version-ref.ts';
import { readXml } from './xml-body.ts';
import { sendXml, type XmlContent } from './xml.ts';
import { childrenOf, childText, malformedXml } from './xml-tree.ts';

const MOST = 1000;

export async function deleteObject(request: S3Request): Promise<void> {
  const deleted = await remove(request.objects, versionRef(request), request.headers['if-match']);
  request.outgoing.writeHead(204, versionHeaders(deleted)).end();
}

export async function deleteObjects(request: S3Request): Promise<void> {
  const { objects, bucket, buckets, outgoing, authorise } = request;
  const asked = await readXml(request, 'Delete');
  const named = childrenOf(asked, 'Object');
  if (named.length === 0 || named.length > MOST) throw malformedXml();
  if (!(await buckets.has(bucket)))
    throw new ServiceError('NoSuchBucket', 'The specified bucket does not exist', 404, { BucketName: bucket });
  const deleted: XmlContent[] = [];
  const errors: XmlContent[] = [];
  for (const element of named) {
    const Key = childText(element, 'Key') ?? '';
    const VersionId = childText(element, 'VersionId') || undefined;
    const version = VersionId !== undefined && { VersionId };
    const ref: ObjectVersionRef = { bucket, key: Key, ...(VersionId !== undefined && { versionId: VersionId }) };
    try {
      authorise([deleteAccess(ref)]);
      deleted.push({ Key, ...version, ...markerOf(await remove(objects, ref, childText(element, 'ETag'))) });
    } catch (error) {
      if (!(error instanceof ServiceError)) throw error;
      errors.push({ Key, ...version, Code: error.code, Message: error.message });
    }
  }
  const quiet = childText(asked, 'Quiet') === 'true';
  sendXml(outgoing, 'DeleteResult', { Deleted: quiet ? [] : deleted, Error: errors });
}

/** The marker that was made, or removed. */
function markerOf({ versionId = '', isDeleteMarker = false }: DeleteObjectResult): Record<string, XmlContent> {
  return isDeleteMarker ? { DeleteMarker: true, DeleteMarkerVersionId: versionId } : {};
}

function remove(
  objects: S3Request['objects'],
  ref: ObjectVersionRef,
  match: string | undefined,
): Promise<DeleteObjectResult> {
  const ifMatch = match === undefined ? undefined : bareTag(match);
  return objects.delete({ ...ref, ...(ifMatch !== undefined && { ifMatch }) });
}
