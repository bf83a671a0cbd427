/** Single promises of `step` that need a certain order of events. */
import { describe, expect, it } from 'vitest';
import { machineOf, type Open, Simulation, STARTED_AT } from '../testing/simulate.fixture.ts';
import type { Command } from './event.ts';
import { MAX_TRANSITIONS, type StepResult } from './step.ts';
import { Value } from './value.ts';

const WORK = 'arn:aws:lambda:us-east-1:000000000000:function:work';
const LOOP = {
  StartAt: 'Ask',
  States: {
    Ask: { Type: 'Choice', Choices: [{ Variable: '$.i', NumericEquals: -1, Next: 'Never' }], Default: 'Again' },
    Again: { Type: 'Pass', Next: 'Ask' },
    Never: { Type: 'Succeed' },
  },
};
const COUNT = {
  StartAt: 'Enough',
  States: {
    Enough: { Type: 'Choice', Choices: [{ Variable: '$.i', NumericEquals: 1000, Next: 'Done' }], Default: 'Add' },
    Add: { Type: 'Pass', Parameters: { 'i.$': 'States.MathAdd($.i, 1)' }, Next: 'Enough' },
    Done: { Type: 'Succeed' },
  },
};

describe('a turn', () => {
  it(`ends after ${MAX_TRANSITIONS} states, and asks for one continue`, () => {
    const simulation = simulate(LOOP, { i: 0 });
    for (let turn = 1; turn <= 5; turn++) {
      const result = takeFirst(simulation);
      expect(simulation.execution.transitions).toBe(turn * MAX_TRANSITIONS);
      expect(result.commands).toEqual([{ kind: 'continue' }]);
      expect(result.execution.ready).toEqual(['0']);
    }
  });

  it('lets the branch beside an endless loop come to its end', () => {
    const simulation = simulate(parallel(LOOP, renamed(COUNT)), { i: 0 });
    for (let turn = 0; turn < 50 && simulation.outputCount === 0; turn++) takeFirst(simulation);
    expect(simulation.outputCount).toBe(1);
    expect(simulation.execution.status).toBe('RUNNING');
  });

  it('lets all of many loops run in turn', () => {
    const loops = ['a', 'b', 'c', 'd', 'e'].map((prefix) => renamed(LOOP, prefix));
    const simulation = simulate(parallel(...loops), { i: 0 });
    for (let turn = 0; turn < 100; turn++) takeFirst(simulation);
    const entered = loops.map(({ StartAt }) => simulation.history.filter((event) => event.state === StartAt).length);
    expect(Math.min(...entered)).toBeGreaterThan(Math.max(...entered) / 2);
  });

  it('takes an outcome while a continue is due, and does not ask for a second one', () => {
    const task = {
      StartAt: 'Work',
      States: { Work: { Type: 'Task', Resource: WORK, Next: 'After' }, After: { Type: 'Wait', Seconds: 9, End: true } },
    };
    const simulation = simulate(parallel(LOOP, task), { i: 0 });
    for (let turn = 0; turn < 4; turn++) takeFirst(simulation, 'continue');
    const result = simulation.take(open(simulation, 'taskSucceeded'));
    expect(result.history.map((event) => event.type)).toEqual(['LambdaFunctionSucceeded', 'TaskStateExited']);
    expect(result.commands).toEqual([]);
    for (let turn = 0; turn < 3; turn++) takeFirst(simulation, 'continue');
    expect(simulation.history.some((event) => event.type === 'WaitStateEntered')).toBe(true);
    expect(simulation.open.filter(({ event }) => event.kind === 'continue')).toHaveLength(1);
  });

  it('is not begun by an event that changes nothing', () => {
    const simulation = simulate(LOOP, { i: 0 });
    takeFirst(simulation);
    const result = simulation.send({ kind: 'timer', frame: '0', attempt: 0 });
    expect([result.frames.size, result.history, result.commands]).toEqual([0, [], []]);
  });

  it('ends all loops when the execution is stopped', () => {
    const simulation = simulate(parallel(LOOP, renamed(LOOP, 'b')), { i: 0 });
    for (let turn = 0; turn < 5; turn++) takeFirst(simulation);
    simulation.send({ kind: 'stop', error: null, cause: 'enough' });
    expect(simulation.execution).toMatchObject({ status: 'ABORTED', cause: 'enough', ready: [] });
    expect(simulation.send({ kind: 'continue' }).history).toEqual([]);
  });
});

