/**
 * Mount paths of a job that runs without a container. The folder of the volume is elsewhere then, so an environment value or
 * an argument that begins with a mount path is rewritten to it. `..` is resolved first, as the container's root would: no
 * value leads out of a volume by its name.
 */
import { posix } from 'node:path';

export interface MountedFolder {
  readonly path: string;
  readonly folder: string;
}

/** @returns the value as it is, where it begins with no mount path */
export function rewriteMounts(value: string, mounts: readonly MountedFolder[]): string {
  if (!value.startsWith('/')) return value;
  const path = posix.normalize(value);
  const longest = mounts
    .filter((mount) => `${path}/`.startsWith(`${trimmed(mount.path)}/`))
    .toSorted((a, b) => trimmed(b.path).length - trimmed(a.path).length)[0];
  if (!longest) return value;
  return longest.folder + path.slice(trimmed(longest.path).length);
}

function trimmed(path: string): string {
  return path.endsWith('/') ? path.slice(0, -1) : path;
}
