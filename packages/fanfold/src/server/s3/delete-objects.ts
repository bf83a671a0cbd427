/** DeleteObject, and DeleteObjects: many at once. */
import { ServiceError } from '../../ports/service-error.ts';
import { bareTag, notImplemented, type S3Request } from './request.ts';
import { readXml } from './xml-body.ts';
import { sendXml, type XmlContent } from './xml.ts';
import { childrenOf, childText, malformedXml, type XmlElement } from './xml-tree.ts';

const MOST = 1000;

export async function deleteObject({ objects, bucket, key, headers, outgoing }: S3Request): Promise<void> {
  await remove(objects, bucket, key, headers['if-match']);
  outgoing.writeHead(204).end();
}

export async function deleteObjects(request: S3Request): Promise<void> {
  const { objects, bucket, buckets, outgoing } = request;
  const asked = await readXml(request, 'Delete');
  const named = childrenOf(asked, 'Object');
  if (named.length === 0 || named.length > MOST) throw malformedXml();
  if (!(await buckets.has(bucket)))
    throw new ServiceError('NoSuchBucket', 'The specified bucket does not exist', 404, { BucketName: bucket });
  const deleted: XmlContent[] = [];
  const errors: XmlContent[] = [];
  for (const element of named) {
    const Key = childText(element, 'Key') ?? '';
    try {
      checkVersion(element);
      await remove(objects, bucket, Key, childText(element, 'ETag'));
      deleted.push({ Key });
    } catch (error) {
      if (!(error instanceof ServiceError)) throw error;
      errors.push({ Key, Code: error.code, Message: error.message });
    }
  }
  const quiet = childText(asked, 'Quiet') === 'true';
  sendXml(outgoing, 'DeleteResult', { Deleted: quiet ? [] : deleted, Error: errors });
}

/** @throws ServiceError NotImplemented */
function checkVersion(element: XmlElement): void {
  const version = childText(element, 'VersionId');
  if (version !== undefined && version !== 'null' && version !== '') throw notImplemented('versions of objects');
}

async function remove(
  objects: S3Request['objects'],
  bucket: string,
  key: string,
  match: string | undefined,
): Promise<void> {
  const ifMatch = match === undefined ? undefined : bareTag(match);
  await objects.delete({ bucket, key, ...(ifMatch !== undefined && { ifMatch }) });
}
