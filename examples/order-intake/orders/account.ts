/** The account of one chunk: put last, when its output and its rejects are there. */
import type { ObjectRef, Objects } from 'fanfold';
import { readText } from './objects.ts';

export interface ChunkAccount {
  readonly written: number;
  /** By Write; those of Read File are in their own object. */
  readonly rejected: number;
  /** Of the chunk's output. */
  readonly sha256: string;
}

/** The account of the whole run. */
export interface Summary {
  readonly read: number;
  readonly written: number;
  readonly filtered: 0;
  readonly rejected: number;
  /** Key of the merged rejects; null when there are none. */
  readonly rejects: string | null;
}

export async function readAccount(objects: Objects, ref: ObjectRef): Promise<ChunkAccount | undefined> {
  const text = await readText(objects, ref);
  return text === undefined ? undefined : (JSON.parse(text) as ChunkAccount);
}

export async function readSummary(objects: Objects, ref: ObjectRef): Promise<Summary | undefined> {
  const text = await readText(objects, ref);
  return text === undefined ? undefined : (JSON.parse(text) as Summary);
}
