/** Buckets themselves. */
import { ServiceError } from '../../ports/service-error.ts';
import { limitAsked, tokenOf, keyOfToken } from './list-query.ts';
import { ownerOf } from './list-objects.ts';
import type { S3Request } from './request.ts';
import { readXml } from './xml-body.ts';
import { sendXml } from './xml.ts';
import { childText } from './xml-tree.ts';

export async function listBuckets(request: S3Request): Promise<void> {
  const { buckets, query, outgoing, account, region } = request;
  const [prefix, token] = [query.get('prefix') ?? '', query.get('continuation-token')];
  const after = token === null ? '' : keyOfToken(token);
  const limit = query.has('max-buckets') ? limitAsked(request, 'max-buckets') : Infinity;
  const all = (await buckets.list()).filter(({ name }) => name.startsWith(prefix) && name > after);
  const page = all.slice(0, limit);
  const last = all.length > page.length ? page.at(-1) : undefined;
  sendXml(outgoing, 'ListAllMyBucketsResult', {
    Owner: ownerOf(account),
    Buckets: {
      Bucket: page.map(({ name, created }) => ({
        Name: name,
        CreationDate: created.toISOString(),
        ...(query.has('max-buckets') && { BucketRegion: region }),
      })),
    },
    ...(query.has('prefix') && { Prefix: prefix }),
    ...(last && { ContinuationToken: tokenOf(last.name) }),
  });
}

export async function createBucket(request: S3Request): Promise<void> {
  const { buckets, bucket, region, headers, outgoing } = request;
  if (Number(headers['content-length'] ?? 0) > 0) {
    const place = childText(await readXml(request, 'CreateBucketConfiguration'), 'LocationConstraint');
    if (place && place !== region)
      throw new ServiceError(
        'IllegalLocationConstraintException',
        `The ${place} location constraint is incompatible for the region specific endpoint this request was sent to: ${region}.`,
      );
  }
  await buckets.create(bucket);
  outgoing.writeHead(200, { location: `/${bucket}`, 'content-length': 0 }).end();
}

export async function headBucket({ buckets, bucket, region, outgoing }: S3Request): Promise<void> {
  const status = (await buckets.has(bucket)) ? 200 : 404;
  outgoing.writeHead(status, { 'x-amz-bucket-region': region }).end();
}

export async function deleteBucket({ buckets, bucket, outgoing }: S3Request): Promise<void> {
  await buckets.delete(bucket);
  outgoing.writeHead(204).end();
}

export async function getLocation(request: S3Request): Promise<void> {
  await checkBucket(request);
  const { region, outgoing } = request;
  sendXml(outgoing, 'LocationConstraint', region === 'us-east-1' ? '' : region);
}

/** @throws ServiceError NoSuchBucket */
export async function checkBucket({ buckets, bucket }: Pick<S3Request, 'buckets' | 'bucket'>): Promise<void> {
  if (await buckets.has(bucket)) return;
  throw new ServiceError('NoSuchBucket', 'The specified bucket does not exist', 404, { BucketName: bucket });
}
