import { expect, it } from 'vitest';
import { createSyncPace, type SyncPace } from './sync-pace.ts';

/** Makes so many syncs on a disk that takes so many milliseconds. @returns how many were made where */
function make(pace: SyncPace, syncs: number, ms: number): { here: number; elsewhere: number } {
  const made = { here: 0, elsewhere: 0 };
  for (let i = 0; i < syncs; i++) {
    if (pace.isHere) {
      made.here += 1;
      pace.madeHere(ms);
    } else {
      made.elsewhere += 1;
      pace.madeElsewhere();
    }
  }
  return made;
}

it.each([
  { disk: 'a fast one', ms: 0.3, made: { here: 1000, elsewhere: 0 } },
  { disk: 'a slow one, tried now and then', ms: 12, made: { here: 5, elsewhere: 995 } },
  { disk: 'one that is a little too slow', ms: 2.2, made: { here: 35, elsewhere: 965 } },
])('syncs where that is quicker: $disk', ({ ms, made }) => {
  expect(make(createSyncPace(), 1000, ms)).toEqual(made);
});

it('takes one stall for no slow disk, and several for one until it is tried again', () => {
  const pace = createSyncPace();
  make(pace, 20, 0.3);
  pace.madeHere(8);
  expect(pace.isHere).toBe(true);
  pace.madeHere(8);
  expect(pace.isHere).toBe(false);
  expect(make(pace, 300, 0.3)).toEqual({ here: 100, elsewhere: 200 });
});
