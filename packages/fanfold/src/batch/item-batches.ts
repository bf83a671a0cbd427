/**
 * Lines of items (`item-lines.ts`) as the transactions they are loaded in, in the order of their keys. Keys come in no order, and
 * a transaction writes anew each page of the index that one of its keys falls into: those of a few keys beside each other are few.
 */

/** A transaction's worth of items as lines, in memory of its own. */
export interface ItemBatch {
  readonly lines: Uint8Array;
  readonly count: number;
}

const LF = 10;
const QUOTE = 34;
const OPEN = 91;
/** Bytes of a key that are compared. Enough to have near keys beside each other: it is no matter which of them is first. */
const COMPARED = 4;
/** Items whose number fits beside these bytes into a whole number. */
const MOST = 2 ** 21;

/** @returns the batches, and where the first item begins that is not there as a whole */
export function itemBatches(
  text: Buffer,
  mostAtOnce: number,
): { readonly batches: Generator<ItemBatch, void, void>; readonly end: number } {
  const { starts, keys, end } = placesOf(text);
  return { batches: gather(text, [...starts, end], orderOf(text, keys), mostAtOnce), end };
}

interface Places {
  readonly starts: readonly number[];
  /** Where the lines of their keys begin. */
  readonly keys: readonly number[];
  readonly end: number;
}

function placesOf(text: Buffer): Places {
  const starts: number[] = [];
  const keys: number[] = [];
  let end = 0;
  for (;;) {
    const item = text.indexOf(LF, end);
    const key = item === -1 ? -1 : text.indexOf(LF, item + 1);
    if (key === -1) return { starts, keys, end };
    starts.push(end);
    keys.push(item + 1);
    end = key + 1;
  }
}

/** Of items with the same key the later one stays behind the earlier one. A key that is not known yet may be any: none moves. */
function orderOf(text: Buffer, lines: readonly number[]): Iterable<number> {
  const count = lines.length;
  if (count > MOST || lines.some((line) => text[line] !== OPEN || text[line + 1] !== QUOTE)) return lines.keys();
  const shared = sharedLength(text, lines);
  const order = new Float64Array(count);
  for (let at = 0; at < count; at++) order[at] = prefixOf(text, (lines[at] as number) + 2 + shared) * MOST + at;
  order.sort();
  return order.map((placed) => placed % MOST);
}

/** Bytes with which all keys begin. */
function sharedLength(text: Buffer, lines: readonly number[]): number {
  const first = (lines[0] ?? 0) + 2;
  let shared = text.indexOf(QUOTE, first) - first;
  for (const line of lines) {
    let at = 0;
    while (at < shared && text[line + 2 + at] === text[first + at]) at++;
    shared = at;
  }
  return shared;
}

/** The next bytes of a key as a number; behind its end, 0. */
function prefixOf(text: Buffer, start: number): number {
  let prefix = 0;
  let isOver = false;
  for (let at = start; at < start + COMPARED; at++) {
    isOver ||= text[at] === QUOTE;
    prefix = prefix * 256 + (isOver ? 0 : (text[at] as number));
  }
  return prefix;
}

/** @param bounds where the items begin and, last, where they end */
function* gather(
  text: Buffer,
  bounds: readonly number[],
  order: Iterable<number>,
  mostAtOnce: number,
): Generator<ItemBatch, void, void> {
  const all = [...order];
  for (let from = 0; from < all.length; from += mostAtOnce) {
    const own = all.slice(from, from + mostAtOnce);
    const size = own.reduce((sum, item) => sum + (bounds[item + 1] as number) - (bounds[item] as number), 0);
    const lines = Buffer.allocUnsafeSlow(size);
    let at = 0;
    for (const item of own) at += text.copy(lines, at, bounds[item], bounds[item + 1]);
    yield { lines, count: own.length };
  }
}
