import { describe, expect, it } from 'vitest';
import type { PruneParams, Pruned } from '../ports/store.ts';
import { manualClock } from '../testing/clocks.ts';
import { recordingLogger } from '../testing/logger.fixture.ts';
import { aCommit, anExecution } from '../testing/store.fixture.ts';
import { createMemoryStore } from './memory/store.ts';
import { type RetentionParams, startRetention } from './retention.ts';

const DAY = 24 * 60 * 60 * 1000;
const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

async function storeWith(count: number, endOf: (i: number) => number): Promise<ReturnType<typeof createMemoryStore>> {
  const store = createMemoryStore();
  for (let i = 0; i < count; i++)
    await store.create(
      aCommit(anExecution(`e${i}`, { status: 'FAILED', startedAt: endOf(i) - 1, stoppedAt: endOf(i) })),
    );
  return store;
}

/** Lets minutes pass, with all the slices in them. */
async function pass(clock: ReturnType<typeof manualClock>, minutes: number): Promise<void> {
  clock.advance(minutes * 60_000);
  for (let i = 0; i < 20; i++) {
    await settled();
    clock.advance(20);
  }
  await settled();
}

describe('retention', () => {
  const begun = (store: RetentionParams['store'], rest: Partial<RetentionParams> = {}) => {
    const clock = manualClock();
    const logger = recordingLogger();
    return { clock, logger, retention: startRetention({ store, clock, logger, ...rest }) };
  };

  it('keeps executions for 90 days after their end, and removes them in slices', async () => {
    const now = manualClock().now();
    const store = await storeWith(200, (i) => now - (i < 130 ? 91 : 89) * DAY + i);
    const { clock, logger, retention } = begun(store);
    await pass(clock, 1);
    expect(await store.list({ limit: 500 })).toHaveLength(70);
    expect(logger.lines).toMatchObject([{ level: 'info', fields: { executions: 130 } }]);
    await pass(clock, 3 * 24 * 60);
    await pass(clock, 1);
    expect(await store.list({ limit: 500 })).toHaveLength(0);
    await retention.close();
  });

  it('keeps a number of executions where one is given', async () => {
    const store = await storeWith(20, (i) => manualClock().now() - i);
    const { clock, retention } = begun(store, { days: null, executions: 5 });
    await pass(clock, 1);
    expect((await store.list({ limit: 500 })).map(({ name }) => name)).toEqual(['e0', 'e1', 'e2', 'e3', 'e4']);
    await retention.close();
  });

  it('does nothing where everything is kept', () => {
    const { clock } = begun(createMemoryStore(), { days: null, executions: null });
    expect(clock.due()).toEqual([]);
  });

  it('tries again after a failure, and says so', async () => {
    const asked: PruneParams[] = [];
    const prune = async (params: PruneParams): Promise<Pruned> => {
      asked.push(params);
      if (asked.length === 1) throw new Error('the disk is full');
      return { removed: 0, more: false };
    };
    const { clock, logger, retention } = begun({ prune });
    await pass(clock, 1);
    expect(logger.lines.map(({ level }) => level)).toEqual(['error']);
    await pass(clock, 1);
    expect(asked).toHaveLength(2);
    await retention.close();
    expect(clock.due()).toEqual([]);
  });
});
