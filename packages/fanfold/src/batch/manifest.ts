/**
 * The manifest of a run: its input, pinned, and the ordered list of its chunks, each a byte range of the input. It is
 * written once; what is processed and folded later follows it and never a listing (I6).
 */
import type { Compression, RecordRange } from '../records/index.ts';
import type { TextFormat } from './input/format.ts';
import type { OpenedRecords } from './input/read.ts';

export interface SourceInfo {
  readonly bucket: string;
  readonly key: string;
  readonly eTag: string;
  readonly bytes: number;
  /** In hex. */
  readonly sha256: string;
  readonly compression: Compression;
  /** Where the chunks are read: the file itself, or what it was unpacked to. */
  readonly text: { readonly key: string; readonly eTag: string; readonly format: TextFormat };
  /** Names of the columns, in the file's order; empty where records are JSON. */
  readonly header: readonly string[];
  /** As it was found; the chunks are read with it. */
  readonly encoding: OpenedRecords['encoding'];
}

/** Of the text. */
export interface ChunkRange extends RecordRange {
  /** How many of its records have the key of an earlier one; absent when none has. */
  readonly repeats?: number;
}

export interface RunManifest {
  readonly source: SourceInfo;
  /** Sum over the chunks. */
  readonly records: number;
  readonly chunks: readonly ChunkRange[];
}

/** As JSON with a line for each chunk; the same manifest gives the same text. */
export function formatRunManifest({ source, records, chunks }: RunManifest): string {
  const head = JSON.stringify({ source, records });
  const lines = chunks.map((chunk) => `\n${JSON.stringify(chunk)}`);
  return `${head.slice(0, -1)},"chunks":[${lines.join(',')}\n]}\n`;
}
