/** The objects of a bucket, and their versions, a page at a time, with what a delimiter makes of their keys. */
import type { Database } from '../../database/database.ts';
import {
  type DeleteMarker,
  type ListObjectsParams,
  type ListObjectsResult,
  type ListVersionsParams,
  type ListVersionsResult,
  NULL_VERSION,
  type ObjectVersion,
  type ObjectVersionPlace,
} from '../../ports/objects.ts';
import { type KeyPlace, keyPage } from './key-page.ts';
import { infoOf, type ObjectRow } from './object-row.ts';
import { checkVersionId, sequencerOf } from './version-id.ts';
import type { ObjectTable } from './object-table.ts';
import type { VersionRow, VersionTable } from './version-table.ts';

export interface Versions {
  readonly table: Pick<ObjectTable, 'find'>;
  readonly versions: Pick<VersionTable, 'find'>;
}

/** Begins where the later of the two is: a page deep in a bucket costs what the first does. */
const LIST = 'SELECT * FROM objects WHERE bucket = ?1 AND key >= max(?2, ?3) AND key > ?3 ORDER BY key LIMIT ?4';

/** @param isVersioned whether the bucket has versions @throws ServiceError InvalidArgument */
export function listPage(db: Database, params: ListObjectsParams, isVersioned: boolean): ListObjectsResult {
  const { bucket, prefix = '', after = '' } = params;
  const { rows, prefixes, next } = keyPage<ObjectRow>({
    ...params,
    after: { key: after },
    read: ({ key }, wanted) => db.prepare(LIST).all(bucket, prefix, key, wanted) as unknown as ObjectRow[],
    placeOf: ({ key }) => ({ key }),
  });
  const named = (row: ObjectRow): ObjectRow => (isVersioned ? { ...row, version: row.version ?? NULL_VERSION } : row);
  return { objects: rows.map((row) => infoOf(named(row))), prefixes, ...(next && { next: next.key }) };
}

const COLUMNS = `
  bucket, key, content, size, etag, modified, sequencer, content_type, metadata, details, encryption`;
const BEHIND = 'bucket = :bucket AND key >= max(:prefix, :key) AND (key > :key OR sequencer < :below)';
/** Both halves come in this order from an index, and are merged. */
const VERSIONS = `
  SELECT ${COLUMNS}, coalesce(version, '${NULL_VERSION}') AS version, NULL AS since
  FROM objects WHERE ${BEHIND}
  UNION ALL
  SELECT ${COLUMNS}, version, since
  FROM versions WHERE ${BEHIND}
  ORDER BY key, sequencer DESC LIMIT :wanted`;

type ListedRow = Omit<VersionRow, 'id'>;

/** Before the latest of a key, and behind the oldest, in place of a sequencer. */
const ABOVE_ALL = 'G';
const BELOW_ALL = '';

/** @throws ServiceError InvalidArgument */
export function listVersionsPage(db: Database, kept: Versions, params: ListVersionsParams): ListVersionsResult {
  const { bucket, prefix = '', after = { key: '' } } = params;
  const { rows, prefixes, next } = keyPage<ListedRow>({
    ...params,
    after: placeOf(kept, bucket, after),
    read: ({ key, below = BELOW_ALL }, wanted) =>
      db.prepare(VERSIONS).all({ bucket, prefix, key, below, wanted }) as unknown as ListedRow[],
    placeOf: ({ key, sequencer }) => ({ key, below: sequencer }),
  });
  const last = rows.at(-1);
  return {
    versions: rows.map(versionOf),
    prefixes,
    ...(next && {
      next: next.below !== undefined && last ? { key: last.key, versionId: last.version } : { key: next.key },
    }),
  };
}

/** A version that is gone still has its place; of `null`, which any write may have been, the whole key is listed again. */
function placeOf({ table, versions }: Versions, bucket: string, { key, versionId }: ObjectVersionPlace): KeyPlace {
  if (versionId === undefined) return { key };
  checkVersionId(versionId);
  const ref = { bucket, key };
  const current = table.find(ref);
  const named = current?.version === versionId ? current : versions.find(ref, versionId);
  return { key, below: sequencerOf(versionId) ?? named?.sequencer ?? ABOVE_ALL };
}

function versionOf(row: ListedRow): ObjectVersion | DeleteMarker {
  const { bucket, key, version: versionId, content, since, modified, sequencer } = row;
  const age = { versionId, isLatest: since === null, ...(since !== null && { noncurrentSince: new Date(since) }) };
  if (content === null)
    return { kind: 'delete-marker', bucket, key, lastModified: new Date(modified), sequencer, ...age };
  return { kind: 'object', ...infoOf(row), ...age };
}
