/**
 * Which records repeat the key of an earlier one: found while the input is split, so that it depends on nothing but the file
 * (I6). Of each key the first 128 bits of its SHA-256 are compared: two keys do not share them by chance.
 */
import { hash } from 'node:crypto';
import type { Objects } from '../../ports/objects.ts';
import type { RecordRange } from '../../records/index.ts';
import { BatchError } from '../errors.ts';
import type { InputEntry } from '../input/read.ts';
import type { ChunkRange } from '../manifest.ts';
import { putJson } from '../object-text.ts';
import type { RunPlace } from '../run-place.ts';
import type { RecordKey } from './record-key.ts';
import { createSpillSort, type SpillSort } from './spill-sort.ts';

/** A record of a chunk, counted from 0, and the line of the first record of its file that has the same key. */
export type Repeat = readonly [record: number, line: number];

export interface RepeatFinder {
  /** The same entries, once they are looked at. @throws BatchError Fanfold.BadFile */
  seen<Entry extends InputEntry>(
    batches: AsyncIterable<readonly Entry[]>,
  ): AsyncGenerator<readonly Entry[], void, void>;
  /** Writes down the repeats of each chunk, when all entries were seen, and says how many it has. */
  mark(ranges: readonly RecordRange[]): Promise<readonly ChunkRange[]>;
}

export interface RepeatFinderParams {
  readonly objects: Objects;
  readonly place: RunPlace;
  readonly keyOf: RecordKey;
  /** Entries in memory. */
  readonly most?: number;
}

/** Numbers of 32 bits that are kept of a hash. */
const HASHED = 4;
const LARGEST = 2 ** 32 - 1;

export function createRepeatFinder({ objects, place, keyOf, most }: RepeatFinderParams): RepeatFinder {
  const sortOf = (name: string, words: number): SpillSort =>
    createSpillSort({
      objects,
      place: (run) => place.sorted(`${name}.${run}`),
      words,
      ...(most !== undefined && { most }),
    });
  const keys = sortOf('keys', HASHED + 2);
  let number = 0;
  return {
    seen: async function* (batches) {
      const entry = new Uint32Array(HASHED + 2);
      for await (const batch of batches) {
        for (const each of batch) {
          const key = keyOf(each);
          if (key !== undefined) {
            if (number > LARGEST || each.line > LARGEST)
              throw new BatchError(
                'Fanfold.BadFile',
                `The file has more than ${LARGEST} records or lines, in which no repeats are found. Cut it into several files.`,
              );
            hashInto(entry, key);
            entry[HASHED] = number;
            entry[HASHED + 1] = each.line;
            const waits = keys.add(entry);
            if (waits) await waits;
          }
          number++;
        }
        yield batch;
      }
    },
    mark: async (ranges) => {
      const repeats = sortOf('repeats', 2);
      for await (const [record, line] of repeatsAmong(keys.sorted())) await repeats.add([record, line]);
      await keys.clear();
      const chunks = await putRepeats(objects, place, ranges, repeats.sorted());
      await repeats.clear();
      return chunks;
    },
  };
}

function hashInto(entry: Uint32Array, key: string): void {
  const digest = hash('sha256', key, 'binary');
  for (let word = 0; word < HASHED; word++) {
    const at = word * 4;
    entry[word] =
      digest.charCodeAt(at) |
      (digest.charCodeAt(at + 1) << 8) |
      (digest.charCodeAt(at + 2) << 16) |
      (digest.charCodeAt(at + 3) << 24);
  }
}

/** @param sorted hashes, each with the number of its record and its line */
async function* repeatsAmong(sorted: AsyncIterable<Uint32Array>): AsyncGenerator<Repeat, void, void> {
  const words = HASHED + 2;
  const first = new Uint32Array(words);
  let isFirst = true;
  for await (const block of sorted) {
    for (let at = 0; at < block.length; at += words) {
      let same = !isFirst;
      for (let word = 0; same && word < HASHED; word++) same = block[at + word] === first[word];
      if (same) yield [block[at + HASHED] as number, first[HASHED + 1] as number];
      else first.set(block.subarray(at, at + words));
      isFirst = false;
    }
  }
}

async function putRepeats(
  objects: Objects,
  place: RunPlace,
  ranges: readonly RecordRange[],
  sorted: AsyncGenerator<Uint32Array, void, void>,
): Promise<readonly ChunkRange[]> {
  const chunks: ChunkRange[] = [];
  let block: Uint32Array = new Uint32Array(0);
  let at = 0;
  let before = 0;
  for (const range of ranges) {
    const own: Repeat[] = [];
    for (;;) {
      if (at === block.length) {
        const { done, value } = await sorted.next();
        if (done) break;
        block = value;
        at = 0;
      }
      const record = (block[at] as number) - before;
      if (record >= range.records) break;
      own.push([record, block[at + 1] as number]);
      at += 2;
    }
    before += range.records;
    if (own.length > 0) await putJson(objects, place.chunkRepeats(range.index), own);
    chunks.push(own.length > 0 ? { ...range, repeats: own.length } : range);
  }
  return chunks;
}
