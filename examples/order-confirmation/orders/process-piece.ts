/** Processes one piece of a run, and leaves what came of it beside it. */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { join } from 'node:path';
import type { ChunkFile } from 'fanfold/records';
import { confirm } from './confirm.ts';
import { errorsTolerated, type JobEnvironment } from './environment.ts';
import type { OrderTable } from './order-table.ts';
import { readSplit, runFolder } from './run-folder.ts';
import { writeWhole } from '../../data/write-whole.ts';

/**
 * Doing it again gives the same files and the same items.
 *
 * @param name of the piece's file
 * @throws Error for a piece that the split does not name, or that was altered
 */
export async function processPiece({ runId, volume }: JobEnvironment, name: string, table: OrderTable): Promise<void> {
  const folder = runFolder(volume, runId);
  const { source, chunks } = await readSplit(folder);
  const piece = chunks.find(({ key }) => key === name);
  if (!piece) throw new Error(`${name} is not a piece of the run ${runId}.`);
  const path = join(folder.root, name);
  await checkUnaltered(path, piece);
  const start = { line: piece.firstLine, byteOffset: 0 };
  const { lines, rejects } = await confirm({
    runId,
    path,
    header: source.header,
    start,
    table,
    tolerant: errorsTolerated(),
  });
  if (lines.length + rejects.length !== piece.records)
    throw new Error(
      `${name} has ${piece.records} records, of which ${lines.length + rejects.length} are accounted for.`,
    );
  await writeWhole(folder.rejects(name), [rejects.join('')]);
  await writeWhole(folder.output(name), [lines.join('')]);
}

async function checkUnaltered(path: string, { sha256 }: ChunkFile): Promise<void> {
  const hash = createHash('sha256');
  for await (const part of createReadStream(path)) hash.update(part as Uint8Array);
  if (hash.digest('hex') !== sha256) throw new Error(`${path} was altered since it was split.`);
}
