import { describe, expect, it } from 'vitest';
import type { Json } from '../json.ts';
import type { Commit } from '../ports/store.ts';
import { type Fault, runCrashed, runUndisturbed, type Scenario, sweep } from './crash.fixture.ts';
import { call, failed, MEDIA, sequence, silent, startOf } from './driver.fixture.ts';

const addOne = (event: Json): Json => ({ n: (event as { n: number }).n + 1 });
const echo = (event: Json): Json => event;
const wait = (Seconds: number): Json => ({ Type: 'Wait', Seconds });

function distributed(
  ExecutionType: string,
  states: Readonly<Record<string, Json>>,
  rest: Readonly<Record<string, Json>> = {},
): Json {
  return {
    Type: 'Map',
    ItemsPath: '$.items',
    MaxConcurrency: 3,
    ItemProcessor: { ProcessorConfig: { Mode: 'DISTRIBUTED', ExecutionType }, ...(sequence(states) as object) },
    End: true,
    ...rest,
  };
}

const SCENARIOS: Readonly<Record<string, Scenario & { readonly status?: string }>> = {
  'a sequence of tasks': {
    machines: { m: sequence({ A: call('add'), B: call('add'), C: call('add') }) },
    input: { n: 1 },
    functions: () => ({ add: addOne }),
  },
  'a Map of 50 tasks': {
    machines: {
      m: sequence({
        Each: {
          Type: 'Map',
          MaxConcurrency: 8,
          ItemsPath: '$.items',
          ItemProcessor: { ProcessorConfig: { Mode: 'INLINE' }, ...(sequence({ Add: call('add') }) as object) },
        },
        Last: call('echo'),
      }),
    },
    input: { items: Array.from({ length: 50 }, (_, n) => ({ n })) },
    functions: () => ({ add: addOne, echo }),
  },
  'a Parallel of tasks, a Wait and a loop': {
    machines: {
      m: sequence({
        Both: {
          Type: 'Parallel',
          Branches: [
            sequence({ A: call('add'), Wait: wait(10), B: call('add') }),
            sequence({ First: wait(5), C: call('add', { TimeoutSeconds: 30 }) }),
            sequence({ D: { Type: 'Pass' } }),
          ],
        },
        Last: call('echo'),
      }),
    },
    input: { n: 1 },
    functions: () => ({ add: addOne, echo }),
  },
  'a task that is tried again': {
    machines: {
      m: sequence({
        Work: call('work', { Retry: [{ ErrorEquals: ['Again'], IntervalSeconds: 3, MaxAttempts: 4 }] }),
        Last: call('echo'),
      }),
    },
    functions: () => ({ work: (_, { task }) => (task.attempt < 7 ? failed('Again', 'not yet') : 'done'), echo }),
  },
  'a distributed Map of executions': {
    machines: {
      m: sequence({ Each: distributed('STANDARD', { Add: call('add'), Wait: wait(3) }), Last: call('echo') }),
    },
    input: { items: Array.from({ length: 7 }, (_, n) => ({ n })) },
    functions: () => ({ add: addOne, echo }),
  },
  'a distributed Map of EXPRESS executions within a distributed Map': {
    machines: {
      m: sequence({
        Each: distributed('STANDARD', { Inner: distributed('EXPRESS', { Keep: { Type: 'Pass' } }) }),
        Last: call('echo'),
      }),
    },
    input: { items: [{ items: [1, 2] }, { items: [3, 4, 5] }, { items: [] }] },
    functions: () => ({ echo }),
  },
  'a distributed Map of which some may fail': {
    machines: {
      m: sequence({ Each: distributed('STANDARD', { Work: call('work') }, { ToleratedFailureCount: 3 }) }),
    },
    input: { items: [0, 1, 2, 3, 4, 5] },
    functions: () => ({ work: (event) => (Number(event) % 2 === 0 ? failed('Even', 'no') : event) }),
  },
  'a distributed Map that is redriven': {
    machines: { m: sequence({ Each: distributed('STANDARD', { Work: call('work') }, { MaxConcurrency: 1 }) }) },
    input: { items: [0, 1, 2] },
    redrives: 1,
    functions: () => ({ work: (event, { task }) => (event === 1 && task.attempt < 2 ? failed('Once', 'no') : event) }),
  },
  'executions two levels deep': {
    machines: {
      m: sequence({ A: startOf('middle', '.sync:2'), Last: call('echo') }),
      middle: sequence({
        B: call('add'),
        Inner: startOf('inner', '.sync:2', { OutputPath: '$.Output' }),
        C: call('add'),
      }),
      inner: sequence({ D: call('add'), Wait: wait(60), E: call('add') }),
    },
    input: { n: 1 },
    functions: () => ({ add: addOne, echo: (event) => (event as { Output: Json }).Output }),
  },
  'an execution that fails two levels below, and is caught': {
    machines: {
      m: sequence({
        A: startOf('middle', '.sync', { Catch: [{ ErrorEquals: ['States.TaskFailed'], Next: 'Last' }] }),
        Last: call('tell'),
      }),
      middle: sequence({ B: startOf('inner', '.sync:2') }),
      inner: sequence({ C: call('broken') }),
    },
    functions: () => ({
      broken: () => failed('Broken', 'for good'),
      tell: (event) => (event as { Error: Json }).Error,
    }),
  },
  'a Map of executions': {
    machines: {
      m: sequence({
        Each: {
          Type: 'Map',
          ItemProcessor: {
            ProcessorConfig: { Mode: 'INLINE' },
            ...(sequence({ A: startOf('child', '.sync:2', { OutputPath: '$.Output' }) }) as object),
          },
        },
      }),
      child: sequence({ Wait: wait(7), Add: call('add') }),
    },
    input: [{ n: 1 }, { n: 2 }, { n: 3 }],
    functions: () => ({ add: addOne }),
  },
  'a task that takes too long': {
    machines: {
      m: sequence({
        Work: call('work', { TimeoutSeconds: 9, Catch: [{ ErrorEquals: ['States.Timeout'], Next: 'Last' }] }),
        Last: call('echo'),
      }),
    },
    functions: () => ({ work: silent, echo }),
  },
  'a machine that takes too long': {
    machines: { m: sequence({ A: call('echo'), Work: call('work') }, { TimeoutSeconds: 60 }) },
    functions: () => ({ work: silent, echo }),
    status: 'TIMED_OUT',
  },
  'an execution that is redriven twice': {
    machines: {
      m: sequence(
        { A: call('add'), B: call('later', { TimeoutSeconds: 30 }), C: call('add') },
        { TimeoutSeconds: 900 },
      ),
    },
    input: { n: 1 },
    redrives: 2,
    functions: () => ({
      add: addOne,
      later: (event, { task }) => (task.attempt < 4 ? failed('Later', 'not yet') : addOne(event)),
    }),
  },
  'a Map that is redriven': {
    machines: {
      m: sequence({
        Each: {
          Type: 'Map',
          MaxConcurrency: 1,
          ItemProcessor: {
            ProcessorConfig: { Mode: 'INLINE' },
            ...(sequence({ A: call('odd'), B: call('add') }) as object),
          },
        },
      }),
    },
    input: Array.from({ length: 6 }, (_, n) => ({ n })),
    redrives: 3,
    functions: () => ({
      add: addOne,
      odd: (event, { task }) => ((event as { n: number }).n % 2 === 1 && task.attempt < 2 ? failed('Odd') : event),
    }),
  },
  'executions two levels deep that are redriven with the first': {
    machines: {
      m: sequence({ A: startOf('middle', '.sync:2'), Last: call('echo') }),
      middle: sequence({
        B: call('add'),
        Inner: startOf('inner', '.sync:2', { OutputPath: '$.Output' }),
        C: call('add'),
      }),
      inner: sequence({ D: call('add'), E: call('later') }),
    },
    input: { n: 1 },
    redrives: 1,
    functions: () => ({
      add: addOne,
      later: (event, { task }) => (task.attempt < 3 ? failed('Later', 'not yet') : addOne(event)),
      echo: (event) => (event as { Output: Json }).Output,
    }),
  },
  'a loop of 600 Pass states, and tasks beside it': {
    machines: {
      m: sequence({
        Both: {
          Type: 'Parallel',
          Branches: [loop(), sequence({ A: call('add'), B: call('add') })],
        },
        Last: call('echo'),
      }),
    },
    input: { n: 0 },
    functions: () => ({ add: addOne, echo }),
  },
};

