/**
 * Merge all Files: one output from the chunks' outputs, in the order of the manifest, never of a listing; the rejects
 * beside it, in the order of their lines. Every chunk's account must add up, and so must the run's. Streams, so that
 * the output's size does not matter; a chunk that is missing or altered fails the merge by name and leaves no output.
 */
import { createHash } from 'node:crypto';
import type { FunctionHandler, Objects } from 'fanfold';
import { type ChunkFile, formatCsvRecord } from 'fanfold/records';
import { type ChunkAccount, readAccount, type Summary } from '../orders/account.ts';
import { OUTPUT_HEADER } from '../orders/columns.ts';
import { type OrderManifest, readManifest } from '../orders/manifest.ts';
import { readText } from '../orders/objects.ts';
import { formatReject, type Reject, readRejects } from '../orders/reject.ts';
import { fileNameOf, type RunFolder, runFolderOf } from '../orders/run-folder.ts';

export interface MergeEvent {
  readonly toProcessFolder: string;
  readonly bucket: string;
  /** Of the input. */
  readonly key: string;
}

export interface MergeResult {
  readonly response: string;
  readonly S3OutputFileName: string;
  readonly summary: Summary;
}

/** The run being merged. */
interface Run {
  readonly objects: Objects;
  readonly bucket: string;
  readonly folder: RunFolder;
  readonly manifest: OrderManifest;
}

export const handler: FunctionHandler<MergeEvent, MergeResult> = async (event, { objects }) => {
  const { bucket, key } = event;
  const folder = runFolderOf(event.toProcessFolder);
  const text = await readText(objects, { bucket, key: folder.manifest });
  if (text === undefined)
    throw new Error(`The manifest ${folder.manifest} is missing from bucket ${bucket}. Start a new run.`);
  const run: Run = { objects, bucket, folder, manifest: readManifest(text) };
  const { written, rejected } = await addUp(run);

  const output = folder.completed(fileNameOf(key));
  const rejects = rejected > 0 ? folder.rejected(fileNameOf(key)) : null;
  const summary: Summary = { read: run.manifest.records, written, filtered: 0, rejected, rejects };
  if (rejects !== null) await objects.put({ bucket, key: rejects, body: rejectBytes(run), contentType: 'text/csv' });
  await objects.put({ bucket, key: output, body: outputBytes(run), contentType: 'text/csv' });
  await objects.put({
    bucket,
    key: folder.summary,
    body: `${JSON.stringify(summary)}\n`,
    contentType: 'application/json',
  });
  return { response: 'All files merged', S3OutputFileName: output, summary };
};

/** @throws Error when a chunk's numbers, or the run's, do not add up: read = written + rejected */
async function addUp(run: Run): Promise<{ readonly written: number; readonly rejected: number }> {
  let written = 0;
  let rejected = 0;
  for (const chunk of run.manifest.chunks) {
    const account = await accountOf(run, chunk);
    const rejects = (await rejectsOf(run, chunk)).length;
    if (chunk.records !== account.written + rejects)
      throw new Error(
        `Chunk ${partOf(chunk)} does not add up: ${chunk.records} read, ${account.written} written, ${rejects} rejected. Its output or its rejects were altered; start a new run.`,
      );
    written += account.written;
    rejected += rejects;
  }
  const { records } = run.manifest;
  if (records !== written + rejected)
    throw new Error(
      `The run does not add up: ${records} read, ${written} written, ${rejected} rejected. Start a new run.`,
    );
  return { written, rejected };
}

async function* outputBytes(run: Run): AsyncGenerator<Uint8Array, void, void> {
  yield Buffer.from(formatCsvRecord(OUTPUT_HEADER, { delimiter: run.manifest.source.delimiter }));
  for (const chunk of run.manifest.chunks) {
    const account = await accountOf(run, chunk);
    const ref = { bucket: run.bucket, key: run.folder.output(partOf(chunk)) };
    if (!(await run.objects.head(ref))) throw missing(run, chunk, ref.key);
    const hash = createHash('sha256');
    for await (const bytes of (await run.objects.get(ref)).body) {
      hash.update(bytes);
      yield bytes;
    }
    if (hash.digest('hex') !== account.sha256)
      throw new Error(
        `Chunk ${partOf(chunk)} was altered: ${ref.key} in bucket ${run.bucket} is not what was written. Start a new run.`,
      );
  }
}

async function* rejectBytes(run: Run): AsyncGenerator<Uint8Array, void, void> {
  const { source, chunks } = run.manifest;
  const { header, delimiter } = source;
  yield Buffer.from(formatCsvRecord([...header, 'line', 'reason'], { delimiter }));
  for (const chunk of chunks)
    for (const reject of await rejectsOf(run, chunk)) yield Buffer.from(formatReject(reject, header, delimiter));
}

async function accountOf(run: Run, chunk: ChunkFile): Promise<ChunkAccount> {
  const key = run.folder.account(partOf(chunk));
  const account = await readAccount(run.objects, { bucket: run.bucket, key });
  if (!account) throw missing(run, chunk, key);
  return account;
}

/** The chunk's rejects, those of Read File and those of Write, by line. */
async function rejectsOf(run: Run, chunk: ChunkFile): Promise<readonly Reject[]> {
  const { objects, bucket, folder } = run;
  const part = partOf(chunk);
  const read = await readRejects(objects, { bucket, key: folder.rejects(part, 'read') });
  const write = await readRejects(objects, { bucket, key: folder.rejects(part, 'write') });
  return [...read, ...write].sort((a, b) => a.line - b.line);
}

function missing(run: Run, chunk: ChunkFile, key: string): Error {
  return new Error(
    `Chunk ${partOf(chunk)} is missing: the manifest has it, but ${key} is not in bucket ${run.bucket}. Start a new run.`,
  );
}

function partOf(chunk: ChunkFile): string {
  return fileNameOf(chunk.key).replace(/\.csv$/, '');
}
