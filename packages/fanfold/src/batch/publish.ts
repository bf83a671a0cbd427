/** Writes one object of a run: whole or not at all, and with its hash told (I4). */
import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { createGzip, createZstdCompress } from 'node:zlib';
import type { Compression } from '../records/index.ts';
import type { ObjectRef, Objects } from '../ports/objects.ts';
import type { PublishedObject } from './account.ts';
import { readAhead } from './read-ahead.ts';

const TYPES = { csv: 'text/csv; charset=utf-8', jsonl: 'application/x-ndjson', json: 'application/json' } as const;

export interface PublishParams {
  readonly to: ObjectRef;
  readonly format: keyof typeof TYPES;
  readonly compression: Compression;
  readonly body: AsyncIterable<Uint8Array>;
}

/** Doing it again writes the same bytes. */
export async function publish(
  objects: Objects,
  { to, format, compression, body }: PublishParams,
): Promise<PublishedObject> {
  const hash = createHash('sha256');
  const bytes: AsyncIterable<Uint8Array> = packed(body, compression);
  let sha256 = '';
  const { size } = await objects.put({
    ...to,
    body: readAhead(hashed(bytes)),
    eTag: () => eTagOf(sha256),
    contentType: compression === 'none' ? TYPES[format] : `application/${compression}`,
  });
  return { ...to, bytes: size, sha256 };

  async function* hashed(from: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    for await (const chunk of from) {
      hash.update(chunk);
      yield chunk;
    }
    sha256 = hash.digest('hex');
  }
}

/** The ETag of what is hashed already: an MD5 would hash it a second time. It looks like that of an upload in parts. */
export function eTagOf(sha256: string): string {
  return `${sha256.slice(0, 32)}-1`;
}

function packed(body: AsyncIterable<Uint8Array>, compression: Compression): AsyncIterable<Uint8Array> {
  switch (compression) {
    case 'none':
      return body;
    case 'gzip':
      return Readable.from(body).compose(createGzip());
    case 'zstd':
      return Readable.from(body).compose(createZstdCompress());
    default:
      return compression satisfies never;
  }
}
