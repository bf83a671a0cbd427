/**
 * A copy of a data directory while it is in use. All parts are frozen at one moment; the engine first, so that what its
 * tasks have done is in the other parts wherever the engine knows of it. What they did later is done again where the
 * copy goes on, as after a crash (I3).
 */
import { copyFileSync, existsSync } from 'node:fs';
import { mkdir, readdir, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join, relative, resolve } from 'node:path';
import { lockDirectory } from '../database/lock.ts';
import { syncFile } from '../database/frozen.ts';
import { syncFolder } from '../database/sync-folder.ts';
import type { Snapshot } from '../ports/snapshot.ts';
import { createSqliteStore } from '../runtimes/sqlite/store.ts';
import { openLocalTables } from '../services/dynamodb/tables.ts';
import { snapshotJobs } from '../services/jobs/job-snapshot.ts';
import { openLocalObjects } from '../services/s3/local.ts';
import { createClosers } from './closers.ts';
import { openStillMessages } from './messages.ts';
import { ProjectError } from './project-error.ts';

export interface BackupParts {
  readonly store: { snapshot(): Snapshot };
  readonly objects: { snapshot(): Snapshot };
  readonly tables: { snapshot(): Snapshot };
  readonly messages: { snapshots(): readonly Snapshot[] };
}

export interface BackupParams {
  readonly dataDirectory: string;
  /** The folder to make. Made whole or not at all. */
  readonly target: string;
}

export interface Backup {
  readonly path: string;
  readonly files: number;
  readonly bytes: number;
}

/** Backs up what this process has open. @throws ProjectError when the target cannot be */
export async function backUp(parts: BackupParts, { dataDirectory, target }: BackupParams): Promise<Backup> {
  const path = resolve(target);
  await checkTarget(dataDirectory, path);
  const unfinished = join(dirname(path), `.${basename(path)}.unfinished-${process.pid}`);
  await rm(unfinished, { recursive: true, force: true });
  // Its owner only: there are payloads in it, and the key that links are signed with.
  await mkdir(unfinished, { recursive: true, mode: 0o700 });
  const snapshots: Snapshot[] = [];
  try {
    snapshots.push(parts.store.snapshot());
    for (const snapshot of parts.messages.snapshots()) snapshots.push(snapshot);
    for (const part of [parts.objects, parts.tables]) snapshots.push(part.snapshot());
    snapshots.push(snapshotJobs(dataDirectory));
    for (const snapshot of snapshots) await snapshot.copyInto(unfinished);
    await copyCredentials(dataDirectory, unfinished);
    const size = await syncTree(unfinished);
    await rename(unfinished, path);
    await syncFolder(dirname(path));
    return { path, ...size };
  } catch (error) {
    await rm(unfinished, { recursive: true, force: true });
    throw error;
  } finally {
    for (const snapshot of snapshots) snapshot.release();
  }
}

/** Backs up a directory that no process has open; nothing in it goes on. @throws ProjectError when one has */
export async function backUpDirectory(params: BackupParams): Promise<Backup> {
  const { dataDirectory: directory } = params;
  if (!existsSync(join(directory, 'engine.db')))
    throw new ProjectError(
      `There is no data directory at ${directory}. Name the project with -C, or its data with --data.`,
    );
  const lock = lockDirectory(directory);
  if (!lock) throw new ProjectError(`The data directory ${directory} is held by a process that does not answer.`);
  const closers = createClosers();
  closers.add({ close: () => lock.release() });
  try {
    const store = closers.add(createSqliteStore({ directory }));
    const objects = closers.add(openLocalObjects({ directory, buckets: [] }));
    const tables = closers.add(await openLocalTables({ directory, tables: [] }));
    const messages = closers.add(openStillMessages(directory));
    return await backUp({ store, objects, tables, messages }, params);
  } finally {
    await closers.close();
  }
}

async function checkTarget(dataDirectory: string, path: string): Promise<void> {
  const from = resolve(dataDirectory);
  const way = relative(from, path);
  if (way === '' || !(way.startsWith('..') || resolve(way) === way))
    throw new ProjectError(`A backup cannot lie inside what it is of: ${path} is in ${from}. Choose another folder.`);
  const names = await readdir(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [];
    throw new ProjectError(`Cannot back up to ${path}: ${error.message}`, { cause: error });
  });
  if (names.length > 0) throw new ProjectError(`${path} is there already and not empty. Choose a new folder.`);
}

async function copyCredentials(from: string, to: string): Promise<void> {
  const file = join(from, 'credentials.json');
  if (!existsSync(file)) return;
  copyFileSync(file, join(to, 'credentials.json'));
  await syncFile(join(to, 'credentials.json'));
}

/** Makes the names in all folders survive a power cut. @returns what there is */
async function syncTree(folder: string): Promise<{ files: number; bytes: number }> {
  let files = 0;
  let bytes = 0;
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    const found = entry.isDirectory() ? await syncTree(path) : { files: 1, bytes: (await stat(path)).size };
    files += found.files;
    bytes += found.bytes;
  }
  await syncFolder(folder);
  return { files, bytes };
}
