/**
 * Values too large for the database, a file each: `values/<id>.json`. A file is there before the row that points at it
 * is committed; a file without a row is what a crash left, and is swept away when the store opens.
 */

import {
  closeSync,
  fsyncSync,
  mkdirSync,
  opendirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { syncFolderNow } from '../../database/sync-folder.ts';

export interface ValueFiles {
  path(id: number): string;
  write(id: number, text: string): void;
  /** @throws Error when the file is gone or cannot be read */
  read(id: number): string;
  /** That it is not there is no error. What cannot be removed now is an orphan, and swept away at the next opening. */
  remove(id: number): void;
  /** Makes all files that may need it survive a power cut. @returns whether there were any */
  sync(): boolean;
  /** Goes through the files there are: removes orphans and leftovers of writes that were cut short. */
  sweep(judge: (id: number) => FileVerdict): void;
}

/** `unsynced` files are kept, and synced with the next {@link ValueFiles.sync}. */
export type FileVerdict = 'orphan' | 'unsynced' | 'synced';

/** Names that this module gives; others in the folder are left alone. */
const FILE_NAME = /^([1-9]\d*)\.json(\.tmp)?$/;

/** @throws Error when the folder cannot be made */
export function openValueFiles(directory: string): ValueFiles {
  const folder = join(directory, 'values');
  mkdirSync(folder, { recursive: true });
  syncFolderNow(directory);
  const pathOf = (id: number): string => join(folder, `${id}.json`);
  const unsynced = new Set<string>();

  return {
    path: pathOf,
    write(id, text) {
      const path = pathOf(id);
      writeFileSync(`${path}.tmp`, text);
      renameSync(`${path}.tmp`, path);
      unsynced.add(path);
    },
    read(id) {
      try {
        return readFileSync(pathOf(id), 'utf8');
      } catch (cause) {
        throw new Error(`Cannot read the stored value ${pathOf(id)}. Check that the file is there and readable.`, {
          cause,
        });
      }
    },
    remove(id) {
      unsynced.delete(pathOf(id));
      try {
        rmSync(pathOf(id), { force: true });
      } catch {}
    },
    sync() {
      if (unsynced.size === 0) return false;
      for (const path of unsynced) syncFile(path);
      syncFolderNow(folder);
      unsynced.clear();
      return true;
    },
    sweep(judge) {
      for (const name of namesIn(folder)) {
        const [, id, temporary] = FILE_NAME.exec(name) ?? [];
        if (id === undefined) continue;
        const verdict = temporary ? 'orphan' : judge(Number(id));
        if (verdict === 'orphan') rmSync(join(folder, name));
        if (verdict === 'unsynced') unsynced.add(join(folder, name));
      }
    },
  };
}

function* namesIn(folder: string): Generator<string> {
  const entries = opendirSync(folder);
  try {
    for (let entry = entries.readSync(); entry; entry = entries.readSync()) yield entry.name;
  } finally {
    entries.closeSync();
  }
}

/** Any descriptor of a file will do: what is synced is the file. Windows wants one that may write. */
function syncFile(path: string): void {
  syncDescriptor(openSync(path, 'r+'));
}

function syncDescriptor(descriptor: number): void {
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}
