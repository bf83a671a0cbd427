/** Makes the names in a folder survive a power cut. Windows cannot and need not. */
import { close as closeFd, closeSync, fsync as fsyncFd, fsyncSync, open as openFd, openSync } from 'node:fs';
import { promisify } from 'node:util';

// Descriptors, and no `FileHandle`s: those cost more than all else that is done to a small file.
const open = promisify(openFd);
const fsync = promisify(fsyncFd);
const close = promisify(closeFd);

export async function syncFolder(path: string): Promise<void> {
  if (process.platform === 'win32') return;
  const fd = await open(path, 'r');
  try {
    await fsync(fd);
  } finally {
    await close(fd);
  }
}

/** The same, at once: while nothing else goes on yet. */
export function syncFolderNow(path: string): void {
  if (process.platform === 'win32') return;
  const fd = openSync(path, 'r');
  try {
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}
