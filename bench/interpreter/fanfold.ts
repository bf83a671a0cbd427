/** The engine as it is, over its store in memory: every step is a commit, and the whole history is kept. */
import { createMemoryStore } from '../../packages/fanfold/src/runtimes/memory/store.ts';
import type { Store } from '../../packages/fanfold/src/ports/store.ts';
import { openEngine } from '../engine.ts';
import type { Contender } from './contender.ts';

const PAGE = 1000;

export const contender: Contender = {
  prepare: async ({ definition, input }) => {
    const { store, put, run } = openEngine({ store: createMemoryStore() });
    const stateMachineArn = await put('bench', definition);
    const text = JSON.stringify(input());
    return async () => {
      const { arn, output } = await run(stateMachineArn, text);
      if (!output) throw new Error('The execution has no output');
      const written = output.text;
      return { output: () => JSON.parse(written), events: () => countEvents(store, arn) };
    };
  },
};

/** Reads the history back, as far as it goes without a gap. */
async function countEvents(store: Store, executionArn: string): Promise<number> {
  let last = 0;
  for (;;) {
    const page = await store.history({ executionArn, after: last, limit: PAGE });
    if (page.length === 0) return last;
    for (const { id } of page) {
      if (id !== last + 1) return last;
      last = id;
    }
  }
}
