/** The outputs that wait to be folded are bounded together, and are let go of when they are folded or given up. */
import { describe, expect, it } from 'vitest';
import { machineOf, Simulation } from '../testing/simulate.fixture.ts';
import type { Json } from '../json.ts';
import { MOST_UNITS } from './limits.ts';
import { Value } from './value.ts';

const LAMBDA = 'arn:aws:lambda:us-east-1:000000000000:function:work';
const TASK = { StartAt: 'T', States: { T: { Type: 'Task', Resource: LAMBDA, End: true } } };
const items = (count: number): Value => Value.ofJson(Array.from({ length: count }, (_, i) => i));

function mapOf(processor: Json, rest: Readonly<Record<string, Json>> = {}, name = 'Each'): Json {
  return { StartAt: name, States: { [name]: { Type: 'Map', ItemProcessor: processor, End: true, ...rest } } };
}

describe('outputs that wait to be folded', () => {
  it('end the execution where they come to more than a text can hold', () => {
    // The same text each time: what counts is what the folded array would be.
    const large = 'x'.repeat(MOST_UNITS / 8);
    let calls = 0;
    const { execution } = new Simulation({
      machine: machineOf(mapOf(TASK, { MaxConcurrency: 1 })),
      input: items(20),
      answer: () => ({ output: calls++ === 0 ? 1 : large }),
      keepHistory: false,
    }).run();
    expect(execution).toMatchObject({
      status: 'FAILED',
      error: 'States.DataLimitExceeded',
      cause: "The state/task 'Each' returned a result with a size exceeding the maximum number of bytes service limit.",
    });
    expect(calls).toBe(9);
  });

  it('are let go of', () => {
    let calls = 0;
    let most = 0;
    const { execution } = new Simulation({
      machine: machineOf(
        mapOf(mapOf(TASK, { ItemsPath: '$$.Execution.Input' }, 'Inner'), { Retry: [{ ErrorEquals: ['Once'] }] }),
      ),
      input: items(5),
      // The one that fails comes when others are done and wait to be folded.
      answer: () => (++calls === 20 ? { error: 'Once', after: 1 } : { output: 'done' }),
      observe: ({ result }) => {
        most = Math.max(most, result.execution.heldUnits ?? 0);
      },
    }).run();
    expect(calls).toBe(50);
    expect(most).toBeGreaterThan(4 * '"done"'.length);
    expect(execution).toMatchObject({ status: 'SUCCEEDED', heldUnits: 0 });
  });
});
