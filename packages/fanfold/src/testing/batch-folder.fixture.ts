/** The files of a project with one batch, for tests. */
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** What the module of a batch imports. */
export const BATCHES: string = new URL('../batch/index.ts', import.meta.url).href;

export interface BatchFolder {
  /** Of the folder's name. */
  readonly prefix: string;
  /** The text of `orders.batch.ts`. */
  readonly module: string;
  /** More of the project file. */
  readonly settings?: object;
}

/** @returns a folder of its own, with a project that has the bucket `files` */
export function makeBatchFolder({ prefix, module, settings = {} }: BatchFolder): string {
  const folder = mkdtempSync(join(tmpdir(), prefix));
  writeFileSync(join(folder, 'package.json'), '{"type":"module"}');
  writeFileSync(
    join(folder, 'fanfold.config.json'),
    JSON.stringify({ name: 'p', batches: ['./orders.batch.ts'], buckets: { files: {} }, ...settings }),
  );
  writeFileSync(join(folder, 'orders.batch.ts'), module);
  return folder;
}
