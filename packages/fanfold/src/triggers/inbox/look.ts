/** One look at a dropped file: what it is, and the marks that tell whether it has changed since. */
import type { BigIntStats } from 'node:fs';
import { lstat } from 'node:fs/promises';
import { join } from 'node:path';
import { isNoFile } from './file-error.ts';

/** What changes when a file is written to or replaced. */
export interface Look {
  readonly inode: bigint;
  /** Bytes. */
  readonly size: bigint;
  /** Nanoseconds since the epoch. */
  readonly modified: bigint;
}

export type Found =
  | { readonly kind: 'file'; readonly look: Look }
  | { readonly kind: 'link' | 'special' | 'folder' | 'gone' };

export function lookOf(stats: BigIntStats): Look {
  return { inode: stats.ino, size: stats.size, modified: stats.mtimeNs };
}

export function sameLook(a: Look, b: Look): boolean {
  return a.inode === b.inode && a.size === b.size && a.modified === b.modified;
}

/** Names this content of this file, for `ObjectIndex.ingested`. */
export function identityOf(path: string, { inode, size, modified }: Look): string {
  return JSON.stringify([path, ...[inode, size, modified].map(String)]);
}

/** Looks at a file, and at the folders above it, without following any link. @throws filesystem errors */
export async function inspect(root: string, path: string): Promise<Found> {
  try {
    if (await isBehindLink(root, path)) return { kind: 'link' };
    const stats = await lstat(fileOf(root, path), { bigint: true });
    if (stats.isSymbolicLink()) return { kind: 'link' };
    if (stats.isDirectory()) return { kind: 'folder' };
    return stats.isFile() ? { kind: 'file', look: lookOf(stats) } : { kind: 'special' };
  } catch (error) {
    if (isNoFile(error)) return { kind: 'gone' };
    throw error;
  }
}

/** Whether a folder on the way is a link, which would lead out of the inbox. */
export async function isBehindLink(root: string, path: string): Promise<boolean> {
  const parts = path.split('/');
  for (let i = 1; i < parts.length; i++) {
    if ((await lstat(join(root, ...parts.slice(0, i)))).isSymbolicLink()) return true;
  }
  return false;
}

/** @param path relative to the inbox, with slashes, made of names that the file system gave */
export function fileOf(root: string, path: string): string {
  return join(root, ...path.split('/'));
}
