/** The account of records: read = written + filtered + rejected, for each chunk and for the run (I9). */

import type { TotalsRecord } from './totals/definition.ts';

/** Numbers of records, and of the outputs that were made of them. */
export interface Counts {
  readonly read: number;
  /** Gave at least one output. */
  readonly written: number;
  /** Gave none. */
  readonly filtered: number;
  readonly rejected: number;
  /** Outputs: one record may give many. */
  readonly emitted: number;
}

export interface ChunkAccount extends Counts {
  readonly index: number;
  /** What the chunk gave to each sink, in the order of the sinks. */
  readonly outputs: readonly ChunkOutput[];
  /** In the input's own format; null when it has none. */
  readonly rejects: ChunkPart | null;
  /** For each totals, in their order. */
  readonly totals: readonly ChunkPart[];
  /** What a table gets of the rejects; null when it gets none. */
  readonly errors: ChunkPart | null;
}

/** Something that a chunk keeps. */
export interface ChunkPart {
  readonly bytes: number;
  /** In base64. It tells damage; the hash of what is published is made of what was checked by it. */
  readonly crc32: string;
}

export interface ChunkOutput extends ChunkPart {
  /** How many outputs went to this sink. */
  readonly emitted: number;
}

export interface RunAccount extends Counts {
  readonly batch: string;
  readonly run: string;
  readonly source: {
    readonly bucket: string;
    readonly key: string;
    readonly bytes: number;
    readonly sha256: string;
  };
  readonly chunks: number;
  readonly outputs: readonly PublishedOutput[];
  /** By name; absent without any. */
  readonly totals?: { readonly [name: string]: TotalsAccount };
  readonly rejects: PublishedObject | null;
  /** The run that has published a file of the same content before; this run did nothing. */
  readonly sameAs?: string;
  /** Why nobody could be told of the run; absent where somebody was, or was not to be. */
  readonly notTold?: { readonly error: string; readonly cause: string };
}

export interface PublishedObject {
  readonly bucket: string;
  readonly key: string;
  readonly bytes: number;
  /** In hex. */
  readonly sha256: string;
}

/** `totals` names those whose records went there, in place of the outputs. */
export type PublishedOutput = { readonly emitted: number; readonly totals?: string } & (
  | (PublishedObject & { readonly kind: 'object' })
  | { readonly kind: 'table'; readonly table: string }
  | { readonly kind: 'http'; readonly url: string }
);

export interface TotalsAccount {
  /** Records, which is different keys. */
  readonly records: number;
  /** Over all keys, by the names of the columns. */
  readonly all: TotalsRecord;
}

export const NOTHING: Counts = { read: 0, written: 0, filtered: 0, rejected: 0, emitted: 0 };

export function addCounts(a: Counts, b: Counts): Counts {
  return {
    read: a.read + b.read,
    written: a.written + b.written,
    filtered: a.filtered + b.filtered,
    rejected: a.rejected + b.rejected,
    emitted: a.emitted + b.emitted,
  };
}

/**
 * What does not add up, or undefined.
 *
 * @param expected records as the split has counted them, by another way
 */
export function imbalance({ read, written, filtered, rejected }: Counts, expected: number): string | undefined {
  if (read !== expected) return `${expected} records were split off, but ${read} were read`;
  const sum = written + filtered + rejected;
  return sum === read
    ? undefined
    : `${read} records were read, but ${written} written + ${filtered} filtered + ${rejected} rejected are ${sum}`;
}
