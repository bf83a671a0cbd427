/** The engine as it is: driver, store on disk, the whole history. Tasks answer at once, in this process. */
import { Value } from '../../packages/fanfold/src/interpreter/value.ts';
import { createSqliteStore } from '../../packages/fanfold/src/runtimes/sqlite/store.ts';
import { FUNCTION, openEngine } from '../engine.ts';
import { AT_ONCE, type Contender, type OpenParams, RESULT, resultOf } from './workloads.ts';

export async function open({ directory, variant }: OpenParams): Promise<Contender> {
  const result = Value.ofJson(RESULT);
  let task = 0;
  const outputOf = (stateName: string): Value => {
    if (stateName === 'Work') return result;
    return stateName === 'Item' ? Value.ofJson(resultOf(task++)) : Value.ofText(stateName.slice('Step'.length));
  };
  const { put, run, close } = openEngine({
    store: createSqliteStore({ directory, durability: variant === 'full' ? 'full' : 'normal' }),
    window: AT_ONCE,
    perform: async ({ stateName }) => ({ kind: 'succeeded', output: outputOf(stateName) }),
  });
  const answer = async (stateMachineArn: string, input: string): Promise<unknown> =>
    (await run(stateMachineArn, input)).output?.json;
  const work = { Type: 'Task', Resource: FUNCTION, End: true };
  const fanOut = await put('fan-out', {
    StartAt: 'Fan out',
    States: {
      'Fan out': {
        Type: 'Map',
        MaxConcurrency: AT_ONCE,
        ItemProcessor: { StartAt: 'Item', States: { Item: work } },
        End: true,
      },
    },
  });
  const single = await put('single', { StartAt: 'Work', States: { Work: work } });
  return {
    w1: async (tasks) => {
      task = 0;
      return (await answer(fanOut, JSON.stringify(Array.from({ length: tasks }, (_, i) => ({ i }))))) as unknown[];
    },
    w2: async (executions, steps) => {
      const row = await put('in-a-row', inARow(steps));
      const ends: number[] = [];
      let next = 0;
      const runner = async (): Promise<void> => {
        while (next++ < executions) ends.push((await answer(row, '{"begin":true}')) as number);
      };
      await Promise.all(Array.from({ length: AT_ONCE }, runner));
      return ends;
    },
    w3: () => answer(single, '{}'),
    close,
  };
}

function inARow(steps: number): object {
  const states = Array.from({ length: steps }, (_, i) => {
    const then = i + 1 === steps ? { End: true } : { Next: `Step${i + 2}` };
    return [`Step${i + 1}`, { Type: 'Task', Resource: FUNCTION, ...then }] as const;
  });
  return { StartAt: 'Step1', States: Object.fromEntries(states) };
}
