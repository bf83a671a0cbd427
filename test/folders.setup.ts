/**
 * Where tests make their folders: in memory where there is room, so that hundreds of them do not wait for the disk. What is about
 * storing itself, and what is killed while it stores, stays on the disk. Processes that only seem to die (the simulation and the
 * scenarios of recovery) lose what was not written, wherever it would have been.
 */
import { existsSync, readFileSync, statfsSync } from 'node:fs';
import { expect } from 'vitest';

const MEMORY = '/dev/shm';
const ROOM_BYTES = 4 * 2 ** 30;
const ON_DISK =
  /\/(?:runtimes|database)\/(?!simulation\/|driver\.recovery)|kills?\.|\/test\/(?:disk|reliability|backup)\./;

/** In containers it is often small, or no program may be run there. */
function isFit(folder: string): boolean {
  if (!existsSync('/proc/mounts')) return false;
  const mounts = readFileSync('/proc/mounts', 'utf8').split('\n');
  const options = mounts.map((line) => line.split(' ')).find(([, at]) => at === folder)?.[3];
  if (options === undefined || options.split(',').includes('noexec')) return false;
  const { bavail, bsize } = statfsSync(folder);
  return bavail * bsize >= ROOM_BYTES;
}

// A process that runs many files is told for each.
const isOurs = [undefined, MEMORY].includes(process.env['TMPDIR']);
if (isOurs && ON_DISK.test(expect.getState().testPath ?? '')) delete process.env['TMPDIR'];
else if (isOurs && isFit(MEMORY)) process.env['TMPDIR'] = MEMORY;
