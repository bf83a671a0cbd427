import fc from 'fast-check';
import { expect, it } from 'vitest';
import { PassingMap } from './passing-map.ts';

const KEY = fc.integer({ min: 0, max: 300 });

/** So many deletions that some more begin a new map. */
const PASSED = 1000;

it('is as a Map is, however many entries come and go', () => {
  const change = fc.oneof(
    { weight: 5, arbitrary: fc.tuple(fc.constant('set' as const), KEY, fc.integer()) },
    { weight: 5, arbitrary: fc.tuple(fc.constant('delete' as const), KEY) },
    { weight: 1, arbitrary: fc.tuple(fc.constant('get' as const), KEY) },
  );
  fc.assert(
    fc.property(
      fc.array(fc.tuple(KEY, fc.integer()), { maxLength: 200, size: 'max' }),
      fc.array(change, { maxLength: 1000, size: 'max' }),
      (entries, changes) => {
        const map = new PassingMap(entries);
        const model = new Map(entries);
        for (let i = 0; i < PASSED; i++) map.set(-1, i).delete(-1);
        for (const [action, key, value = 0] of changes) {
          if (action === 'set') {
            map.set(key, value);
            model.set(key, value);
          } else if (action === 'delete') expect(map.delete(key)).toBe(model.delete(key));
          else expect([map.get(key), map.has(key)]).toEqual([model.get(key), model.has(key)]);
        }
        expect([...map]).toEqual([...model]);
        expect([[...map.keys()], [...map.values()], map.size]).toEqual([
          [...model.keys()],
          [...model.values()],
          model.size,
        ]);
      },
    ),
    { numRuns: 100 },
  );
});

it('is empty once it is cleared', () => {
  const map = new PassingMap([[1, 2]]);
  map.clear();
  expect([map.size, map.has(1), [...map.entries()]]).toEqual([0, false, []]);
});
