/** The buckets of a server that runs, over its S3 API: what the command line needs of them. */
import { once } from 'node:events';
import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import { request } from '../../node-http.ts';
import { buffer } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import { Readable } from 'node:stream';
import type { BucketInfo } from '../../ports/buckets.ts';
import type {
  ListObjectsParams,
  ListVersionsParams,
  ObjectRef,
  ObjectVersionPlace,
  ObjectVersionRef,
} from '../../ports/objects.ts';
import { ServiceError } from '../../ports/service-error.ts';
import { childrenOf, childText, parseXml, type XmlElement } from './xml-tree.ts';

export interface ListedObject {
  readonly key: string;
  /** Bytes. */
  readonly size: number;
  readonly lastModified: Date;
}

export interface ListedVersion extends Pick<ListedObject, 'key' | 'lastModified'> {
  readonly versionId: string;
  readonly isLatest: boolean;
  /** Bytes; undefined for a delete marker. */
  readonly size?: number;
}

export interface BucketFiles {
  buckets(): Promise<readonly BucketInfo[]>;
  /** One page. */
  list(params: ListObjectsParams): Promise<{
    readonly objects: readonly ListedObject[];
    readonly prefixes: readonly string[];
    readonly next?: string;
  }>;
  /** One page. */
  listVersions(params: ListVersionsParams): Promise<{
    readonly versions: readonly ListedVersion[];
    readonly prefixes: readonly string[];
    readonly next?: ObjectVersionPlace;
  }>;
  get(ref: ObjectVersionRef): Promise<AsyncIterable<Uint8Array>>;
  /** @param size bytes of the body */
  put(ref: ObjectRef, body: AsyncIterable<Uint8Array>, size: number): Promise<void>;
  copy(from: ObjectVersionRef, to: ObjectRef): Promise<void>;
  /** Makes a delete marker where versions are kept; a version that is named goes for good. */
  remove(ref: ObjectVersionRef): Promise<void>;
}

/** Any key is the owner's on this machine. */
const AUTHORIZATION =
  'AWS4-HMAC-SHA256 Credential=fanfold/20260101/us-east-1/s3/aws4_request, SignedHeaders=host, Signature=0';

export function createRemoteFiles(url: string): BucketFiles {
  const call = async (
    method: string,
    path: string,
    headers: IncomingHttpHeaders = {},
    body?: AsyncIterable<Uint8Array>,
  ): Promise<IncomingMessage> => {
    const { hostname, port } = new URL(url);
    // The path as it is: a URL would walk up the dots of a key.
    const outgoing = request({
      host: hostname,
      port,
      method,
      path,
      headers: { authorization: AUTHORIZATION, ...headers },
    });
    const answered = once(outgoing, 'response') as Promise<[IncomingMessage]>;
    if (body) await pipeline(Readable.from(body, { objectMode: false }), outgoing).catch(() => answered);
    else outgoing.end();
    const [incoming] = await answered;
    if ((incoming.statusCode ?? 500) < 300) return incoming;
    throw refusalOf(incoming.statusCode ?? 500, (await buffer(incoming)).toString());
  };
  const ask = async (path: string): Promise<XmlElement> => parseXml((await buffer(await call('GET', path))).toString());
  const done = async (answer: Promise<IncomingMessage>): Promise<void> => {
    await buffer(await answer);
  };
  return {
    buckets: async () => {
      const [all] = childrenOf(await ask('/'), 'Buckets');
      return (all ? childrenOf(all, 'Bucket') : []).map((one) => ({
        name: childText(one, 'Name') ?? '',
        created: new Date(childText(one, 'CreationDate') ?? 0),
      }));
    },
    list: async ({ bucket, prefix = '', after = '', delimiter = '', limit = 1000 }) => {
      const query = new URLSearchParams({ prefix, delimiter, 'max-keys': String(limit), 'encoding-type': 'url' });
      query.set('list-type', '2');
      if (after !== '') query.set('continuation-token', Buffer.from(after).toString('base64url'));
      const answer = await ask(`/${encodeURIComponent(bucket)}?${query.toString()}`);
      const token = childText(answer, 'NextContinuationToken');
      return {
        objects: childrenOf(answer, 'Contents').map((one) => ({
          key: decodeKey(childText(one, 'Key') ?? ''),
          size: Number(childText(one, 'Size')),
          lastModified: new Date(childText(one, 'LastModified') ?? 0),
        })),
        prefixes: prefixesIn(answer),
        ...(token !== undefined && { next: Buffer.from(token, 'base64url').toString() }),
      };
    },
    listVersions: async ({ bucket, prefix = '', after, delimiter = '', limit = 1000 }) => {
      const query = new URLSearchParams({ prefix, delimiter, 'max-keys': String(limit), 'encoding-type': 'url' });
      if (after) query.set('key-marker', after.key);
      if (after?.versionId !== undefined) query.set('version-id-marker', after.versionId);
      const answer = await ask(`/${encodeURIComponent(bucket)}?versions&${query.toString()}`);
      const [key, versionId] = [childText(answer, 'NextKeyMarker'), childText(answer, 'NextVersionIdMarker')];
      return {
        versions: answer.children
          .filter(({ name }) => name === 'Version' || name === 'DeleteMarker')
          .map(listedVersion),
        prefixes: prefixesIn(answer),
        ...(key !== undefined && { next: { key: decodeKey(key), ...(versionId !== undefined && { versionId }) } }),
      };
    },
    get: async (ref) => call('GET', pathOf(ref)),
    put: (ref, body, size) => done(call('PUT', pathOf(ref), { 'content-length': String(size) }, body)),
    copy: (from, to) => done(call('PUT', pathOf(to), { 'x-amz-copy-source': pathOf(from), 'content-length': '0' })),
    remove: (ref) => done(call('DELETE', pathOf(ref))),
  };
}

function pathOf({ bucket, key, versionId }: ObjectVersionRef): string {
  const version = versionId === undefined ? '' : `?versionId=${encodeURIComponent(versionId)}`;
  return `/${encodeURIComponent(bucket)}/${encodeURIComponent(key).replaceAll('%2F', '/')}${version}`;
}

function prefixesIn(answer: XmlElement): readonly string[] {
  return childrenOf(answer, 'CommonPrefixes').map((one) => decodeKey(childText(one, 'Prefix') ?? ''));
}

function listedVersion(one: XmlElement): ListedVersion {
  return {
    key: decodeKey(childText(one, 'Key') ?? ''),
    versionId: childText(one, 'VersionId') ?? '',
    isLatest: childText(one, 'IsLatest') === 'true',
    lastModified: new Date(childText(one, 'LastModified') ?? 0),
    ...(one.name === 'Version' && { size: Number(childText(one, 'Size')) }),
  };
}

function decodeKey(text: string): string {
  return decodeURIComponent(text.replaceAll('+', '%20'));
}

function refusalOf(status: number, body: string): Error {
  const error = body.startsWith('<') ? parseXml(body) : undefined;
  const code = error && childText(error, 'Code');
  if (!error || code === undefined) return new Error(`The server answered with ${status}: ${body.slice(0, 200)}`);
  return new ServiceError(code, childText(error, 'Message') ?? code, status);
}
