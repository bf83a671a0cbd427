import { describe, expect, it } from 'vitest';
import type { Execution } from '../../interpreter/execution.ts';
import type { HistoryEvent } from '../../interpreter/history.ts';
import type { Executions } from '../../ports/executions.ts';
import { chargesOf, costOf } from './aws-prices.ts';
import { emptyUsage, usageOf } from './usage.ts';

type Seconds = number;
/** Type, second, the event before it, details. */
type Told = readonly [type: string, at: Seconds, previous: number, details?: object];

function events(told: readonly Told[]): HistoryEvent[] {
  return told.map(([type, at, previousEventId, details], i) => ({
    id: i + 1,
    previousEventId,
    timestamp: new Date(at * 1000),
    type,
    ...(details && { [`${type.charAt(0).toLowerCase()}${type.slice(1)}EventDetails`]: details }),
  }));
}

const job = (vcpus: number, memory: number): string =>
  JSON.stringify({
    Container: {
      ResourceRequirements: [
        { Type: 'VCPU', Value: String(vcpus) },
        { Type: 'MEMORY', Value: String(memory) },
      ],
    },
  });

/** Executions with these histories, given out two events at a time. */
function executionsOf(
  histories: Readonly<Record<string, readonly Told[]>>,
  children: readonly string[] = [],
): Pick<Executions, 'describe' | 'history' | 'list'> {
  return {
    describe: async (arn) => ({ arn, transitions: 10 }) as Execution,
    history: async ({ executionArn, after = 0 }) => {
      const all = events(histories[executionArn] ?? []);
      const page = all.filter(({ id }) => id > after).slice(0, 2);
      const last = page.at(-1)?.id ?? 0;
      return { events: page, ...(last < all.length && { next: last }) };
    },
    list: async ({ after }) => {
      const rest = after === undefined ? children : children.slice(children.indexOf(after) + 1);
      const [arn] = rest;
      if (arn === undefined) return { executions: [] };
      return { executions: [{ arn } as Execution], ...(rest.length > 1 && { next: arn }) };
    },
  };
}

describe('usage', () => {
  it('counts functions by either resource, with the time they took, failures included', async () => {
    const used = await usageOf(
      executionsOf({
        a: [
          ['LambdaFunctionScheduled', 0, 0],
          ['LambdaFunctionStarted', 1, 1],
          ['LambdaFunctionSucceeded', 3, 2],
          ['TaskScheduled', 3, 3, { resourceType: 'lambda', resource: 'invoke' }],
          ['TaskStarted', 4, 4, { resourceType: 'lambda', resource: 'invoke' }],
          ['TaskFailed', 4.5, 5, { resourceType: 'lambda', resource: 'invoke' }],
        ],
      }),
      'a',
    );
    expect(used).toMatchObject({ executions: 1, transitions: 10, functionCalls: 2, functionSeconds: 2.5 });
  });

  it('counts a job from its start, for at least a minute, by what its container had', async () => {
    const batch = { resourceType: 'batch', resource: 'submitJob.sync' };
    const used = await usageOf(
      executionsOf({
        a: [
          ['TaskScheduled', 0, 0, batch],
          ['TaskStarted', 0, 1, batch],
          ['TaskSubmitted', 1, 2, batch],
          ['TaskScheduled', 1, 0, batch],
          ['TaskStarted', 1, 4, batch],
          ['TaskSubmitted', 1, 5, batch],
          ['TaskSucceeded', 90, 3, { ...batch, output: job(2, 4096) }],
          ['TaskFailed', 11, 6, { ...batch, cause: job(1, 1024) }],
        ],
      }),
      'a',
    );
    expect(used).toMatchObject({
      jobs: 2,
      jobSeconds: 90 + 10,
      vcpuSeconds: 2 * 90 + 60,
      gigabyteSeconds: 4 * 90 + 60,
    });
  });

  it('goes on with the executions that were started, and with the children of map runs, once each', async () => {
    const start = { resourceType: 'states', resource: 'startExecution.sync:2' };
    const put = { resourceType: 'dynamodb', resource: 'putItem' };
    const used = await usageOf(
      executionsOf(
        {
          a: [
            ['TaskSubmitted', 0, 0, { ...start, output: '{"ExecutionArn":"b"}' }],
            ['TaskSucceeded', 1, 1, { ...start, output: '{"ExecutionArn":"b"}' }],
            ['MapRunStarted', 1, 2, { mapRunArn: 'run' }],
          ],
          b: [['TaskSucceeded', 0, 0, put]],
          c: [['TaskSucceeded', 0, 0, { ...put, resource: 'getItem' }]],
        },
        ['c', 'd'],
      ),
      'a',
    );
    expect(used).toMatchObject({ executions: 4, transitions: 40, tableWrites: 1, tableReads: 1 });
  });

  it('costs what its parts cost, and what was not used is not charged', () => {
    const used = { ...emptyUsage(), transitions: 1_000_000, functionCalls: 1_000_000, functionSeconds: 8 };
    expect(chargesOf(used).map(({ what, dollars }) => [what, Number(dollars.toFixed(6))])).toEqual([
      ['Step Functions, Standard', 25],
      ['Lambda, requests', 0.2],
      ['Lambda, 128 MB', 0.000017],
    ]);
    expect(costOf(used)).toBeCloseTo(25.200017, 6);
    expect(costOf(emptyUsage())).toBe(0);
  });
});
