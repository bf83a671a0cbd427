/** Lets go of finished executions in the background, little by little, so that commits find their way in between. */
import type { Clock } from '../ports/clock.ts';
import type { Logger } from '../ports/logger.ts';
import type { Store } from '../ports/store.ts';

export interface RetentionParams {
  readonly store: Pick<Store, 'prune'>;
  readonly clock: Clock;
  readonly logger: Logger;
  /** How long after their end executions are kept; null is for ever. @defaultValue 90, as on AWS */
  readonly days?: number | null;
  /** How many finished executions are kept at most; null is any number. @defaultValue null */
  readonly executions?: number | null;
}

export interface Retention {
  /** Nothing more is removed once this resolves. */
  close(): Promise<void>;
}

const DAY_MS = 24 * 60 * 60 * 1000;
/** Between two looks, and between two slices of one, milliseconds. */
const PAUSE_MS = 60_000;
const SLICE_PAUSE_MS = 20;
const SLICE = 50;

export function startRetention(params: RetentionParams): Retention {
  const { store, clock, logger, days = 90, executions = null } = params;
  if (days === null && executions === null) return { close: async () => {} };
  let closed = false;
  let disarm = (): void => {};
  let working: Promise<void> = Promise.resolve();
  let removed = 0;

  const after = (pause: number): void => {
    if (closed) return;
    disarm = clock.wake(clock.now() + pause, () => {
      working = slice();
    });
  };
  const slice = async (): Promise<void> => {
    try {
      const endedBefore = days === null ? 0 : clock.now() - days * DAY_MS;
      const pruned = await store.prune({ endedBefore, keep: executions, limit: SLICE });
      removed += pruned.removed;
      if (pruned.more) return after(SLICE_PAUSE_MS);
      if (removed > 0) logger.info('Executions that ended long ago were removed', { executions: removed });
      removed = 0;
    } catch (error) {
      logger.error('Finished executions could not be removed; it is tried again in a minute', { error });
    }
    after(PAUSE_MS);
  };

  after(PAUSE_MS);
  return {
    close: async () => {
      closed = true;
      disarm();
      await working;
    },
  };
}
