/**
 * The manifest of a run: its input, pinned, and the ordered list of its chunks, each a byte range of the input. It is
 * written once; what is processed and folded later follows it and never a listing (I6).
 */
import type { Objects } from '../ports/objects.ts';
import {
  type ChunkMembers,
  type Compression,
  type Manifest,
  type ManifestSource,
  parseManifest,
  RecordError,
  type RecordRange,
} from '../records/index.ts';
import { BatchError } from './errors.ts';
import type { TextFormat } from './input/format.ts';
import type { OpenedRecords } from './input/read.ts';
import { readText } from './object-text.ts';
import type { RunPlace } from './run-place.ts';

export interface SourceInfo extends ManifestSource {
  readonly bytes: number;
  /** In hex. */
  readonly sha256: string;
  readonly compression: Compression;
  /** Where the chunks are read: the file itself, or what it was unpacked to. */
  readonly text: { readonly key: string; readonly eTag: string; readonly format: TextFormat };
  /** As it was found; the chunks are read with it. */
  readonly encoding: OpenedRecords['encoding'];
}

/** Of the text. */
export interface ChunkRange extends RecordRange {
  /** How many of its records have the key of an earlier one; absent when none has. */
  readonly repeats?: number;
}

export type RunManifest = Manifest<ChunkRange, SourceInfo>;

const CHUNK_RANGE: ChunkMembers<ChunkRange> = { index: 'count', byteOffset: 'count', byteLength: 'count' };

/** Undefined when there is none. @throws BatchError Fanfold.ChunkDamaged */
export async function readRunManifest(objects: Objects, { manifest }: RunPlace): Promise<RunManifest | undefined> {
  const text = await readText(objects, manifest);
  if (text === undefined) return undefined;
  try {
    return parseManifest<ChunkRange, SourceInfo>(text, CHUNK_RANGE);
  } catch (error) {
    if (!(error instanceof RecordError)) throw error;
    throw new BatchError('Fanfold.ChunkDamaged', `${manifest.key}: ${error.message}`, { cause: error });
  }
}
