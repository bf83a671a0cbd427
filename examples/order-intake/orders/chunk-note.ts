/**
 * What the split knows about a chunk's records and the chunk's file cannot say: on which lines of the input they were,
 * which of them repeat an id, and the broken ones, which are in no file.
 */
import type { ObjectRef, Objects } from 'fanfold';
import { readText } from './objects.ts';

/** So many records, one on each line from `line` on. */
export type LineRun = readonly [line: number, records: number];

export interface BrokenRecord {
  readonly line: number;
  readonly reason: string;
  readonly raw: string;
}

export interface ChunkNote {
  readonly delimiter: string;
  /** Of the chunk's file. */
  readonly sha256: string;
  /** Records of the input that fell to this chunk, the broken ones included. */
  readonly records: number;
  /** Lines of the records in the chunk's file, in its order. */
  readonly lines: readonly LineRun[];
  /** Line of a record, and line of the earlier record that has the same uuid. */
  readonly repeats: readonly (readonly [line: number, first: number])[];
  readonly broken: readonly BrokenRecord[];
}

/** @throws Error when there is none */
export async function readChunkNote(objects: Objects, ref: ObjectRef): Promise<ChunkNote> {
  const text = await readText(objects, ref);
  if (text === undefined)
    throw new Error(`${ref.key} is missing from bucket ${ref.bucket}. The run's folder was altered; start a new run.`);
  return JSON.parse(text) as ChunkNote;
}

/** Adds a record's line to the runs. */
export function addLine(runs: [line: number, records: number][], line: number): void {
  const last = runs.at(-1);
  if (last && last[0] + last[1] === line) last[1]++;
  else runs.push([line, 1]);
}

/** The line of each record, in order. */
export function* linesOf(runs: readonly LineRun[]): Generator<number, void, void> {
  for (const [line, records] of runs) for (let at = 0; at < records; at++) yield line + at;
}
