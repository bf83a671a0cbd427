/** The engine as it is: driver, store on disk, the whole history. Tasks answer at once, in this process. */
import { systemClock } from '../../packages/fanfold/src/app/system-clock.ts';
import { Value } from '../../packages/fanfold/src/interpreter/value.ts';
import { silentLogger } from '../../packages/fanfold/src/ports/logger.ts';
import { createDriver } from '../../packages/fanfold/src/runtimes/driver.ts';
import { createMachines } from '../../packages/fanfold/src/runtimes/machines.ts';
import { createSqliteStore } from '../../packages/fanfold/src/runtimes/sqlite/store.ts';
import { AT_ONCE, type Contender, type OpenParams, RESULT } from './workloads.ts';

const PLACE = { region: 'us-east-1', account: '000000000000' };
const FUNCTION = 'arn:aws:lambda:us-east-1:000000000000:function:work';

export async function open({ directory, variant }: OpenParams): Promise<Contender> {
  const store = createSqliteStore({ directory, durability: variant === 'full' ? 'full' : 'normal' });
  const machines = createMachines({ store, clock: systemClock, ...PLACE });
  const result = Value.ofJson(RESULT);
  const driver = createDriver({
    store,
    machines,
    clock: systemClock,
    logger: silentLogger,
    tokenSecret: 'bench',
    seed: () => 1,
    window: AT_ONCE,
    services: () => ({
      perform: async ({ stateName }) => ({
        kind: 'succeeded',
        output: stateName === 'Work' ? result : Value.ofText(stateName.slice('Step'.length)),
      }),
    }),
    onClosed: async () => {},
    onFatal: (error) => {
      throw error;
    },
  });
  const put = async (name: string, definition: object): Promise<string> => {
    const text = JSON.stringify(definition);
    return (await machines.put({ name, definition: text, roleArn: 'arn:aws:iam::0:role/x', type: 'STANDARD' })).arn;
  };
  const run = async (stateMachineArn: string, input: string): Promise<unknown> => {
    const { executionArn } = await driver.executions.start({ stateMachineArn, input });
    const { status, output } = await driver.executions.closed(executionArn);
    if (status !== 'SUCCEEDED') throw new Error(`An execution ended ${status}`);
    return output?.json;
  };
  const work = { Type: 'Task', Resource: FUNCTION, End: true };
  const fanOut = await put('fan-out', {
    StartAt: 'Fan out',
    States: {
      'Fan out': {
        Type: 'Map',
        MaxConcurrency: AT_ONCE,
        ItemProcessor: { StartAt: 'Work', States: { Work: work } },
        End: true,
      },
    },
  });
  const single = await put('single', { StartAt: 'Work', States: { Work: work } });
  return {
    w1: async (tasks) =>
      (await run(fanOut, JSON.stringify(Array.from({ length: tasks }, (_, i) => ({ i }))))) as unknown[],
    w2: async (executions, steps) => {
      const row = await put('in-a-row', inARow(steps));
      const ends: number[] = [];
      let next = 0;
      const runner = async (): Promise<void> => {
        while (next++ < executions) ends.push((await run(row, '{"begin":true}')) as number);
      };
      await Promise.all(Array.from({ length: AT_ONCE }, runner));
      return ends;
    },
    w3: () => run(single, '{}'),
    close: async () => {
      await driver.close();
      await store.close();
    },
  };
}

function inARow(steps: number): object {
  const states = Array.from({ length: steps }, (_, i) => {
    const then = i + 1 === steps ? { End: true } : { Next: `Step${i + 2}` };
    return [`Step${i + 1}`, { Type: 'Task', Resource: FUNCTION, ...then }] as const;
  });
  return { StartAt: 'Step1', States: Object.fromEntries(states) };
}
