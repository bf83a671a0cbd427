/** A file that the user names. */
import { stat } from 'node:fs/promises';
import { UsageError } from './exit.ts';

/** @returns its bytes @throws UsageError when it is not there, or is a folder */
export async function sizeOfFile(path: string): Promise<number> {
  const found = await stat(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT' || error.code === 'ENOTDIR') throw new UsageError(`There is no file ${path}.`);
    throw error;
  });
  if (found.isDirectory()) throw new UsageError(`${path} is a folder: name the files in it one by one.`);
  return found.size;
}
