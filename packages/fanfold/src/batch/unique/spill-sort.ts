/**
 * Sorts any number of entries of a few 32-bit numbers each: so many in memory, the others in objects, sorted, of which a few
 * dozen are merged at a time. Memory does not grow with the entries (I8).
 */
import type { ObjectRef, Objects } from '../../ports/objects.ts';

export interface SpillSortParams {
  readonly objects: Objects;
  /** Where the n-th sorted run goes. */
  readonly place: (run: number) => ObjectRef;
  /** Numbers of an entry; entries are compared by all of them, the first one first. */
  readonly words: number;
  /** Entries in memory. @defaultValue 524,288 */
  readonly most?: number;
}

export interface SpillSort {
  /** Takes an entry. @returns a promise when it has to wait until some were put away */
  add(entry: ArrayLike<number>): Promise<void> | undefined;
  /** All entries, ascending, many in a row. To be read once, when nothing is added any more; each block before the next. */
  sorted(): AsyncGenerator<Uint32Array, void, void>;
  /** Removes what was put away. */
  clear(): Promise<void>;
}

const MOST = 524_288;
const LEAST = 1024;
const MOST_AT_ONCE = 32;
/** Entries that are yielded, or written, together. */
const BLOCK = 8192;

export function createSpillSort({ objects, place, words, most = MOST }: SpillSortParams): SpillSort {
  let buffer = new Uint32Array(Math.min(most, LEAST) * words);
  let count = 0;
  let made = 0;
  let runs: ObjectRef[] = [];

  const put = async (blocks: AsyncIterable<Uint32Array> | Iterable<Uint32Array>): Promise<ObjectRef> => {
    const ref = place(made++);
    await objects.put({ ...ref, body: bytesOf(blocks) });
    return ref;
  };
  const spill = async (): Promise<void> => {
    const sorted = sortedBlocks(buffer, count, words);
    count = 0;
    runs.push(await put(sorted));
  };
  return {
    add: (entry) => {
      if ((count + 1) * words > buffer.length) {
        const larger = new Uint32Array(Math.min(most * words, buffer.length * 2));
        larger.set(buffer);
        buffer = larger;
      }
      for (let at = 0; at < words; at++) buffer[count * words + at] = entry[at] as number;
      count++;
      return count === most ? spill() : undefined;
    },
    sorted: async function* () {
      if (runs.length === 0) return yield* sortedBlocks(buffer, count, words);
      if (count > 0) await spill();
      buffer = new Uint32Array(0);
      while (runs.length > MOST_AT_ONCE) {
        const [first, rest] = [runs.slice(0, MOST_AT_ONCE), runs.slice(MOST_AT_ONCE)];
        const merged = await put(
          merge(
            first.map((ref) => readRun(objects, ref, words)),
            words,
          ),
        );
        await Promise.all(first.map((ref) => objects.delete(ref)));
        runs = [...rest, merged];
      }
      yield* merge(
        runs.map((ref) => readRun(objects, ref, words)),
        words,
      );
    },
    clear: async () => {
      await Promise.all(runs.map((ref) => objects.delete(ref)));
      runs = [];
    },
  };
}

async function* bytesOf(blocks: AsyncIterable<Uint32Array> | Iterable<Uint32Array>): AsyncGenerator<Uint8Array> {
  // A copy: blocks are used again.
  for await (const { buffer, byteOffset, byteLength } of blocks)
    yield new Uint8Array(buffer.slice(byteOffset, byteOffset + byteLength) as ArrayBuffer);
}

function* sortedBlocks(entries: Uint32Array, count: number, words: number): Generator<Uint32Array, void, void> {
  const order = orderOf(entries, count, words);
  const block = new Uint32Array(Math.min(count, BLOCK) * words);
  for (let from = 0; from < count; from += BLOCK) {
    const to = Math.min(count, from + BLOCK);
    for (let at = from; at < to; at++) copy(entries, order[at] as number, block, at - from, words);
    yield block.subarray(0, (to - from) * words);
  }
}

function copy(from: Uint32Array, source: number, to: Uint32Array, target: number, words: number): void {
  for (let word = 0; word < words; word++) to[target * words + word] = from[source * words + word] as number;
}

/** The entries' indexes, ascending: by halves of their first number, then those that share it by the others. */
function orderOf(entries: Uint32Array, count: number, words: number): Uint32Array {
  let order = new Uint32Array(count);
  let next = new Uint32Array(count);
  for (let index = 0; index < count; index++) order[index] = index;
  for (const shift of [0, 16]) {
    const starts = new Uint32Array(65_537);
    const half = (index: number): number => ((entries[index * words] as number) >>> shift) & 0xffff;
    for (const index of order) starts[half(index) + 1] = (starts[half(index) + 1] as number) + 1;
    for (let value = 1; value < starts.length; value++)
      starts[value] = (starts[value] as number) + (starts[value - 1] as number);
    for (const index of order) {
      const at = starts[half(index)] as number;
      next[at] = index;
      starts[half(index)] = at + 1;
    }
    [order, next] = [next, order];
  }
  for (let from = 0; from < count;) {
    const first = entries[(order[from] as number) * words];
    let to = from + 1;
    while (to < count && entries[(order[to] as number) * words] === first) to++;
    if (to - from > 1) order.subarray(from, to).sort((a, b) => compare(entries, a, entries, b, words));
    from = to;
  }
  return order;
}

function compare(a: Uint32Array, indexOfA: number, b: Uint32Array, indexOfB: number, words: number): number {
  for (let word = 0; word < words; word++) {
    const difference = (a[indexOfA * words + word] as number) - (b[indexOfB * words + word] as number);
    if (difference !== 0) return difference;
  }
  return 0;
}

/** A sorted run, and the entry of it that is to come. */
interface Head {
  readonly blocks: AsyncGenerator<Uint32Array, void, void>;
  block: Uint32Array;
  at: number;
}

async function* merge(
  sources: readonly AsyncGenerator<Uint32Array, void, void>[],
  words: number,
): AsyncGenerator<Uint32Array, void, void> {
  let heads: Head[] = [];
  for (const blocks of sources) {
    const { done, value } = await blocks.next();
    if (!done) heads.push({ blocks, block: value, at: 0 });
  }
  const block = new Uint32Array(BLOCK * words);
  let filled = 0;
  while (heads.length > 0) {
    let least = heads[0] as Head;
    for (const head of heads) if (compare(head.block, head.at, least.block, least.at, words) < 0) least = head;
    copy(least.block, least.at++, block, filled++, words);
    if (least.at * words === least.block.length) {
      const { done, value } = await least.blocks.next();
      if (done) heads = heads.filter((head) => head !== least);
      else Object.assign(least, { block: value, at: 0 });
    }
    if (filled < BLOCK) continue;
    yield block;
    filled = 0;
  }
  if (filled > 0) yield block.subarray(0, filled * words);
}

/** The entries of a run, cut anew: an object's bytes come in pieces of any length. */
async function* readRun(objects: Objects, ref: ObjectRef, words: number): AsyncGenerator<Uint32Array, void, void> {
  const block = new Uint32Array(BLOCK * words);
  const bytes = new Uint8Array(block.buffer);
  let filled = 0;
  for await (const piece of (await objects.get(ref)).body) {
    for (let from = 0; from < piece.length;) {
      const part = piece.subarray(from, from + bytes.length - filled);
      bytes.set(part, filled);
      filled += part.length;
      from += part.length;
      if (filled < bytes.length) continue;
      yield block;
      filled = 0;
    }
  }
  if (filled > 0) yield block.subarray(0, filled / Uint32Array.BYTES_PER_ELEMENT);
}
