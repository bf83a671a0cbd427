/** AWS's limits in both positions of the switch, each at its edge, and what bounds memory without them. */
import { describe, expect, it } from 'vitest';
import { machineOf, Simulation, type SimulationOptions } from '../testing/simulate.fixture.ts';
import type { Json } from '../json.ts';
import {
  AWS_EXECUTION_MS,
  AWS_HISTORY_EVENTS,
  AWS_PAYLOAD_BYTES,
  cut,
  type Limits,
  MOST_CAUSE_LENGTH,
  MOST_FRAMES,
} from './limits.ts';
import { Value } from './value.ts';

const LAMBDA = 'arn:aws:lambda:us-east-1:000000000000:function:work';
const INVOKE = 'arn:aws:states:::lambda:invoke';

/** A text whose JSON has so many bytes. */
function textOf(bytes: number): string {
  return 'x'.repeat(bytes - 2);
}

function states(named: Readonly<Record<string, Json>>, rest: Readonly<Record<string, Json>> = {}): Json {
  return { StartAt: Object.keys(named)[0] as string, States: named, ...rest };
}

function simulate(definition: Json, limits: Limits, options: Partial<SimulationOptions> = {}): Simulation {
  const simulation = new Simulation({
    machine: machineOf(definition),
    input: Value.ofText('{}'),
    answer: () => undefined,
    limits,
    ...options,
  });
  return simulation.run();
}

function outcomeOf({ execution }: Simulation): object {
  const { status, error, cause, warnings } = execution;
  return { status, error, cause, warned: warnings?.map(({ limit }) => limit) };
}

const SUCCEEDED = { status: 'SUCCEEDED', error: null, cause: null, warned: undefined };

function exceeded(name: string, what = 'returned a result'): object {
  return {
    status: 'FAILED',
    error: 'States.DataLimitExceeded',
    cause: `The state/task '${name}' ${what} with a size exceeding the maximum number of bytes service limit.`,
    warned: undefined,
  };
}

const CATCH_ALL = { Catch: [{ ErrorEquals: ['States.ALL'], Next: 'Caught' }], Next: 'After' };
const AFTER = { Caught: { Type: 'Succeed' }, After: { Type: 'Pass', Result: 'fine', End: true } };

/** Machines that go to the edge with data of so many bytes, and how they fail beyond it. */
const DATA: readonly {
  readonly what: string;
  readonly definition: (bytes: number) => Json;
  readonly answer?: (bytes: number) => Json;
  readonly beyond: object;
}[] = [
  {
    what: 'the output of a state',
    definition: (bytes) =>
      states({ Big: { Type: 'Pass', Result: textOf(bytes), Next: 'Small' }, Small: { Type: 'Succeed' } }),
    beyond: exceeded('Big'),
  },
  {
    what: 'the output of a JSONata state',
    definition: (bytes) =>
      states(
        { Big: { Type: 'Pass', Output: `{% $pad('', ${bytes - 2}, 'x') %}`, End: true } },
        { QueryLanguage: 'JSONata' },
      ),
    beyond: exceeded('Big'),
  },
  {
    what: 'a result in characters of two bytes',
    definition: (bytes) =>
      states({ Big: { Type: 'Pass', Result: 'é'.repeat((bytes - 2) / 2) + 'x'.repeat(bytes % 2), End: true } }),
    beyond: exceeded('Big'),
  },
  {
    what: 'the results of branches, before ResultSelector makes them small',
    definition: (bytes) =>
      states({
        Both: {
          Type: 'Parallel',
          Branches: [
            states({ A: { Type: 'Pass', Result: textOf(200_000), End: true } }),
            states({ B: { Type: 'Pass', Result: textOf(bytes - 200_000 - 3), End: true } }),
          ],
          ResultSelector: { made: 2 },
          Catch: [{ ErrorEquals: ['States.ALL'], Next: 'Caught' }],
          End: true,
        },
        Caught: { Type: 'Succeed' },
      }),
    beyond: exceeded('Both'),
  },
  {
    what: 'the parameters of a task',
    definition: (bytes) =>
      states({
        Call: {
          Type: 'Task',
          Resource: INVOKE,
          Parameters: { FunctionName: 'f', Payload: textOf(bytes - 31) },
          End: true,
        },
      }),
    answer: () => 'done',
    beyond: exceeded('Call', 'provided parameters'),
  },
  {
    what: 'the variables of one Assign',
    definition: (bytes) =>
      states({ Set: { Type: 'Pass', Assign: { a: textOf(200_000), b: textOf(bytes - 200_000) }, End: true } }),
    beyond: exceeded('Set', 'assigned variables'),
  },
];

