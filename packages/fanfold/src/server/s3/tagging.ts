/** Tags of objects: GetObjectTagging, PutObjectTagging, DeleteObjectTagging. */
import { ServiceError } from '../../ports/service-error.ts';
import type { S3Request } from './request.ts';
import { found } from './send-object.ts';
import { readXml } from './xml-body.ts';
import { sendXml } from './xml.ts';
import { childrenOf, childText } from './xml-tree.ts';

export async function getTagging(request: S3Request): Promise<void> {
  const { tags = {} } = (await found(request)).details;
  const Tag = Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));
  sendXml(request.outgoing, 'Tagging', { TagSet: { Tag } });
}

export async function putTagging(request: S3Request): Promise<void> {
  const [set] = childrenOf(await readXml(request, 'Tagging'), 'TagSet');
  const pairs = (set ? childrenOf(set, 'Tag') : []).map(
    (tag) => [childText(tag, 'Key') ?? '', childText(tag, 'Value') ?? ''] as const,
  );
  const tags = Object.fromEntries(pairs);
  if (Object.keys(tags).length !== pairs.length)
    throw new ServiceError('InvalidTag', 'Cannot provide multiple Tags with the same key');
  await request.objects.tag({ bucket: request.bucket, key: request.key, tags });
  request.outgoing.writeHead(200, { 'content-length': 0 }).end();
}

export async function deleteTagging({ objects, bucket, key, outgoing }: S3Request): Promise<void> {
  await objects.tag({ bucket, key, tags: {} });
  outgoing.writeHead(204).end();
}
