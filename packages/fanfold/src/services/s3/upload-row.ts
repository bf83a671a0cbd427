/** Uploads and their parts as rows in `objects.db`. */
import type { ObjectChecksum, ObjectDetails, PartRun } from '../../ports/objects.ts';
import type { PartInfo, UploadInfo } from '../../ports/uploads.ts';
import { checksumOfParts } from '../../checksum.ts';

export interface UploadRow {
  readonly id: string;
  readonly bucket: string;
  readonly key: string;
  readonly initiated: number;
  readonly content_type: string;
  readonly metadata: string;
  readonly details: string;
  /** JSON. */
  readonly checksum: string;
  readonly encryption: 'AES256' | null;
}

export interface PartRow {
  readonly upload: string;
  readonly number: number;
  readonly content: string;
  readonly size: number;
  readonly etag: string;
  readonly modified: number;
  /** JSON. */
  readonly checksum: string | null;
  readonly encryption: string | null;
}

export function uploadInfoOf(row: UploadRow): UploadInfo {
  const checksum = JSON.parse(row.checksum) as UploadInfo['checksum'] | null;
  return {
    bucket: row.bucket,
    key: row.key,
    uploadId: row.id,
    initiated: new Date(row.initiated),
    contentType: row.content_type,
    metadata: JSON.parse(row.metadata) as Record<string, string>,
    details: JSON.parse(row.details) as ObjectDetails,
    ...(row.encryption !== null && { encryption: row.encryption }),
    ...(checksum && { checksum }),
  };
}

export function partInfoOf({ number, size, etag, modified, checksum }: PartRow): PartInfo {
  return {
    partNumber: number,
    size,
    eTag: etag,
    lastModified: new Date(modified),
    ...(checksum !== null && { checksum: JSON.parse(checksum) as NonNullable<PartInfo['checksum']> }),
  };
}

/** @returns undefined where the upload asks for none, or a part lacks its own */
export function checksumOfUpload(row: UploadRow, parts: readonly PartRow[]): ObjectChecksum | undefined {
  const { checksum } = uploadInfoOf(row);
  if (!checksum) return undefined;
  const own = parts.map((part) => ({ size: part.size, value: partInfoOf(part).checksum?.value ?? '' }));
  if (own.some(({ value }) => value === '')) return undefined;
  const value = checksumOfParts(checksum.algorithm, checksum.type, own);
  return value === undefined ? undefined : { ...checksum, value };
}

/** Clients make all parts but the last of one size: however many there are, this is short. */
export function partRunsOf(parts: readonly Pick<PartRow, 'number' | 'size'>[]): readonly PartRun[] {
  const runs: PartRun[] = [];
  for (const { number, size } of parts) {
    const last = runs.at(-1);
    if (last?.size === size && number === last.first + last.count)
      runs.splice(-1, 1, { ...last, count: last.count + 1 });
    else runs.push({ first: number, size, count: 1 });
  }
  return runs;
}
