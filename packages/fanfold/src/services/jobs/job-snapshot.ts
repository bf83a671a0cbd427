/**
 * Jobs as they stand, for a backup: the table at one moment, and the folders that programs write, file by file. A program
 * may write meanwhile: what it finds in the copy is as it would be after it was killed, and its job is run again there (I3).
 */
import { constants, existsSync } from 'node:fs';
import { copyFile, mkdir, readdir, readlink, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { freezeDatabase, syncFile } from '../../database/frozen.ts';
import type { Snapshot } from '../../ports/snapshot.ts';
import { JOBS_FILE, openJobTable } from './job-table.ts';
import { JOB_FOLDERS } from './launch.ts';

/** @param directory with or without jobs in it */
export function snapshotJobs(directory: string): Snapshot {
  const file = join(directory, JOBS_FILE);
  if (!existsSync(file)) return { copyInto: async () => {}, release: () => {} };
  const frozen = freezeDatabase(file);
  return {
    copyInto: async (target) => {
      await frozen.copyTo(join(target, JOBS_FILE));
      letGoOfProcesses(target);
      for (const folder of JOB_FOLDERS) await copyFolder(join(directory, folder), join(target, folder));
    },
    release: () => frozen.release(),
  };
}

/** What runs belongs to the original: who opens the copy must not end it. */
function letGoOfProcesses(directory: string): void {
  const table = openJobTable(directory);
  for (const record of table.open()) if (record.process) table.put({ ...record, process: null }, null);
  table.close();
}

/** Files that are gone before their turn are left out, and so is what is neither a file, a folder nor a link. */
async function copyFolder(from: string, to: string): Promise<void> {
  const entries = await unlessGone(readdir(from, { withFileTypes: true }));
  if (!entries) return;
  await mkdir(to, { recursive: true });
  for (const entry of entries) {
    const [source, target] = [join(from, entry.name), join(to, entry.name)];
    if (entry.isDirectory()) await copyFolder(source, target);
    else if (entry.isSymbolicLink()) await unlessGone(readlink(source).then((path) => symlink(path, target)));
    else if (entry.isFile()) {
      const copied = await unlessGone(copyFile(source, target, constants.COPYFILE_FICLONE).then(() => true));
      if (copied) await syncFile(target);
    }
  }
}

async function unlessGone<T>(promise: Promise<T>): Promise<T | undefined> {
  try {
    return await promise;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    return undefined;
  }
}