describe('a retried Parallel', () => {
  const simulation = simulate(
    parallelOf([branch('Left'), branch('Right')], { Retry: [{ ErrorEquals: ['Boom'], IntervalSeconds: 1 }] }),
    {},
  );
  takeFirst(simulation, 'start');
  const [left, right] = [open(simulation, 'taskSucceeded', 0), open(simulation, 'taskSucceeded', 1)];

  it('forgets its children and cancels what they wait for', () => {
    const result = simulation.send({ ...frameOf(left), kind: 'taskFailed', error: 'Boom', cause: null });
    expect(result.commands).toEqual([
      { kind: 'cancel', ...frameOf(right) },
      { kind: 'timer', frame: '0', attempt: 2, at: STARTED_AT + 1000 },
    ]);
    expect([...simulation.frames.keys()]).toEqual(['0']);
  });

  it('ignores late events of its first try', () => {
    takeFirst(simulation, 'timer');
    for (const late of [left, right]) {
      const result = simulation.send(late.event);
      expect([result.frames.size, result.history, result.outputs, result.commands]).toEqual([0, [], [], []]);
    }
    expect([...simulation.frames.keys()]).toEqual(['0', '0/3.0', '0/3.1']);
  });

  it('goes on with the outcomes of its second', () => {
    simulation.run();
    expect(simulation.execution.output?.json).toEqual(['Left', 'Right']);
  });
});

describe('a task', () => {
  const TASK = {
    StartAt: 'Work',
    States: {
      Work: {
        Type: 'Task',
        Resource: 'arn:aws:states:::lambda:invoke.waitForTaskToken',
        Parameters: { FunctionName: 'work' },
        TimeoutSeconds: 60,
        HeartbeatSeconds: 20,
        End: true,
      },
    },
  };
  const started = (): { simulation: Simulation; command: Extract<Command, { kind: 'task' }> } => {
    const simulation = simulate(TASK, {});
    const command = takeFirst(simulation).commands.find((candidate) => candidate.kind === 'task');
    if (!command) throw new Error('There is no task command');
    return { simulation, command };
  };

  it('has the same idempotency key at each try, and another attempt', () => {
    const keys = new Set<string>();
    const attempts = new Set<number>();
    const retried = { Type: 'Task', Resource: WORK, Retry: [{ ErrorEquals: ['States.ALL'] }], End: true };
    new Simulation({
      machine: machineOf({ StartAt: 'Work', States: { Work: retried } }),
      input: Value.ofText('{}'),
      answer: ({ idempotencyKey, attempt }) => {
        keys.add(idempotencyKey);
        attempts.add(attempt);
        return { error: 'Boom' };
      },
    }).run();
    expect([keys.size, attempts.size]).toEqual([1, 4]);
  });

  it('is handed over once', () => {
    const { simulation, command } = started();
    const submitted = { kind: 'taskSubmitted', ...frameOf(command), output: Value.ofText('{}') } as const;
    expect(simulation.send(submitted).history.map((event) => event.type)).toEqual(['TaskSubmitted']);
    expect(simulation.send(submitted).frames.size).toBe(0);
  });

  it('that was handed over is not called again after a restart; one that was not is, with its whole time', () => {
    const { simulation, command } = started();
    simulation.now += 50_000;
    const restart = { kind: 'restart', ...frameOf(command) } as const;
    expect(simulation.send(restart).commands).toEqual([
      command,
      { kind: 'timer', ...frameOf(command), at: simulation.now + 60_000 },
    ]);
    simulation.send({ kind: 'taskSubmitted', ...frameOf(command), output: Value.ofText('{}') });
    expect(simulation.send(restart).commands).toEqual([]);
  });

  it('that misses a heartbeat is cancelled and has timed out', () => {
    const { simulation, command } = started();
    const result = simulation.send({ kind: 'heartbeatMissed', ...frameOf(command) });
    expect(result.commands).toEqual([{ kind: 'cancel', ...frameOf(command) }]);
    expect(result.execution).toMatchObject({ status: 'FAILED', error: 'States.Timeout', cause: null });
  });

  it('that could not begin with its parameters ends the execution, whatever a Catch takes', () => {
    const Catch = [{ ErrorEquals: ['States.ALL'], Next: 'Caught' }];
    const simulation = simulate(
      {
        StartAt: 'Work',
        States: {
          Work: { Type: 'Task', Resource: WORK, TimeoutSeconds: 60, Catch, End: true },
          Caught: { Type: 'Succeed' },
        },
      },
      {},
    );
    const [command] = takeFirst(simulation).commands;
    if (command?.kind !== 'task') throw new Error('It begins with a task');
    const error = 'States.Runtime';
    const result = simulation.send({
      kind: 'taskFailed',
      ...frameOf(command),
      error,
      cause: 'Not so.',
      rejected: true,
    });
    expect(result.history.map((event) => event.type)).toEqual(['ExecutionFailed']);
    expect(result.commands).toEqual([{ kind: 'cancel', ...frameOf(command) }]);
    expect(result.execution).toMatchObject({
      status: 'FAILED',
      error,
      cause: "An error occurred while executing the state 'Work' (entered at the event id #2). Not so.",
    });
  });

  it('that has its outcome cancels its timeout', () => {
    const { simulation, command } = started();
    const result = simulation.send({ kind: 'taskSucceeded', ...frameOf(command), output: Value.ofText(' 1 ') });
    expect(result.commands).toEqual([{ kind: 'cancel', ...frameOf(command) }]);
    expect(result.execution.output?.text).toBe(' 1 ');
  });
});