describe.each(DATA)('$what', ({ definition, answer, beyond }) => {
  const run = (bytes: number, limits: Limits): Simulation =>
    simulate(definition(bytes), limits, { answer: () => (answer ? { output: answer(bytes) } : undefined) });

  it('may be as large as AWS allows', () => {
    expect(outcomeOf(run(AWS_PAYLOAD_BYTES, 'aws'))).toEqual(SUCCEEDED);
    expect(outcomeOf(run(AWS_PAYLOAD_BYTES, 'local'))).toEqual(SUCCEEDED);
  });

  it('fails as on AWS with a byte more', () => {
    expect(outcomeOf(run(AWS_PAYLOAD_BYTES + 1, 'aws'))).toEqual(beyond);
  });

  it('goes on by default, and warns', () => {
    const { execution } = run(AWS_PAYLOAD_BYTES + 1, 'local');
    expect(execution).toMatchObject({
      status: 'SUCCEEDED',
      warnings: [{ message: expect.stringContaining('262144') }],
    });
    expect(execution.warnings).toHaveLength(1);
  });
});

describe('the result of a Map', () => {
  const definition = (rest: Readonly<Record<string, Json>>): Json =>
    states({
      Each: {
        Type: 'Map',
        ItemProcessor: states({ I: { Type: 'Pass', Result: textOf(200_000), End: true } }),
        ...rest,
        End: true,
      },
    });
  const input = Value.ofText('[1,2,3]');

  it('is measured as a whole', () => {
    expect(outcomeOf(simulate(definition({}), 'aws', { input }))).toEqual(exceeded('Each'));
  });

  it.each(['aws', 'local'] as const)('is not measured where ResultPath drops it, under %s', (limits) => {
    expect(outcomeOf(simulate(definition({ ResultPath: null }), limits, { input }))).toEqual(SUCCEEDED);
  });
});

describe('the input of an iteration', () => {
  const definition = (bytes: number): Json =>
    states({
      Each: {
        Type: 'Map',
        ItemSelector: { item: textOf(bytes - 9) },
        ItemProcessor: states({ I: { Type: 'Pass', Result: 1, End: true } }),
        End: true,
      },
    });
  const input = Value.ofText('[1,2]');

  it('is measured as the parameters of the Map', () => {
    expect(outcomeOf(simulate(definition(AWS_PAYLOAD_BYTES), 'aws', { input }))).toEqual(SUCCEEDED);
    expect(outcomeOf(simulate(definition(AWS_PAYLOAD_BYTES + 1), 'aws', { input }))).toEqual(
      exceeded('Each', 'provided parameters'),
    );
    expect(outcomeOf(simulate(definition(AWS_PAYLOAD_BYTES + 1), 'local', { input }))).toEqual({
      ...SUCCEEDED,
      warned: ['payloadSize'],
    });
  });
});

describe('the result of a task', () => {
  const machine = (resource: string): Json =>
    states({
      Call: {
        Type: 'Task',
        Resource: resource,
        ...(resource !== LAMBDA && { Parameters: { FunctionName: 'f', Bucket: 'b', Key: 'k' } }),
        ...CATCH_ALL,
      },
      ...AFTER,
    });
  const answer = (bytes: number) => () => ({ output: textOf(bytes) });

  it.each([
    [INVOKE, 'lambda', 'TaskFailed'],
    [LAMBDA, LAMBDA, 'LambdaFunctionFailed'],
    ['arn:aws:states:::aws-sdk:s3:getObject', 'aws-sdk:s3', 'TaskFailed'],
  ])('%s fails the task, which may be caught', (resource, name, type) => {
    const { execution, history } = simulate(machine(resource), 'aws', { answer: answer(AWS_PAYLOAD_BYTES + 1) });
    expect(execution.output?.json).toEqual({
      Error: 'States.DataLimitExceeded',
      Cause: `The state/task '${name}' returned a result with a size exceeding the maximum number of bytes service limit.`,
    });
    expect(history.map((event) => event.type)).toContain(type);
    const edge = simulate(machine(resource), 'aws', { answer: answer(AWS_PAYLOAD_BYTES) });
    expect(edge.execution.output?.json).toBe('fine');
  });

  it('is taken by default, with a warning', () => {
    const { execution } = simulate(machine(INVOKE), 'local', { answer: answer(AWS_PAYLOAD_BYTES + 1) });
    expect(execution.output?.json).toBe('fine');
    expect(execution.warnings).toEqual([
      {
        limit: 'payloadSize',
        message: expect.stringContaining("'lambda' returned a result of more than 262144"),
      },
    ]);
  });
});

