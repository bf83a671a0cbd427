/** The engine as it is, over its store in memory: every step is a commit, and the whole history is kept. */
import { systemClock } from '../../packages/fanfold/src/app/system-clock.ts';
import { silentLogger } from '../../packages/fanfold/src/ports/logger.ts';
import { createDriver } from '../../packages/fanfold/src/runtimes/driver.ts';
import { createMachines } from '../../packages/fanfold/src/runtimes/machines.ts';
import { createMemoryStore } from '../../packages/fanfold/src/runtimes/memory/store.ts';
import type { Store } from '../../packages/fanfold/src/ports/store.ts';
import type { Contender } from './contender.ts';

const PAGE = 1000;

export const contender: Contender = {
  prepare: async ({ definition, input }) => {
    const store = createMemoryStore();
    const machines = createMachines({ store, clock: systemClock, region: 'us-east-1', account: '000000000000' });
    const driver = createDriver({
      store,
      machines,
      clock: systemClock,
      logger: silentLogger,
      seed: () => 1,
      tokenSecret: 'bench',
      services: () => ({ perform: () => Promise.reject(new Error('No task is called here')) }),
      onClosed: async () => {},
      onFatal: (error) => {
        throw error;
      },
    });
    const { arn: stateMachineArn } = await machines.put({
      name: 'bench',
      definition: JSON.stringify(definition),
      roleArn: 'arn:aws:iam::000000000000:role/bench',
      type: 'STANDARD',
    });
    const text = JSON.stringify(input());
    return async () => {
      const { executionArn } = await driver.executions.start({ stateMachineArn, input: text });
      const { status, output, cause } = await driver.executions.closed(executionArn);
      if (status !== 'SUCCEEDED' || !output) throw new Error(`The execution ended ${status}: ${cause}`);
      const written = output.text;
      return { output: () => JSON.parse(written), events: () => countEvents(store, executionArn) };
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
