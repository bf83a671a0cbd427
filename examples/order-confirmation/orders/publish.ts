/** Puts the outputs of all pieces together, in the input's order, and uploads them beside the input. */
import { createReadStream } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import type { ChunkFile } from 'fanfold/records';
import type { JobEnvironment } from './environment.ts';
import { readSplit, type RunFolder, runFolder } from './run-folder.ts';
import { writeWhole } from '../../data/write-whole.ts';

export interface Published {
  readonly read: number;
  readonly written: number;
  readonly filtered: 0;
  readonly rejected: number;
  readonly output: string;
}

/**
 * The output appears whole or not at all, and publishing again gives the same.
 *
 * @param ending of the output's key
 * @throws Error when a piece's output is missing, or records are not accounted for
 */
export async function publish({ bucket, key, runId, volume }: JobEnvironment, ending = '_Output'): Promise<Published> {
  const folder = runFolder(volume, runId);
  const { records, chunks } = await readSplit(folder);
  const merged = `${folder.root}/merged`;
  let written = 0;
  let rejects = '';
  await writeWhole(
    merged,
    each(chunks, async ({ key: piece }) => {
      const text = await outputOf(folder, piece);
      written += linesIn(text);
      rejects += await readFile(folder.rejects(piece), 'utf8');
      return text;
    }),
  );
  const rejected = linesIn(rejects);
  if (written + rejected !== records)
    throw new Error(`Of ${records} records ${written} were written and ${rejected} rejected.`);
  const client = new S3Client({ forcePathStyle: true });
  if (rejected > 0) await client.send(new PutObjectCommand({ Bucket: bucket, Key: `${key}_Rejects`, Body: rejects }));
  const { size } = await stat(merged);
  const output = `${key}${ending}`;
  await client.send(
    new PutObjectCommand({ Bucket: bucket, Key: output, Body: createReadStream(merged), ContentLength: size }),
  );
  return { read: records, written, filtered: 0, rejected, output };
}

async function* each(
  chunks: readonly ChunkFile[],
  textOf: (chunk: ChunkFile) => Promise<string>,
): AsyncGenerator<string> {
  for (const chunk of chunks) yield await textOf(chunk);
}

async function outputOf(folder: RunFolder, piece: string): Promise<string> {
  try {
    return await readFile(folder.output(piece), 'utf8');
  } catch (cause) {
    throw new Error(`The output of ${piece} is missing.`, { cause });
  }
}

/** Records of outputs and rejects: a reject's text may have newlines of its own, inside quotes. */
function linesIn(text: string): number {
  let lines = 0;
  let quoted = false;
  for (const character of text)
    if (character === '"') quoted = !quoted;
    else if (character === '\n' && !quoted) lines += 1;
  return lines;
}
