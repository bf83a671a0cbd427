/** Get File List: the names of the pieces. It is there because a job can only answer with an exit code. */
import { readdir } from 'node:fs/promises';
import type { FunctionHandler } from 'fanfold';
import { inOrder } from '../customers/volume.ts';

export interface FileList {
  readonly statusCode: 200;
  readonly body: readonly string[];
}

export const handler: FunctionHandler<unknown, FileList> = async () => {
  const { OUT } = process.env;
  if (!OUT) throw new Error('OUT is not set: it says where the pieces are.');
  const entries = await readdir(OUT, { withFileTypes: true });
  const names = entries.filter((entry) => entry.isFile() && !entry.name.startsWith('.')).map(({ name }) => name);
  return { statusCode: 200, body: inOrder(names) };
};
