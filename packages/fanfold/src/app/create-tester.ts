/** Tests of single states without a server or a data directory: nothing is called, and no time passes. */
import type { Clock } from '../ports/clock.ts';
import type { StateTests } from '../ports/state-tests.ts';
import { createStateTests } from '../runtimes/state-tests/state-tests.ts';
import { createResponseShapes } from '../services/response-shapes/response-shapes.ts';
import { ACCOUNT, defaultRegion } from './arn.ts';
import { seeds } from './seeds.ts';

/** Tasks must be mocked. A Wait is over at once. */
export function createTester(): StateTests {
  return createStateTests({
    services: () => ({
      perform: async ({ resource }) => ({
        kind: 'failed',
        error: 'States.Runtime',
        cause: `Nothing is called here; give a mock for ${resource}.`,
      }),
    }),
    clock: skippingClock(),
    longestMs: Number.POSITIVE_INFINITY,
    seed: seeds(),
    region: defaultRegion(),
    account: ACCOUNT,
    responseShapes: createResponseShapes(),
  });
}

/** Whoever waits is woken at once, and it is that time then. */
function skippingClock(): Clock {
  let skipped = 0;
  const now = (): number => Date.now() + skipped;
  return {
    now,
    wake: (at, run) => {
      const soon = setImmediate(() => {
        skipped += Math.max(0, at - now());
        run();
      });
      return () => clearImmediate(soon);
    },
    soon: (run) => void setImmediate(run),
  };
}
