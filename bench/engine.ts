/** The engine as it is, for benches: machines and a driver over any store, with tasks that are given. */
import { systemClock } from '../packages/fanfold/src/app/system-clock.ts';
import type { Execution } from '../packages/fanfold/src/interpreter/execution.ts';
import { silentLogger } from '../packages/fanfold/src/ports/logger.ts';
import type { TaskOutcome, TaskRequest } from '../packages/fanfold/src/ports/services.ts';
import type { Store } from '../packages/fanfold/src/ports/store.ts';
import { createDriver, type Driver } from '../packages/fanfold/src/runtimes/driver.ts';
import { createMachines } from '../packages/fanfold/src/runtimes/machines/machines.ts';

/** What Task states of benches call. */
export const FUNCTION = 'arn:aws:lambda:us-east-1:000000000000:function:work';

export interface EngineParams {
  readonly store: Store;
  /** Does a task's work. @defaultValue refuses every task */
  readonly perform?: (request: TaskRequest) => Promise<TaskOutcome>;
  /** The most iterations of one Map at once. @defaultValue the engine's */
  readonly window?: number;
}

export interface BenchEngine {
  readonly store: Store;
  readonly driver: Driver;
  /** Keeps a state machine. @returns its ARN */
  put(name: string, definition: object): Promise<string>;
  /** Starts an execution and waits for its end. @throws Error when it does not succeed */
  run(stateMachineArn: string, input: string): Promise<Execution>;
  close(): Promise<void>;
}

export function openEngine({ store, perform = noTask, window }: EngineParams): BenchEngine {
  const machines = createMachines({ store, clock: systemClock, region: 'us-east-1', account: '000000000000' });
  const driver = createDriver({
    store,
    machines,
    clock: systemClock,
    logger: silentLogger,
    tokenSecret: 'bench',
    seed: () => 1,
    ...(window !== undefined && { window }),
    services: () => ({ perform }),
    onClosed: async () => {},
    onFatal: (error) => {
      throw error;
    },
  });
  return {
    store,
    driver,
    put: async (name, definition) => {
      const text = JSON.stringify(definition);
      const roleArn = 'arn:aws:iam::000000000000:role/bench';
      return (await machines.put({ name, definition: text, roleArn, type: 'STANDARD' })).arn;
    },
    run: async (stateMachineArn, input) => {
      const { executionArn } = await driver.executions.start({ stateMachineArn, input });
      const ended = await driver.executions.closed(executionArn);
      if (ended.status !== 'SUCCEEDED') throw new Error(`The execution ended ${ended.status}: ${ended.cause}`);
      return ended;
    },
    close: async () => {
      await driver.close();
      await store.close();
    },
  };
}

function noTask(): Promise<never> {
  return Promise.reject(new Error('No task is called here'));
}