describe('variables', () => {
  /** Assigns 200,000 bytes to one variable after another, so often that it comes to `megabytes`. */
  const assigning = (names: number): Json => {
    const text = textOf(200_000);
    const named = Array.from({ length: names }, (_, i) => [
      `S${i}`,
      { Type: 'Pass', Assign: { [`v${i % 60}`]: text }, ...(i === names - 1 ? { End: true } : { Next: `S${i + 1}` }) },
    ]);
    return states(Object.fromEntries(named) as Record<string, Json>);
  };

  it('have 10 MiB in all', () => {
    expect(outcomeOf(simulate(assigning(52), 'aws'))).toEqual(SUCCEEDED);
    expect(outcomeOf(simulate(assigning(53), 'aws'))).toEqual(exceeded('S52', 'assigned variables'));
    expect(outcomeOf(simulate(assigning(53), 'local'))).toEqual({ ...SUCCEEDED, warned: ['variableSize'] });
  });

  it('count once however often they are assigned', () => {
    const loop = states({
      Set: { Type: 'Pass', Assign: { 'n.$': 'States.MathAdd($.n, 1)', text: textOf(200_000) }, Next: 'Again' },
      Again: { Type: 'Choice', Choices: [{ Variable: '$n', NumericLessThan: 200, Next: 'Next' }], Default: 'Done' },
      Next: { Type: 'Pass', Parameters: { 'n.$': '$n' }, Next: 'Set' },
      Done: { Type: 'Succeed' },
    });
    const input = Value.ofText('{"n":0}');
    expect(outcomeOf(simulate(loop, 'aws', { input }))).toEqual(SUCCEEDED);
    expect(outcomeOf(simulate(loop, 'local', { input }))).toEqual(SUCCEEDED);
  });
});

