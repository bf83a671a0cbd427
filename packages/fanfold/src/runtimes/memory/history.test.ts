import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { HistoryRecord } from '../../interpreter/history.ts';
import { Value } from '../../interpreter/value.ts';
import { aRecord } from '../../testing/store.fixture.ts';
import { readable } from '../../testing/stored-value.fixture.ts';
import { createHistory } from './history.ts';

/** More than two runs, so that pages begin and end in packed and in newest records. */
const RECORDS: readonly HistoryRecord[] = Array.from({ length: 1400 }, (_, i) =>
  aRecord(i + 1, i % 100 === 0 ? { value: Value.ofText(JSON.stringify('long'.repeat(100 + i))) } : {}),
);

const bounds = fc.oneof(fc.nat(1401), fc.constantFrom(0, 1, 511, 512, 513, 1024, 1025, 1399, 1400, 1401));

it('pages through records, packed or not, in both directions', () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 1, max: 700 }), { maxLength: 8 }),
      fc.record({ after: bounds, limit: fc.nat(700), reverse: fc.boolean() }),
      (sizes, { after, limit, reverse }) => {
        const history = createHistory();
        let appended = 0;
        for (const size of sizes) {
          history.append(RECORDS.slice(appended, appended + size));
          appended = Math.min(appended + size, RECORDS.length);
        }
        const there = RECORDS.slice(0, appended);
        const wanted = reverse
          ? there.filter(({ id }) => id < after).toReversed()
          : there.filter(({ id }) => id > after);
        expect(readable(history.page({ after, limit, reverse }))).toEqual(readable(wanted.slice(0, limit)));
        expect(readable(history.page({ limit, reverse }))).toEqual(
          readable((reverse ? there.toReversed() : there).slice(0, limit)),
        );
      },
    ),
    { numRuns: 60 },
  );
});
