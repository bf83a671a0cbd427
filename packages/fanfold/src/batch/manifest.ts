/**
 * The manifest of a run: its input, pinned, and the ordered list of its chunks, each a byte range of the input. It is
 * written once; what is processed and folded later follows it and never a listing (I6).
 */
import type { Compression } from '../records/index.ts';
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

export interface ChunkRange {
  /** From 0. */
  readonly index: number;
  /** Where its first record starts in the text. */
  readonly byteOffset: number;
  /** Up to where the next chunk starts, or the text ends; in a list of JSON, where its last record ends. */
  readonly byteLength: number;
  /** Physical line on which its first record starts. */
  readonly firstLine: number;
  /** Records and broken records. */
  readonly records: number;
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
