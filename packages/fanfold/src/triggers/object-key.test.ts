import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { utf8Length } from '../json.ts';
import { LONGEST_KEY, splitKey, targetKeys } from './object-key.ts';

const first = (count: number, ...args: Parameters<typeof targetKeys>): string[] =>
  targetKeys(...args)
    .take(count)
    .toArray();

describe('a key', () => {
  it.each([
    ['in/orders.csv', 'orders', '.csv'],
    ['orders.tar.gz', 'orders.tar', '.gz'],
    ['orders', 'orders', ''],
    ['in.d/orders', 'orders', ''],
    ['in/.hidden', '.hidden', ''],
    ['in/folder/', 'folder', '/'],
    ['in/folder.d//', 'folder', '.d//'],
    ['/', '', '/'],
    [`a.${'x'.repeat(40)}`, `a.${'x'.repeat(40)}`, ''],
  ])('%j has the stem %j and the extension %j', (key, stem, extension) => {
    expect(splitKey(key)).toEqual({ stem, extension });
  });

  it('moves under its own name, then with its sequencer, then with numbers', () => {
    expect(first(4, 'done/', 'in/a.csv', '00AF', 0)).toEqual([
      'done/a.csv',
      'done/a-00AF.csv',
      'done/a-00AF-2.csv',
      'done/a-00AF-3.csv',
    ]);
  });

  it('never becomes longer than S3 allows, nor half a character', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', minLength: 300, maxLength: 600 }), (key) => {
        for (const target of first(3, 'errors/', key, '0123456789ABCDEF', 11)) {
          expect(utf8Length(target) + 11).toBeLessThanOrEqual(LONGEST_KEY);
          expect(target.isWellFormed()).toBe(true);
        }
      }),
    );
  });
});
