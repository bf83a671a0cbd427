/**
 * Where tests make their folders: in memory where there is room, so that hundreds of them do not wait for the disk. What is about
 * storing itself, and what is killed while it stores, stays on the disk.
 */
import { existsSync, readFileSync, statfsSync } from 'node:fs';
import { expect } from 'vitest';

const MEMORY = '/dev/shm';
const ROOM_BYTES = 4 * 2 ** 30;
const ON_DISK = /\/(?:runtimes|database)\/|kills?\.|\/test\/(?:disk|reliability|backup)\./;

/** In containers it is often small, or no program may be run there. */
function isFit(folder: string): boolean {
  if (!existsSync('/proc/mounts')) return false;
  const mounts = readFileSync('/proc/mounts', 'utf8').split('\n');
  const options = mounts.map((line) => line.split(' ')).find(([, at]) => at === folder)?.[3];
  if (options === undefined || options.split(',').includes('noexec')) return false;
  const { bavail, bsize } = statfsSync(folder);
  return bavail * bsize >= ROOM_BYTES;
}

if (process.env['TMPDIR'] === undefined && !ON_DISK.test(expect.getState().testPath ?? '') && isFit(MEMORY))
  process.env['TMPDIR'] = MEMORY;
