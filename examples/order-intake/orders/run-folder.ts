/**
 * Where a run keeps its objects. The folder's name comes from the split's idempotency key, so that a split that is done
 * again, after a retry or a crash, writes the same bytes to the same places.
 *
 *     <run>/manifest.json                     the chunks, in order
 *     <run>/executions.json                   which executions process the chunks, where they are polled
 *     <run>/to_process/<part>.csv             a chunk: header and records
 *     <run>/lines/<part>.json                 what is known about a chunk's records (chunk-note.ts)
 *     <run>/output/_started                   marker: the input was good and the run began
 *     <run>/output/<part>.csv                 the chunk's output, without a header
 *     <run>/rejects/<part>.{read,write}.jsonl the chunk's rejects
 *     <run>/accounts/<part>.json              the chunk's account: what was written, what was rejected
 *     <run>/output/completed/<file>           the merged output
 *     <run>/output/rejected/<file>            the merged rejects
 *     <run>/summary.json                      the run's account
 */
import { createHash } from 'node:crypto';

export interface RunFolder {
  readonly runId: string;
  readonly toProcess: string;
  readonly manifest: string;
  readonly executions: string;
  readonly started: string;
  readonly summary: string;
  piece(part: string): string;
  note(part: string): string;
  output(part: string): string;
  account(part: string): string;
  rejects(part: string, by: 'read' | 'write'): string;
  completed(fileName: string): string;
  rejected(fileName: string): string;
}

/** A run's id, in the shape of a UUID (version 8: made from a hash). The same key gives the same id. */
export function runIdOf(idempotencyKey: string): string {
  const hex = createHash('sha256').update(idempotencyKey).digest('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), `8${hex.slice(13, 16)}`, `8${hex.slice(17, 20)}`, hex.slice(20, 32)].join(
    '-',
  );
}

export function runFolder(runId: string): RunFolder {
  return {
    runId,
    toProcess: `${runId}/to_process`,
    manifest: `${runId}/manifest.json`,
    executions: `${runId}/executions.json`,
    started: `${runId}/output/_started`,
    summary: `${runId}/summary.json`,
    piece: (part) => `${runId}/to_process/${part}.csv`,
    note: (part) => `${runId}/lines/${part}.json`,
    output: (part) => `${runId}/output/${part}.csv`,
    account: (part) => `${runId}/accounts/${part}.json`,
    rejects: (part, by) => `${runId}/rejects/${part}.${by}.jsonl`,
    completed: (fileName) => `${runId}/output/completed/${fileName}`,
    rejected: (fileName) => `${runId}/output/rejected/${fileName}`,
  };
}

/** What the chunks of an input are named after. */
export function stemOf(inputKey: string): string {
  return fileNameOf(inputKey).replace(/\.[^.]*$/, '');
}

/** The last part of a key. */
export function fileNameOf(key: string): string {
  return key.slice(key.lastIndexOf('/') + 1);
}

/** A chunk as the workflow names it: `<bucket>/<run>/to_process/<part>.csv`. */
export interface ChunkPlace {
  readonly bucket: string;
  readonly folder: RunFolder;
  readonly part: string;
}

/** @throws Error when the path is not one that the split gives out */
export function parseFilePath(filePath: unknown): ChunkPlace {
  const match = typeof filePath === 'string' ? /^([^/]+)\/([^/]+)\/to_process\/([^/]+)\.csv$/s.exec(filePath) : null;
  const [, bucket, runId, part] = match ?? [];
  if (bucket === undefined || runId === undefined || part === undefined)
    throw new Error(
      `FilePath is ${JSON.stringify(filePath)}. Pass one of splitFileNames: <bucket>/<run>/to_process/<part>.csv.`,
    );
  return { bucket, folder: runFolder(runId), part };
}

/** The run that a key under its folder belongs to. */
export function runFolderOf(key: string): RunFolder {
  return runFolder(key.slice(0, key.indexOf('/')));
}
