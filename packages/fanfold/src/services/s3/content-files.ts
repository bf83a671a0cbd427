/**
 * The files that hold the bytes: `objects/<2 hex>/<id>`, and `objects/temp/<id>` while they are written. An id is given
 * by us and never derived from a key. A content file is never changed once it has its final name.
 */
import { mkdirSync, readdirSync, rmSync } from 'node:fs';
import { unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { syncFolderNow } from '../../database/sync-folder.ts';

export interface ContentFiles {
  /** Where the bytes with this id are. */
  path(id: string): string;
  /** Where they are written first. */
  temp(id: string): string;
  /** Removes the file, finished or not. That it is not there is no error. */
  remove(id: string): Promise<void>;
  removeSync(id: string): void;
  /** Removes what an earlier process left half written. Only while nobody writes. */
  clearTemp(): void;
}

/** Makes the folders; afterwards they are there for good, also after a power cut. */
export function openContentFiles(directory: string): ContentFiles {
  const root = join(directory, 'objects');
  const temp = join(root, 'temp');
  mkdirSync(temp, { recursive: true });
  for (let i = 0; i < 256; i++) mkdirSync(join(root, i.toString(16).padStart(2, '0')), { recursive: true });
  syncFolderNow(root);
  syncFolderNow(directory);

  const pathOf = (id: string): string => join(root, id.slice(0, 2), id);
  const tempOf = (id: string): string => join(temp, id);
  return {
    path: pathOf,
    temp: tempOf,
    remove: async (id) => {
      await removeFile(tempOf(id));
      await removeFile(pathOf(id));
    },
    removeSync: (id) => {
      rmSync(tempOf(id), { force: true });
      rmSync(pathOf(id), { force: true });
    },
    clearTemp: () => {
      for (const name of readdirSync(temp)) rmSync(join(temp, name), { force: true });
    },
  };
}

async function removeFile(path: string): Promise<void> {
  await unlink(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT') throw error;
  });
}
