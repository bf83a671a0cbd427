/**
 * Where the log had better be synced. A thread of the pool leaves the event loop free, but has to be woken, and to wake the
 * loop in turn: where the disk takes a third of a millisecond that is twice as much again. So the thread that commits syncs
 * by itself as long as the disk is fast; it is tried again now and then.
 */
export interface SyncPace {
  /** Whether the thread that commits is to make the next sync. */
  readonly isHere: boolean;
  /** It has made one, in so many milliseconds. */
  madeHere(ms: number): void;
  /** The pool has made one. */
  madeElsewhere(): void;
}

/** Milliseconds for which the event loop may stand still in a sync, on the average. */
const SHORT = 1.5;
/** What the last sync counts for, of one, in the average: a disk that stalls once is not slow. */
const WEIGHT = 0.1;
/** So few of the syncs on a slow disk are tries that those who wait for one are not among the slowest hundredth. */
const ELSEWHERE = 200;

/** Begins here: the first syncs tell what the disk takes. */
export function createSyncPace(): SyncPace {
  let average = SHORT / 2;
  /** Syncs that the pool still makes. */
  let elsewhere = 0;
  return {
    get isHere() {
      return elsewhere === 0;
    },
    madeHere: (ms) => {
      average += WEIGHT * (ms - average);
      if (average < SHORT) return;
      average = SHORT / 2;
      elsewhere = ELSEWHERE;
    },
    madeElsewhere: () => {
      elsewhere = Math.max(0, elsewhere - 1);
    },
  };
}
