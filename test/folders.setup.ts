/**
 * Where tests make their folders: in memory where there is room, so that hundreds of them do not wait for the disk. What is about
 * storing itself, and what is killed while it stores, stays on the disk.
 */
import { existsSync, statfsSync } from 'node:fs';
import { expect } from 'vitest';

const MEMORY = '/dev/shm';
const ROOM_BYTES = 4 * 2 ** 30;
const ON_DISK = /\/(?:runtimes|database)\/|kills?\.|\/test\/(?:disk|reliability|backup)\./;

function hasRoom(folder: string): boolean {
  if (!existsSync(folder)) return false;
  const { bavail, bsize } = statfsSync(folder);
  return bavail * bsize >= ROOM_BYTES;
}

if (process.env['TMPDIR'] === undefined && !ON_DISK.test(expect.getState().testPath ?? '') && hasRoom(MEMORY))
  process.env['TMPDIR'] = MEMORY;
