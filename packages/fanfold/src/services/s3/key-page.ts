/** A page of rows in the order of their keys, with what a delimiter makes of them. Pure: what is where, `read` says. */
import { ServiceError } from '../../ports/service-error.ts';

const LONGEST_PAGE = 1000;
/** Behind nearly all keys that begin with what is before it. */
const LAST = '\u{10ffff}';

/** Behind a key; or behind one row of it, where the key has several. */
export interface KeyPlace {
  readonly key: string;
  readonly below?: string;
}

export interface KeyPageParams<Row extends { readonly key: string }> {
  readonly prefix?: string;
  readonly after: KeyPlace;
  readonly delimiter?: string;
  readonly limit?: number;
  /** At most so many rows behind a place, whose keys do not come before the prefix. */
  read(from: KeyPlace, wanted: number): readonly Row[];
  placeOf(row: Row): KeyPlace;
}

export interface KeyPage<Row> {
  readonly rows: readonly Row[];
  readonly prefixes: readonly string[];
  /** Absent on the last page. */
  readonly next?: KeyPlace;
}

/** @throws ServiceError InvalidArgument */
export function keyPage<Row extends { readonly key: string }>({
  prefix = '',
  after,
  delimiter = '',
  limit = LONGEST_PAGE,
  read,
  placeOf,
}: KeyPageParams<Row>): KeyPage<Row> {
  if (!Number.isInteger(limit) || limit < 0)
    throw new ServiceError('InvalidArgument', `The limit of a list is a whole number from 0 on, not ${limit}.`);
  const length = Math.min(limit, LONGEST_PAGE);
  const found: Row[] = [];
  const prefixes: string[] = [];
  let last = after;
  /** The group that was taken last, whose other keys are passed over. */
  let taken = after.below === undefined && groupOf(after.key, prefix, delimiter) === after.key ? after.key : undefined;
  let from: KeyPlace = taken === undefined ? after : { key: taken + LAST };
  while (length > 0) {
    const count = found.length + prefixes.length;
    // One more than asked for is read, to know whether there is a next page.
    const wanted = length + 1 - count;
    const rows = read(from, wanted);
    let group: string | undefined;
    let again: string | undefined;
    for (const row of rows) {
      // Keys with the prefix lie together, from the prefix itself on.
      if (!row.key.startsWith(prefix)) return { rows: found, prefixes };
      group = groupOf(row.key, prefix, delimiter);
      if (group !== undefined && group === taken) {
        again = row.key;
        break;
      }
      if (found.length + prefixes.length === length) return { rows: found, prefixes, next: last };
      if (group === undefined) found.push(row);
      else prefixes.push(group);
      taken = group;
      last = group === undefined ? placeOf(row) : { key: group };
      if (group !== undefined) break;
    }
    if (rows.length === 0 || (group === undefined && rows.length < wanted)) break;
    from = again !== undefined ? { key: again } : group === undefined ? last : { key: group + LAST };
  }
  return { rows: found, prefixes };
}

/** A key up to and with the first delimiter behind the prefix. */
function groupOf(key: string, prefix: string, delimiter: string): string | undefined {
  const at = delimiter === '' ? -1 : key.indexOf(delimiter, prefix.length);
  return at < 0 || !key.startsWith(prefix) ? undefined : key.slice(0, at + delimiter.length);
}
