import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createSlowStore, type Item } from './slow-store.ts';
import { executionArn, streamCommit } from './store.fixture.ts';
import { expectStreamAt } from './store.model.ts';
import { storeSuite } from './store.suite.ts';

/** Keys take a random number of turns, so that what runs side by side arrives in any order. */
function inAnyOrder(seed: number): () => Promise<void> {
  let state = seed;
  return async () => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    for (let turns = (state >>> 16) % 4; turns >= 0; turns--) await new Promise(setImmediate);
  };
}

storeSuite('a store of single keys', async () => {
  const items = new Map<string, Item>();
  let store = createSlowStore({ items, wait: inAnyOrder(1) });
  const reopen = async () => {
    await store.close();
    store = createSlowStore({ items, wait: inAnyOrder(2) });
    return store;
  };
  return { store, reopen, close: () => store.close() };
});

describe('a store of single keys', () => {
  it('is at one of the commits wherever it is cut off, and goes on from there', async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(120), fc.nat(), async (cut, seed) => {
        const items = new Map<string, Item>();
        const pass = inAnyOrder(seed);
        let left = cut;
        const wait = async (): Promise<void> => {
          await pass();
          if (left-- <= 0) throw new Error('cut off');
        };
        const acknowledged = await writeStream(createSlowStore({ items, wait }));

        const store = createSlowStore({ items, wait: pass });
        const found = await store.load(executionArn('a'));
        const reached = found?.execution.transitions ?? 0;
        expect(reached).toBeGreaterThanOrEqual(acknowledged);
        if (found) expectStreamAt(reached, found);
        const next = streamCommit('a', reached + 1);
        if (found) await store.commit(next);
        else await store.create(next);
        expectStreamAt(reached + 1, await store.load(executionArn('a')));
        const history = await store.history({ executionArn: executionArn('a'), limit: 1000 });
        expect(history.map(({ id }) => id)).toEqual(Array.from({ length: 3 * reached + 3 }, (_, i) => i + 1));
      }),
      { numRuns: 40 },
    );
  });

  it('takes the given time for each key', async () => {
    const waits: number[] = [];
    const store = createSlowStore({ latencyMs: 7, wait: async (ms) => void waits.push(ms) });
    await store.saveDefinition('h', '{}');
    await store.definition('h');
    expect(waits).toEqual([7, 7]);
  });
});

/** @returns the number of the last commit that was acknowledged */
async function writeStream(store: ReturnType<typeof createSlowStore>): Promise<number> {
  let acknowledged = 0;
  try {
    await store.create(streamCommit('a', 1));
    for (acknowledged = 1; acknowledged < 6; acknowledged++) await store.commit(streamCommit('a', acknowledged + 1));
  } catch (error) {
    expect(String(error)).toContain('cut off');
  }
  return acknowledged;
}
