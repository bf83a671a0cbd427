/** Tags of objects: GetObjectTagging, PutObjectTagging, DeleteObjectTagging. */
import type { OutgoingHttpHeaders } from 'node:http';
import { ServiceError } from '../../ports/service-error.ts';
import type { S3Request } from './request.ts';
import { found } from './send-object.ts';
import { versionHeaders, versionRef } from './version-ref.ts';
import { readXml } from './xml-body.ts';
import { sendXml } from './xml.ts';
import { childrenOf, childText } from './xml-tree.ts';

export async function getTagging(request: S3Request): Promise<void> {
  const info = await found(request);
  const { tags = {} } = info.details;
  if (info.versionId !== undefined) request.outgoing.setHeader('x-amz-version-id', info.versionId);
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
  request.outgoing.writeHead(200, { ...(await tag(request, tags)), 'content-length': 0 }).end();
}

export async function deleteTagging(request: S3Request): Promise<void> {
  request.outgoing.writeHead(204, await tag(request, {})).end();
}

/** @returns the headers of the answer */
async function tag(request: S3Request, tags: Readonly<Record<string, string>>): Promise<OutgoingHttpHeaders> {
  const { versionId } = await found(request);
  const version = versionId !== undefined && { versionId };
  await request.objects.tag({ ...versionRef(request), ...version, tags });
  return versionHeaders({ ...version });
}
