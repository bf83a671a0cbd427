/** Cuts a run's input into pieces, once. */
import { createReadStream, existsSync } from 'node:fs';
import { rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { GetObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { formatManifest, gatherRanges, type Manifest, openCsv, writeChunkFiles } from 'fanfold/records';
import { headerProblem } from './columns.ts';
import type { JobEnvironment } from './environment.ts';
import { readSplit, runFolder } from './run-folder.ts';
import { writeWhole } from '../../data/write-whole.ts';

/**
 * A split that is there already is taken as it is: a job that is run again does not split again.
 *
 * @param largest records in a piece
 * @throws Error for a key that is no CSV file's, a header that lacks columns, a file that is not well formed
 */
export async function splitInput({ bucket, key, runId, volume }: JobEnvironment, largest: number): Promise<Manifest> {
  if (!key.endsWith('csv')) throw new Error(`${key} is rejected: its name does not end with csv.`);
  if (!Number.isSafeInteger(largest) || largest < 1) throw new Error(`A piece cannot have ${largest} records.`);
  const folder = runFolder(volume, runId);
  if (existsSync(folder.manifest)) return readSplit(folder);
  await rm(folder.root, { recursive: true, force: true });
  const { Body, ETag: eTag = '' } = await new S3Client({ forcePathStyle: true }).send(
    new GetObjectCommand({ Bucket: bucket, Key: key }),
  );
  const { input } = folder;
  await writeWhole(input, Body as AsyncIterable<Uint8Array>);

  const { header, batches } = await openCsv(createReadStream(input), {
    encoding: 'utf-8',
    onLostRecord: 'reject',
    expectedHeader: headerProblem,
  });
  const { size } = await stat(input);
  const { records, ranges } = await gatherRanges(batches, { records: largest, bytes: size }, size);
  const chunks = await writeChunkFiles({
    source: { read: (start, end) => createReadStream(input, { start, end: end - 1 }) },
    ranges,
    name: folder.pieces(key),
    write: (name, body) => writeWhole(join(folder.root, name), body),
  });
  const split: Manifest = { version: 1, source: { bucket, key, eTag, header }, records, chunks };
  await writeWhole(folder.manifest, [formatManifest(split)]);
  return split;
}