describe('the history', () => {
  /** Two events a state: 1 + 2 × states + 1. */
  const chain = (length: number): Json => {
    const named = Array.from({ length }, (_, i) => [
      `S${i}`,
      { Type: 'Pass', ...(i === length - 1 ? { End: true } : { Next: `S${i + 1}` }) },
    ]);
    return states(Object.fromEntries(named) as Record<string, Json>);
  };
  const ENDLESS = states({
    Loop: {
      Type: 'Parallel',
      Branches: [states({ P: { Type: 'Pass', Next: 'Q' }, Q: { Type: 'Pass', Next: 'P' } })],
      Retry: [{ ErrorEquals: ['States.ALL'] }],
      Catch: [{ ErrorEquals: ['States.Runtime'], Next: 'Done' }],
      Next: 'Done',
    },
    Done: { Type: 'Succeed' },
  });

  it('has room for 25,000 events when the last is a success', () => {
    const { execution, history } = simulate(chain(12_499), 'aws');
    expect(execution).toMatchObject({ status: 'SUCCEEDED', lastEventId: AWS_HISTORY_EVENTS });
    expect(history.at(-1)).toMatchObject({ id: 25_000, type: 'ExecutionSucceeded' });
  });

  it('ends with event 25,000, which nobody can catch', () => {
    const { execution, history, open } = simulate(ENDLESS, 'aws');
    expect(execution).toMatchObject({
      status: 'FAILED',
      error: 'States.Runtime',
      cause: 'The execution reached the maximum number of history events (25000).',
    });
    expect(history.at(-1)).toMatchObject({ id: 25_000, previous: 24_999, type: 'ExecutionFailed' });
    expect(history.filter(({ type }) => type === 'ExecutionFailed')).toHaveLength(1);
    expect(open.map(({ event }) => event.kind)).toEqual(['deadline']);
  });

  it('gives up the tasks that are under way', () => {
    const definition = states({
      Both: {
        Type: 'Parallel',
        Branches: [
          states({ T: { Type: 'Task', Resource: LAMBDA, End: true } }),
          states({ P: { Type: 'Pass', Next: 'Q' }, Q: { Type: 'Pass', Next: 'P' } }),
        ],
        End: true,
      },
    });
    const cancelled: string[] = [];
    const { execution, frames } = simulate(definition, 'aws', {
      observe: ({ result }) => {
        for (const command of result.commands) if (command.kind === 'cancel') cancelled.push(command.frame);
      },
    });
    expect(execution.status).toBe('FAILED');
    expect(cancelled).toEqual(['0/1.0']);
    expect([...frames.values()].map(({ waiting }) => waiting.kind)).not.toContain('task');
  });

  it('goes on by default, and says so once', () => {
    const { execution } = simulate(chain(13_000), 'local');
    expect(outcomeOf({ execution } as Simulation)).toEqual({ ...SUCCEEDED, warned: ['historyEvents'] });
    expect(execution.lastEventId).toBe(26_002);
  });

  it('ends a loop of waits of no time', () => {
    const definition = states({
      A: { Type: 'Wait', Seconds: 0, Next: 'B' },
      B: { Type: 'Choice', Choices: [{ Variable: '$.never', IsPresent: true, Next: 'C' }], Default: 'A' },
      C: { Type: 'Succeed' },
    });
    const { execution } = simulate(definition, 'aws');
    expect(execution).toMatchObject({ status: 'FAILED', error: 'States.Runtime', lastEventId: AWS_HISTORY_EVENTS });
  });

  it('of an EXPRESS execution has no limit', () => {
    expect(outcomeOf(simulate(chain(13_000), 'aws', { type: 'EXPRESS' }))).toEqual(SUCCEEDED);
  });
});

describe('the time of an execution', () => {
  const WAITS = states({ A: { Type: 'Wait', Seconds: 99_999_999, End: true } });

  it('is a year at most', () => {
    const simulation = simulate(WAITS, 'aws');
    expect(simulation.execution.status).toBe('TIMED_OUT');
    expect(simulation.execution.stoppedAt).toBe(simulation.execution.startedAt + AWS_EXECUTION_MS);
  });

  it('goes on by default, with a warning', () => {
    expect(outcomeOf(simulate(WAITS, 'local'))).toEqual({ ...SUCCEEDED, warned: ['executionTime'] });
  });
});

describe('a wait that a path gives', () => {
  const wait = states({ W: { Type: 'Wait', SecondsPath: '$.seconds', End: true } });
  const run = (seconds: number, limits: Limits): Simulation =>
    simulate(wait, limits, { input: Value.ofJson({ seconds }) });

  it.each(['aws', 'local'] as const)('is no longer than AWS counts, under %s', (limits) => {
    expect(run(2 ** 31 - 1, limits).execution.error).not.toBe('States.Runtime');
    expect(run(2 ** 31, limits).execution).toMatchObject({
      error: 'States.Runtime',
      cause: expect.stringContaining('Wait state delay is too long.'),
    });
  });
});

describe('iterations at once', () => {
  const definition = states({
    Each: {
      Type: 'Map',
      MaxConcurrency: 100,
      ItemProcessor: states({ T: { Type: 'Task', Resource: LAMBDA, End: true } }),
      End: true,
    },
  });
  const input = Value.ofJson(Array.from({ length: 200 }, (_, i) => i));

  it.each([
    ['aws', 40],
    ['local', 100],
  ] as const)('under %s are %i where the Map and the engine allow 100', (limits, most) => {
    expect(simulate(definition, limits, { input, window: 100 }).frames.size).toBe(1 + most);
  });
});

it('the branches of a Parallel all run at once, as on AWS', () => {
  const names = Array.from({ length: 60 }, (_, i) => `T${i}`);
  const branches = names.map((name) => states({ [name]: { Type: 'Task', Resource: LAMBDA, End: true } }));
  const definition = states({ All: { Type: 'Parallel', Branches: branches, End: true } });
  expect(simulate(definition, 'aws').frames.size).toBe(61);
  expect(simulate(definition, 'local').frames.size).toBe(61);
});

