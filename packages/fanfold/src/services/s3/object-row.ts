/** An object as its row in `objects.db`. */
import type { ObjectDetails, ObjectInfo } from '../../ports/objects.ts';

/** The columns that `objects` and `events` have in common. */
export interface InfoRow {
  readonly bucket: string;
  readonly key: string;
  readonly size: number;
  readonly etag: string;
  readonly modified: number;
  readonly sequencer: string;
  readonly content_type: string;
  readonly metadata: string;
  /** Null where the bucket never kept versions. */
  readonly version: string | null;
}

export interface ObjectRow extends InfoRow {
  readonly content: string;
  readonly details: string;
  /** The id of the key that the content is encrypted with. */
  readonly encryption: string | null;
}

/** Events do not say what few objects have. */
export function infoOf(row: InfoRow & Partial<Pick<ObjectRow, 'details' | 'encryption'>>): ObjectInfo {
  const { details = '{}', encryption = null } = row;
  return {
    bucket: row.bucket,
    key: row.key,
    size: row.size,
    eTag: row.etag,
    lastModified: new Date(row.modified),
    sequencer: row.sequencer,
    contentType: row.content_type,
    metadata: JSON.parse(row.metadata) as Record<string, string>,
    details: JSON.parse(details) as ObjectDetails,
    ...(encryption !== null && { encryption: 'AES256' }),
    ...(row.version !== null && { versionId: row.version }),
  };
}
