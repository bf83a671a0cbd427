/** Cuts a run's input into pieces, once. */
import { createHash } from 'node:crypto';
import { createReadStream, existsSync } from 'node:fs';
import { rm, stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { GetObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { openCsv } from 'fanfold/records';
import { headerProblem } from './columns.ts';
import type { JobEnvironment } from './environment.ts';
import { type Piece, readSplit, runFolder, type Split } from './run-folder.ts';
import { writeWhole } from '../../data/write-whole.ts';

/**
 * A split that is there already is taken as it is: a job that is run again does not split again.
 *
 * @param largest records in a piece
 * @throws Error for a key that is no CSV file's, a header that lacks columns, a file that is not well formed
 */
export async function splitInput({ bucket, key, runId, volume }: JobEnvironment, largest: number): Promise<Split> {
  if (!key.endsWith('csv')) throw new Error(`${key} is rejected: its name does not end with csv.`);
  if (!Number.isSafeInteger(largest) || largest < 1) throw new Error(`A piece cannot have ${largest} records.`);
  const folder = runFolder(volume, runId);
  if (existsSync(folder.manifest)) return readSplit(folder);
  await rm(folder.root, { recursive: true, force: true });
  const { Body } = await new S3Client({ forcePathStyle: true }).send(
    new GetObjectCommand({ Bucket: bucket, Key: key }),
  );
  await writeWhole(folder.input, Body as AsyncIterable<Uint8Array>);

  const starts: { readonly byteOffset: number; readonly line: number }[] = [];
  let records = 0;
  const { header, batches } = await openCsv(createReadStream(folder.input), {
    encoding: 'utf-8',
    onLostRecord: 'reject',
    expectedHeader: headerProblem,
  });
  for await (const batch of batches)
    for (const { byteOffset, line } of batch) if (records++ % largest === 0) starts.push({ byteOffset, line });

  const { size } = await stat(folder.input);
  const pieces: Piece[] = [];
  for (const [index, { byteOffset, line }] of starts.entries()) {
    const path = folder.piece(index, key);
    const end = (starts[index + 1]?.byteOffset ?? size) - 1;
    const hash = createHash('sha256');
    await writeWhole(path, hashed(createReadStream(folder.input, { start: byteOffset, end }), hash.update.bind(hash)));
    const count = Math.min(largest, records - index * largest);
    pieces.push({ path: basename(path), records: count, firstLine: line, sha256: hash.digest('hex') });
  }
  const split: Split = { header, records, pieces };
  await writeWhole(folder.manifest, [JSON.stringify(split)]);
  return split;
}

async function* hashed(
  parts: AsyncIterable<Uint8Array>,
  update: (part: Uint8Array) => unknown,
): AsyncGenerator<Uint8Array> {
  for await (const part of parts) {
    update(part);
    yield part;
  }
}