describe('the descriptions of 5,000 jobs', () => {
  const JOBS = 5000;
  const JOB = 'arn:aws:states:::batch:submitJob.sync';
  const SUBMITTED = { JobDefinition: 'processor', JobName: 'processor', JobQueue: 'q' };
  const description = { JobName: 'processor', Status: 'SUCCEEDED', Container: { Environment: 'x'.repeat(1400) } };
  const run = (rest: Readonly<Record<string, Json>>, limits: Limits): Simulation =>
    simulate(
      states({
        Each: {
          Type: 'Map',
          MaxConcurrency: 10,
          ItemProcessor: states({ Job: { Type: 'Task', Resource: JOB, Parameters: SUBMITTED, End: true } }),
          ...rest,
          End: true,
        },
      }),
      limits,
      {
        input: Value.ofJson(Array.from({ length: JOBS }, (_, i) => i)),
        answer: () => ({ output: description }),
        keepHistory: false,
      },
    );

  it('fail on AWS, whatever becomes of them', () => {
    expect(outcomeOf(run({ ResultPath: null }, 'aws'))).toMatchObject({ status: 'FAILED' });
  });

  it.each([
    ['are one array, and left out where the Map says so', { ResultPath: null }, (output: Json) => output],
    ['are one array', {}, (output: Json) => (output as Json[]).map((each, i) => (each ? i : null))],
  ])('%s, by default', (_, rest, itemsOf) => {
    const { execution } = run(rest, 'local');
    expect(execution).toMatchObject({ status: 'SUCCEEDED', warnings: expect.anything() });
    expect(itemsOf(execution.output?.json ?? null)).toEqual(Array.from({ length: JOBS }, (__, i) => i));
  });
});

describe('memory', () => {
  it('is bounded when Maps lie in one another, and all of them get their turn', () => {
    const items = Value.ofJson(Array.from({ length: 25 }, (_, i) => i));
    const nested = (depth: number): Json =>
      depth === 0
        ? states({ T: { Type: 'Task', Resource: LAMBDA, End: true } })
        : states({
            [`M${depth}`]: {
              Type: 'Map',
              ItemsPath: '$$.Execution.Input',
              ItemProcessor: nested(depth - 1),
              End: true,
            },
          });
    let most = 0;
    const simulation = simulate(nested(3), 'local', {
      input: items,
      answer: () => ({ output: 1, after: 1 }),
      keepHistory: false,
      observe: ({ before }) => {
        most = Math.max(most, before.frames.size);
      },
    });
    expect(simulation.execution.status).toBe('SUCCEEDED');
    expect(JSON.stringify(simulation.execution.output?.json).match(/1/g)).toHaveLength(25 ** 3);
    // One more below each frame that has none.
    expect(most).toBeGreaterThanOrEqual(MOST_FRAMES);
    expect(most).toBeLessThan(MOST_FRAMES + 25 * 25 + 25);
  });
});

describe('causes', () => {
  it('are cut to what the API may hold, whoever made them', () => {
    const failing = states({ Call: { Type: 'Task', Resource: LAMBDA, End: true } });
    const { execution, history } = simulate(failing, 'local', {
      answer: () => ({ error: 'E'.repeat(1000), cause: '😀'.repeat(100_000) }),
    });
    expect(execution.error).toHaveLength(256);
    expect(execution.cause).toHaveLength(MOST_CAUSE_LENGTH);
    expect(history.every(({ detail }) => JSON.stringify(detail).length < 40_000)).toBe(true);
  });

  it('quote no input of any length', () => {
    const wrong = states({ W: { Type: 'Wait', SecondsPath: '$.seconds', End: true } });
    const { execution } = simulate(wrong, 'local', { input: Value.ofJson({ seconds: { text: textOf(1_000_000) } }) });
    expect(execution).toMatchObject({ status: 'FAILED', error: 'States.Runtime' });
    expect(execution.cause).toHaveLength(MOST_CAUSE_LENGTH);
  });

  it('are never cut within a character', () => {
    expect(cut('ab😀', 3)).toBe('ab');
    expect(cut('ab😀', 4)).toBe('ab😀');
    expect(cut('a😀b', 3)).toBe('a😀');
  });
});