/** Goes round 200 times by three states, and then calls a task. */
function loop(): Json {
  return {
    StartAt: 'More',
    States: {
      More: { Type: 'Choice', Choices: [{ Variable: '$.n', NumericLessThan: 200, Next: 'Add' }], Default: 'Done' },
      Add: { Type: 'Pass', Parameters: { 'n.$': 'States.MathAdd($.n, 1)' }, Next: 'On' },
      On: { Type: 'Pass', Next: 'More' },
      Done: call('add'),
    },
  };
}

describe.each(Object.entries(MEDIA))('recovery with the %s store', (_, medium) => {
  it.each(Object.entries(SCENARIOS))('brings %s to the same end wherever it is cut', async (_name, scenario) => {
    const { wanted, problems } = await sweep({ scenario, medium });
    expect(problems).toEqual([]);
    const [root] = Object.entries(wanted.executions).filter(([arn]) => arn.endsWith(':m:run'));
    expect(root?.[1].status).toBe(scenario.status ?? 'SUCCEEDED');
  });
});

/** What a store that loses something would do to the harness: each of these faults must be seen. */
const FAULTS: Readonly<Record<string, { readonly scenario: string; readonly spoil: (commit: Commit) => Commit }>> = {
  'the message of a child that has ended': {
    scenario: 'executions two levels deep',
    spoil: (commit) => ({ ...commit, outbox: [] }),
  },
  'a frame': {
    scenario: 'a Map of 50 tasks',
    spoil: (commit) => ({ ...commit, frames: new Map([...commit.frames].slice(1)) }),
  },
  'the frames of an iteration': {
    scenario: 'a Map of executions',
    spoil: (commit) => ({ ...commit, frames: new Map([...commit.frames].filter(([id]) => id === '0')) }),
  },
  'an output of an iteration': {
    scenario: 'a Map of 50 tasks',
    spoil: (commit) => ({ ...commit, outputs: [] }),
  },
  'the frames whose turn it is': {
    scenario: 'a loop of 600 Pass states, and tasks beside it',
    spoil: (commit) => ({ ...commit, execution: { ...commit.execution, ready: [] } }),
  },
  'an event of the history': {
    scenario: 'a sequence of tasks',
    spoil: (commit) => ({ ...commit, history: commit.history.slice(1) }),
  },
};

describe('the test of recovery', () => {
  it.each(Object.entries(FAULTS))('sees that a store loses %s', async (_, { scenario: name, spoil }) => {
    const scenario = SCENARIOS[name] as Scenario;
    const medium = MEDIA['single keys'];
    const wanted = await runUndisturbed({ scenario, medium });
    const lost = new Set<number>();
    const noticed = new Set<number>();
    for (let after = 1; after <= wanted.writes; after++) {
      const fault: Fault = (commit, number) => {
        if (number !== after) return commit;
        const spoilt = spoil(commit);
        if (sizeOf(spoilt) < sizeOf(commit)) lost.add(after);
        return spoilt;
      };
      const crashed = runCrashed({ scenario, medium, fault }, { after, told: false }, wanted);
      await crashed.catch(() => noticed.add(after));
    }
    expect(lost.size).toBeGreaterThan(0);
    expect(noticed).toEqual(lost);
  });
});

/** How much there is to lose; an output that is dropped in the same commit is no loss. */
function sizeOf({ outbox, frames, outputs, droppedForks, history, execution: { ready } }: Commit): number {
  const kept = outputs.filter(({ fork }) => !droppedForks.includes(fork));
  return outbox.length + frames.size + kept.length + history.length + ready.length;
}
