import { expect, it } from 'vitest';
import { type Checkpoints, createCheckpoints } from './checkpoints.ts';
import type { WriteAheadLog } from './database.ts';

/** Checkpoints of a log as a test tells it, the first of which ends when the test lets it. */
function open(log: () => WriteAheadLog): { readonly checkpoints: Checkpoints; readonly letGo: () => void } {
  const gate = Promise.withResolvers<void>();
  const checkpoints = createCheckpoints({
    db: { log },
    path: 'engine.db',
    onFailed: (error) => expect.fail(String(error)),
    limits: { checkpoint: 100, catchUp: 400, rest: 20, crowded: 1000 },
    start: () => ({ checkpoint: () => gate.promise, close: async () => {}, release: () => {} }),
  });
  return { checkpoints, letGo: gate.resolve };
}

it('gives no room before the thread has let go of the log: a commit could not begin it anew', async () => {
  let log: WriteAheadLog = { length: 0, waiting: 0 };
  const { checkpoints, letGo } = open(() => log);
  log = { length: 1010, waiting: 600 };
  checkpoints.committed();
  // All of it is in the database, and the thread is not done.
  log = { length: 1020, waiting: 0 };
  checkpoints.committed();
  const room = checkpoints.crowded();
  expect(room).toBeDefined();
  letGo();
  await room;
  expect(checkpoints.crowded()).toBeUndefined();
  await checkpoints.close();
});

it('looks at each commit once the log is long, however little of it waits', async () => {
  let log: WriteAheadLog = { length: 990, waiting: 0 };
  const { checkpoints, letGo } = open(() => log);
  checkpoints.committed();
  expect(checkpoints.crowded()).toBeUndefined();
  log = { length: 1015, waiting: 25 };
  checkpoints.committed();
  expect(checkpoints.crowded()).toBeDefined();
  log = { length: 1015, waiting: 0 };
  letGo();
  await checkpoints.crowded();
  await checkpoints.close();
});
