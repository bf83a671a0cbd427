/** What a dropped file's name says: which object it is to become, or why it is left alone. */
import { utf8Length } from '../../json.ts';
import type { ObjectRef } from '../../ports/objects.ts';
import { LONGEST_KEY } from '../object-key.ts';

export type Drop =
  | { readonly kind: 'object'; readonly ref: ObjectRef }
  /** Hidden, or still being written by whoever named it so. */
  | { readonly kind: 'ignored' }
  /** `about` is what to warn of once: the file, or the folder that it shares its fault with. */
  | { readonly kind: 'refused'; readonly about: string; readonly reason: string };

const TEMPORARY = /^~|~$|\.(tmp|part|partial|filepart|crdownload)$/i;

/** @param path relative to the inbox, with slashes; a folder's ends in one */
export function dropOf(path: string, buckets: ReadonlySet<string>): Drop {
  if (isHidden(path) || TEMPORARY.test(path.slice(path.lastIndexOf('/') + 1))) return { kind: 'ignored' };
  const slash = path.indexOf('/');
  const bucket = slash < 0 ? path : path.slice(0, slash);
  const key = slash < 0 ? '' : path.slice(slash + 1);
  if (!buckets.has(bucket)) return stray(bucket, slash < 0, buckets);
  if (slash < 0)
    return refused(path, 'a bucket has a folder here, and this is none: links are not followed. Put a folder there');
  if (key === '') return { kind: 'ignored' };
  if (!key.isWellFormed()) return refused(path, 'its name is not valid Unicode. Rename it');
  if (utf8Length(key) > LONGEST_KEY)
    return refused(
      path,
      `as a key its path has ${utf8Length(key)} bytes, at most ${LONGEST_KEY} are possible. Rename it`,
    );
  return { kind: 'object', ref: { bucket, key } };
}

/** Whether the file or folder, or one that it is in, is hidden. */
export function isHidden(path: string): boolean {
  return path.startsWith('.') || path.includes('/.');
}

function stray(name: string, isFile: boolean, buckets: ReadonlySet<string>): Drop {
  const known = [...buckets].map((bucket) => `${bucket}/`).join(', ') || 'none';
  return isFile
    ? refused(name, `it is in no bucket's folder. Put it into one of: ${known}`)
    : refused(`${name}/`, `there is no bucket of this name. The folders of the buckets are: ${known}`);
}

function refused(about: string, reason: string): Drop {
  return { kind: 'refused', about, reason };
}
