/** The objects of a bucket, a page at a time, with what a delimiter makes of their keys. */
import type { Database } from '../../database/database.ts';
import type { ListObjectsParams, ListObjectsResult, ObjectInfo } from '../../ports/objects.ts';
import { ServiceError } from '../../ports/service-error.ts';
import { infoOf, type ObjectRow } from './object-row.ts';

const LONGEST_PAGE = 1000;
const LIST = 'SELECT * FROM objects WHERE bucket = ? AND key >= ? AND key > ? ORDER BY key LIMIT ?';
/** Behind nearly all keys that begin with what is before it. */
const LAST = '\u{10ffff}';

/** @throws ServiceError InvalidArgument */
export function listPage(
  db: Database,
  { bucket, prefix = '', after = '', delimiter = '', limit = LONGEST_PAGE }: ListObjectsParams,
): ListObjectsResult {
  if (!Number.isInteger(limit) || limit < 0)
    throw new ServiceError('InvalidArgument', `The limit of a list is a whole number from 0 on, not ${limit}.`);
  const length = Math.min(limit, LONGEST_PAGE);
  const objects: ObjectInfo[] = [];
  const prefixes: string[] = [];
  let last = after;
  /** The group that was taken last, whose other keys are passed over. */
  let taken = groupOf(after, prefix, delimiter) === after ? after : undefined;
  let from = taken === undefined ? after : taken + LAST;
  while (length > 0) {
    const count = objects.length + prefixes.length;
    // One more than asked for is read, to know whether there is a next page.
    const wanted = length + 1 - count;
    const rows = db.prepare(LIST).all(bucket, prefix, from, wanted) as unknown as ObjectRow[];
    let group: string | undefined;
    let again: string | undefined;
    for (const row of rows) {
      // Keys with the prefix lie together, from the prefix itself on.
      if (!row.key.startsWith(prefix)) return { objects, prefixes };
      group = groupOf(row.key, prefix, delimiter);
      if (group !== undefined && group === taken) {
        again = row.key;
        break;
      }
      if (objects.length + prefixes.length === length) return { objects, prefixes, next: last };
      if (group === undefined) objects.push(infoOf(row));
      else prefixes.push(group);
      taken = group;
      last = group ?? row.key;
      if (group !== undefined) break;
    }
    if (rows.length === 0 || (group === undefined && rows.length < wanted)) break;
    from = again ?? (group === undefined ? last : group + LAST);
  }
  return { objects, prefixes };
}

/** A key up to and with the first delimiter behind the prefix. */
function groupOf(key: string, prefix: string, delimiter: string): string | undefined {
  const at = delimiter === '' ? -1 : key.indexOf(delimiter, prefix.length);
  return at < 0 || !key.startsWith(prefix) ? undefined : key.slice(0, at + delimiter.length);
}
