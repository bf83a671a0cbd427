/** All that lies in the inbox, whether anybody told of it or not. */
import type { Dirent } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { isHidden } from './drop.ts';
import { isNoFile } from './file-error.ts';
import { fileOf } from './look.ts';

/**
 * Everything but folders, as relative paths with slashes, each folder in the order of its names. Links are told, never
 * followed; folders that are no bucket's are told with a slash behind, and not looked into.
 * @param onError told of folders that cannot be read; the walk goes on
 */
export async function* walk(
  root: string,
  buckets: ReadonlySet<string>,
  onError: (folder: string, error: unknown) => void,
): AsyncGenerator<string> {
  const folders = [''];
  for (let folder = folders.pop(); folder !== undefined; folder = folders.pop()) {
    const inner: string[] = [];
    for (const entry of await entriesOf(root, folder, onError)) {
      const path = folder === '' ? entry.name : `${folder}/${entry.name}`;
      if (isHidden(path)) continue;
      if (!entry.isDirectory()) yield path;
      else if (folder === '' && !buckets.has(path)) yield `${path}/`;
      else inner.push(path);
    }
    folders.push(...inner.reverse());
  }
}

async function entriesOf(
  root: string,
  folder: string,
  onError: (folder: string, error: unknown) => void,
): Promise<readonly Dirent[]> {
  try {
    const entries = await readdir(fileOf(root, folder), { withFileTypes: true });
    return entries.sort((a, b) => (a.name < b.name ? -1 : 1));
  } catch (error) {
    if (!isNoFile(error) || folder.includes('\ufffd')) onError(folder, error);
    return [];
  }
}
