import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { itemBatches } from './item-batches.ts';

/** A key's second line is `[]` where it is left to the table. */
function textOf(keys: readonly (string | null)[]): Buffer {
  const lines = keys.map((key, at) => `{"at":${at}}\n${key === null ? '[]' : JSON.stringify([key, '', at])}\n`);
  return Buffer.from(lines.join(''));
}

function batchesOf(text: Buffer, mostAtOnce: number): readonly (readonly number[])[] {
  return [...itemBatches(text, mostAtOnce).batches].map(({ lines, count }) => {
    const items = Buffer.from(lines).toString().split('\n').slice(0, -1);
    if (items.length !== count * 2) throw new Error(`${items.length} lines of ${count} items`);
    return items.flatMap((line, at) => (at % 2 === 0 ? [(JSON.parse(line) as { at: number }).at] : []));
  });
}

describe('batches of items', () => {
  it('come in the order of their keys, as many at once as are wanted', () => {
    expect(batchesOf(textOf(['order-4', 'order-1', 'order-', 'order-3', 'order-20']), 2)).toEqual([
      [2, 1],
      [4, 3],
      [0],
    ]);
    expect(batchesOf(textOf([]), 2)).toEqual([]);
    expect(batchesOf(textOf(['a']), 2)).toEqual([[0]]);
  });

  it('come in their own order where a key is not known', () => {
    expect(batchesOf(textOf(['b', null, 'a']), 10)).toEqual([[0, 1, 2]]);
  });

  it('leave an item that is not there as a whole', () => {
    const text = textOf(['b', 'a']);
    const whole = text.length - 3;
    expect(batchesOf(text.subarray(0, whole), 10)).toEqual([[0]]);
    expect(itemBatches(text.subarray(0, whole), 10).end).toBe(textOf(['b']).length);
  });

  it('have each item once, and those of one key in their own order', () => {
    const key = fc.oneof(
      fc.constantFrom('', 'a', 'a"', 'a\\', 'a"b', 'ab', 'abcde', 'abcdf', 'é', 'x"","",1]'),
      fc.string({ maxLength: 3 }),
    );
    fc.assert(
      fc.property(fc.array(key, { maxLength: 30 }), fc.constantFrom('', 'same-'), fc.nat(9), (keys, before, most) => {
        const order = batchesOf(textOf(keys.map((own) => before + own)), most + 1).flat();
        const byKey = Map.groupBy(order, (at) => keys[at]);
        const all = keys.map((_, at) => at);
        expect([order.toSorted((a, b) => a - b), byKey]).toEqual([all, Map.groupBy(all, (at) => keys[at])]);
      }),
    );
  });
});
