/** How much there is in a folder. */
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';

/** Bytes of all files in it and below. */
export function sizeOf(directory: string): number {
  return readdirSync(directory, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .reduce(
      (bytes, entry) => bytes + (statSync(join(entry.parentPath, entry.name), { throwIfNoEntry: false })?.size ?? 0),
      0,
    );
}
