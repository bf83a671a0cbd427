import { expect, it } from 'vitest';
import { exceededLimit } from './skip-limit.ts';

it('a percentage holds to the record, whatever its digits are', () => {
  const wrong: unknown[] = [];
  for (const read of [10_000, 1_000_000, 10_000_000])
    for (let hundredths = 1; hundredths < 10_000; hundredths++) {
      const percent = hundredths / 100;
      const most = (read / 10_000) * hundredths;
      if (exceededLimit({ read, rejected: most }, { percent })) wrong.push([read, percent, 'too strict']);
      if (!exceededLimit({ read, rejected: most + 1 }, { percent })) wrong.push([read, percent, 'too lax']);
    }
  expect(wrong).toEqual([]);
});

it.each([
  [{ read: 0, rejected: 0 }, { percent: 0 }, undefined],
  [{ read: 1, rejected: 1 }, { percent: 100 }, undefined],
  [{ read: 3, rejected: 1 }, { percent: 33.3 }, 'at most 33.3 % may be'],
  [{ read: 3, rejected: 1 }, { percent: 33.4 }, undefined],
  [{ read: 1e12, rejected: 1 }, { percent: 0 }, 'at most 0 % may be'],
  [{ read: 9, rejected: 2 }, { records: 2 }, undefined],
  [{ read: 9, rejected: 3 }, { records: 2 }, 'at most 2 may be'],
  [{ read: 9, rejected: 2 }, { records: 2, percent: 1 }, 'at most 1 % may be'],
])('of %j with %j: %s', (counts, limit, expected) => {
  expect(exceededLimit(counts, limit)).toBe(expected);
});
