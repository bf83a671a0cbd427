/** Another name for a file that never changes; a copy of it where the file system has no second names. */
import { copyFile, link } from 'node:fs/promises';
import { syncFile } from './frozen.ts';

const NO_LINK: readonly unknown[] = ['EXDEV', 'EPERM', 'ENOTSUP', 'EMLINK', 'ENOSYS'];

/** The file at `to` is then as durable as that at `from`. @throws Error when it cannot be read or written */
export async function copyUnchanging(from: string, to: string): Promise<void> {
  try {
    await link(from, to);
  } catch (error) {
    if (!NO_LINK.includes((error as NodeJS.ErrnoException).code)) throw error;
    await copyFile(from, to);
    await syncFile(to);
  }
}
