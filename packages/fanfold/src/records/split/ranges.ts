/** Gathers records into ranges of bytes, each aligned to records, by two limits at once. */
import type { Place } from '../place.ts';

/** Whichever is reached first ends a range. A record that is larger than `bytes` is a range by itself. */
export interface SplitLimits {
  readonly records: number;
  readonly bytes: number;
}

/** A run of records. */
export interface RecordRange {
  /** From 0. */
  readonly index: number;
  /** Where its first record starts. */
  readonly byteOffset: number;
  /** Up to where the next range starts, or the text ends; between separators, to where its last record ends. */
  readonly byteLength: number;
  /** Physical line on which its first record starts. */
  readonly firstLine: number;
  /** Records and broken records. */
  readonly records: number;
}

export interface Ranges {
  /** Sum over the ranges. */
  readonly records: number;
  readonly ranges: readonly RecordRange[];
}

/**
 * @param places where the records are, in the order of the text
 * @param end where the text ends; null: what stands between records belongs to none of them, as in a list of JSON
 */
export async function gatherRanges(
  places: AsyncIterable<readonly Place[]>,
  limits: SplitLimits,
  end: number | null,
): Promise<Ranges> {
  const starts: { byteOffset: number; firstLine: number; records: number; end: number }[] = [];
  let open: (typeof starts)[number] | undefined;
  let records = 0;
  for await (const batch of places) {
    for (const { byteOffset, byteLength, line } of batch) {
      if (!open || open.records >= limits.records || byteOffset + byteLength - open.byteOffset > limits.bytes) {
        open = { byteOffset, firstLine: line, records: 0, end: 0 };
        starts.push(open);
      }
      open.end = byteOffset + byteLength;
      open.records++;
    }
    records += batch.length;
  }
  const ranges = starts.map((start, index): RecordRange => ({
    index,
    byteOffset: start.byteOffset,
    byteLength: (end === null ? start.end : (starts[index + 1]?.byteOffset ?? end)) - start.byteOffset,
    firstLine: start.firstLine,
    records: start.records,
  }));
  return { records, ranges };
}