describe('a failed execution', () => {
  it('keeps the frames that a redrive goes on from, and the outputs of those that were done', () => {
    const slow = { StartAt: 'Slow', States: { Slow: { Type: 'Wait', Seconds: 9, End: true } } };
    const done = { StartAt: 'Quick', States: { Quick: { Type: 'Pass', End: true } } };
    const failing = { StartAt: 'Bad', States: { Bad: { Type: 'Task', Resource: WORK, End: true } } };
    const simulation = simulate(parallel(slow, done, failing), {}, { error: 'Boom', cause: 'why' });
    simulation.run();
    const standing = [...simulation.frames.values()].map(({ id, waiting }) => [
      id,
      waiting.kind,
      'was' in waiting && waiting.was.kind,
    ]);
    expect(standing).toEqual([
      ['0', 'failed', 'children'],
      ['0/1.0', 'aborted', 'timer'],
      ['0/1.2', 'failed', 'task'],
    ]);
    expect(simulation.outputCount).toBe(1);
    expect(simulation.frames.get('0/1.2')?.waiting).toMatchObject({ error: 'Boom', cause: 'why' });
  });

  it('keeps the outputs of a Map whose ResultSelector fails', () => {
    const pass = { StartAt: 'P', States: { P: { Type: 'Pass', End: true } } };
    const map = { Type: 'Map', ItemProcessor: pass, ResultSelector: { 'x.$': '$.nope' }, End: true };
    const simulation = simulate({ StartAt: 'Each', States: { Each: map } }, [1, 2]);
    simulation.run();
    expect(simulation.execution).toMatchObject({ status: 'FAILED', error: 'States.Runtime' });
    expect(simulation.outputCount).toBe(2);
  });
});

describe('data that JSON text cannot hold', () => {
  it('fails its state and not the engine', () => {
    const deep = `${'['.repeat(50_000)}${']'.repeat(50_000)}`;
    const simulation = new Simulation({
      machine: machineOf({
        StartAt: 'Wrap',
        States: { Wrap: { Type: 'Pass', Parameters: { 'in.$': '$' }, End: true } },
      }),
      input: Value.ofText(deep),
      answer: () => undefined,
    }).run();
    expect(simulation.execution).toMatchObject({ status: 'FAILED', error: 'States.Runtime' });
    expect(simulation.execution.cause).toContain('too large or nested too deeply');
  });

  it('passes through as it is where nothing reads it', () => {
    const deep = `${'['.repeat(50_000)}${']'.repeat(50_000)}`;
    const machine = machineOf({ StartAt: 'A', States: { A: { Type: 'Pass', End: true } } });
    const simulation = new Simulation({ machine, input: Value.ofText(deep), answer: () => undefined }).run();
    expect(simulation.execution.output?.text).toBe(deep);
  });
});

function simulate(definition: object, input: object, answer: object = { output: null }): Simulation {
  return new Simulation({
    machine: machineOf(definition),
    input: Value.ofText(JSON.stringify(input)),
    answer: ({ state }) => ('output' in answer ? { output: state } : { error: 'Boom', cause: 'why' }),
  });
}

function branch(name: string): object {
  return { StartAt: name, States: { [name]: { Type: 'Task', Resource: WORK, End: true } } };
}

function parallel(...branches: readonly object[]): object {
  return parallelOf(branches, {});
}

function parallelOf(branches: readonly object[], more: object): object {
  return { StartAt: 'Both', States: { Both: { Type: 'Parallel', Branches: branches, ...more, End: true } } };
}

/** The same block with other state names. */
function renamed<T extends { StartAt: string; States: object }>(block: T, prefix = 'x'): T {
  const names = Object.keys(block.States).join('|');
  return JSON.parse(JSON.stringify(block).replace(new RegExp(`"(${names})"`, 'g'), `"${prefix}$1"`)) as T;
}

function open(simulation: Simulation, kind: Open['event']['kind'], index = 0): Open {
  const found = simulation.open.filter(({ event }) => event.kind === kind)[index];
  if (!found) throw new Error(`There is no open ${kind}`);
  return found;
}

/** Takes the first open thing, or the first of a kind where there is one. */
function takeFirst(simulation: Simulation, kind?: Open['event']['kind']): StepResult {
  const found = simulation.open.find(({ event }) => event.kind === kind) ?? simulation.open[0];
  if (!found) throw new Error('Nothing is open');
  return simulation.take(found);
}

function frameOf(item: Open | { frame: string; attempt: number }): { frame: string; attempt: number } {
  const { frame, attempt } = ('event' in item ? item.event : item) as { frame: string; attempt: number };
  return { frame, attempt };
}
