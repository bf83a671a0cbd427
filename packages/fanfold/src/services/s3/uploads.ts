/** Multipart uploads: parts are contents of their own until the upload is completed, which writes them behind each other. */
import { createHash, randomBytes } from 'node:crypto';
import type { Database } from '../../database/database.ts';
import type { ObjectInfo } from '../../ports/objects.ts';
import type { CompleteUploadParams, PartInfo, UploadInfo, UploadRef, Uploads } from '../../ports/uploads.ts';
import { ServiceError } from '../../ports/service-error.ts';
import type { ContentFiles } from './content-files.ts';
import { openContent } from './content-reader.ts';
import { writeContent } from './content-writer.ts';
import type { Encryption } from './encryption.ts';
import type { Intents } from './intents.ts';
import { invalidPart, noSuchUpload } from './object-error.ts';
import type { EventLog } from './object-events.ts';
import { checkDescription } from './object-name.ts';
import type { ObjectTable } from './object-table.ts';
import type { PendingWrite } from './object-index.ts';
import { checksumOfUpload, partInfoOf, type PartRow, partRunsOf, uploadInfoOf, type UploadRow } from './upload-row.ts';

export interface UploadsParams {
  readonly db: Database;
  readonly table: ObjectTable;
  readonly intents: Intents;
  readonly files: ContentFiles;
  readonly events: EventLog;
  readonly encryption: Encryption;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

/** Of every part but the last, as on AWS. */
const SMALLEST_PART = 5 * 1024 * 1024;
const MOST_PARTS = 10_000;

const ADD = `
  INSERT INTO uploads (id, bucket, key, initiated, content_type, metadata, details, checksum, encryption)
  VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`;
const FIND = 'SELECT * FROM uploads WHERE id = ? AND bucket = ? AND key = ?';
const LIST = `
  SELECT * FROM uploads WHERE bucket = ? AND key >= ? AND (key, id) > (?, ?) ORDER BY key, id LIMIT ?`;
const REMOVE = 'DELETE FROM uploads WHERE id = ?';
const PART = 'SELECT * FROM parts WHERE upload = ? AND number = ?';
const ADD_PART = `
  INSERT OR REPLACE INTO parts (upload, number, content, size, etag, modified, checksum, encryption)
  VALUES (?, ?, ?, ?, ?, ?, ?, ?)`;
const PARTS = 'SELECT * FROM parts WHERE upload = ? AND number > ? ORDER BY number LIMIT ?';
const REMOVE_PARTS = 'DELETE FROM parts WHERE upload = ?';

export function createUploads(params: UploadsParams): Uploads {
  const { db, table, intents, files, events, encryption, now } = params;

  const rowOf = ({ bucket, key, uploadId }: UploadRef): UploadRow => {
    table.checkRef({ bucket, key });
    const row = db.prepare(FIND).get(uploadId, bucket, key) as UploadRow | undefined;
    if (!row) throw noSuchUpload(uploadId);
    return row;
  };
  const partsOf = (upload: string, after: number, limit: number): readonly PartRow[] =>
    db.prepare(PARTS).all(upload, after, limit) as unknown as PartRow[];

  /** Takes an upload and its parts away, within the transaction that is open. */
  const drop = (upload: string): void => {
    const parts = partsOf(upload, 0, MOST_PARTS);
    db.prepare(REMOVE_PARTS).run(upload);
    db.prepare(REMOVE).run(upload);
    for (const { content } of parts) table.letGo(content);
  };

  const beginFor = ({ bucket, key, encryption: asked }: UploadInfo): PendingWrite =>
    intents.begin({ bucket, key, ...(asked && { encryption: asked }) });

  /** What is written is undone when it cannot be published. */
  const writing = async <T>(pending: PendingWrite, work: () => Promise<T>): Promise<T> => {
    try {
      return await work();
    } catch (error) {
      try {
        intents.abandon(pending.id);
      } catch {
        // What went wrong first is what counts; this write is undone at the next start.
      }
      throw error;
    }
  };

  async function* bytesOf(parts: readonly PartRow[], { bucket, key }: UploadRef): AsyncGenerator<Uint8Array> {
    for (const part of parts) {
      const own = encryption.keyOf({ bucket, key, ...part });
      const stored = { path: files.path(part.content), size: part.size, ...(own && { key: own }) };
      const bytes = await openContent(stored, { start: 0, length: part.size });
      if (!bytes) throw noSuchUpload(part.upload);
      yield* bytes;
    }
  }

  const publish = (id: string, p: CompleteUploadParams, parts: readonly PartRow[]): ObjectInfo => {
    const row = rowOf(p);
    const intent = intents.find(id, p);
    table.checkConditions(p, p);
    const checksum = checksumOfUpload(row, parts);
    const details = { ...(JSON.parse(row.details) as object), parts: partRunsOf(parts) };
    const info = table.put(
      {
        bucket: p.bucket,
        key: p.key,
        content: id,
        size: sizeOf(parts),
        etag: eTagOf(parts),
        content_type: row.content_type,
        metadata: row.metadata,
        details: JSON.stringify(checksum ? { ...details, checksum } : details),
        encryption: intent.encryption,
      },
      'ObjectCreated:CompleteMultipartUpload',
      p,
    );
    drop(p.uploadId);
    intents.end(id);
    return info;
  };

  return {
    create: async ({ bucket, key, contentType, metadata, details, checksum, encryption: asked }) => {
      table.checkRef({ bucket, key });
      checkDescription({ contentType, metadata, details });
      encryption.choose(bucket, asked);
      const id = newUploadId();
      const texts = [JSON.stringify(metadata), JSON.stringify(details), JSON.stringify(checksum ?? null)] as const;
      db.prepare(ADD).run(id, bucket, key, now(), contentType, ...texts, asked ?? null);
      return uploadInfoOf(rowOf({ bucket, key, uploadId: id }));
    },
    find: async (ref) => uploadInfoOf(rowOf(ref)),
    putPart: async (p) => {
      const { uploadId, partNumber } = p;
      const upload = uploadInfoOf(rowOf(p));
      if (!Number.isInteger(partNumber) || partNumber < 1 || partNumber > MOST_PARTS)
        throw new ServiceError(
          'InvalidArgument',
          `Part number must be an integer between 1 and ${MOST_PARTS}, inclusive`,
        );
      const pending = beginFor(upload);
      return await writing(pending, async () => {
        const { size, eTag, checksum } = await writeContent(pending, p.body, p.digests);
        return db.transaction(() => {
          rowOf(p);
          const replaced = db.prepare(PART).get(uploadId, partNumber) as PartRow | undefined;
          const { encryption: own } = intents.find(pending.id, p);
          const given = checksum ? JSON.stringify(checksum) : null;
          db.prepare(ADD_PART).run(uploadId, partNumber, pending.id, size, eTag, now(), given, own);
          intents.end(pending.id);
          if (replaced) table.letGo(replaced.content);
          return partInfoOf(db.prepare(PART).get(uploadId, partNumber) as unknown as PartRow);
        });
      });
    },
    complete: async (p) => {
      const upload = uploadInfoOf(rowOf(p));
      const parts = chosenParts(p, (number) => db.prepare(PART).get(p.uploadId, number) as PartRow | undefined);
      checkWhole(p, parts, checksumOfUpload(rowOf(p), parts)?.value);
      table.checkConditions(p, p);
      const pending = beginFor(upload);
      const info = await writing(pending, async () => {
        await writeContent(pending, bytesOf(parts, p));
        return db.transaction(() => publish(pending.id, p, parts));
      });
      events.announce();
      return info;
    },
    abort: async (ref) => {
      db.transaction(() => drop(rowOf(ref).id));
    },
    listParts: async (p) => {
      const { id } = rowOf(p);
      const found = partsOf(id, p.after, p.limit + 1);
      const parts: readonly PartInfo[] = found.slice(0, p.limit).map(partInfoOf);
      return { parts, more: found.length > p.limit };
    },
    list: async ({ bucket, prefix, after = { key: '', uploadId: '' }, limit }) => {
      table.checkBucket(bucket);
      const rows = db
        .prepare(LIST)
        .all(bucket, prefix, after.key, after.uploadId, limit + 1) as unknown as readonly UploadRow[];
      const found = rows.filter(({ key }) => key.startsWith(prefix));
      const uploads: readonly UploadInfo[] = found.slice(0, limit).map(uploadInfoOf);
      return { uploads, more: found.length > limit };
    },
  };
}

/** @throws ServiceError InvalidPart, InvalidPartOrder, EntityTooSmall, MalformedXML */
function chosenParts(
  { parts }: CompleteUploadParams,
  find: (partNumber: number) => PartRow | undefined,
): readonly PartRow[] {
  if (parts.length === 0 || parts.length > MOST_PARTS)
    throw new ServiceError(
      'MalformedXML',
      `An upload is completed with 1 to ${MOST_PARTS} parts, not ${parts.length}.`,
    );
  if (parts.some(({ partNumber }, index) => index > 0 && (parts[index - 1]?.partNumber ?? 0) >= partNumber))
    throw new ServiceError(
      'InvalidPartOrder',
      'The list of parts was not in ascending order. Parts must be ordered by part number.',
    );
  const rows = parts.map(({ partNumber, eTag, checksum }) => {
    const row = find(partNumber);
    if (row?.etag !== eTag) throw invalidPart(partNumber);
    if (checksum !== undefined && partInfoOf(row).checksum?.value !== checksum) throw invalidPart(partNumber);
    return row;
  });
  const small = rows.slice(0, -1).find(({ size }) => size < SMALLEST_PART);
  if (small)
    throw new ServiceError(
      'EntityTooSmall',
      `Your proposed upload is smaller than the minimum allowed size: part ${small.number} has ${small.size} bytes, ` +
        `and all but the last have ${SMALLEST_PART} at least.`,
    );
  return rows;
}

/** @throws ServiceError BadDigest, InvalidRequest */
function checkWhole(
  { checksum, size }: CompleteUploadParams,
  parts: readonly PartRow[],
  found: string | undefined,
): void {
  const total = sizeOf(parts);
  if (size !== undefined && size !== total)
    throw new ServiceError(
      'InvalidRequest',
      `The provided 'x-amz-mp-object-size' header does not match what was computed: ${size} and ${total} bytes`,
    );
  if (!checksum || checksum.value === found) return;
  throw new ServiceError('BadDigest', `The ${checksum.algorithm} you specified did not match the calculated checksum.`);
}

function sizeOf(parts: readonly PartRow[]): number {
  return parts.reduce((sum, { size }) => sum + size, 0);
}

/** As AWS has it: the MD5 of the parts' MD5s, and how many there are. */
function eTagOf(parts: readonly PartRow[]): string {
  const hash = createHash('md5');
  for (const { etag } of parts) hash.update(Buffer.from(etag, 'hex'));
  return `${hash.digest('hex')}-${parts.length}`;
}

/** Begins with a letter: commands take what begins with a minus for an option. */
function newUploadId(): string {
  const bytes = randomBytes(24);
  bytes[0] = (bytes[0] as number) & 0x7f;
  return bytes.toString('base64url');
}
