/** Redrive in the interpreter: what runs again, what is kept, and what the history says of it. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isArray, isObject, type Json, type JsonObject } from '../json.ts';
import { succeeded, WILD_MACHINES } from '../testing/machines.fixture.ts';
import { type Answer, machineOf, Simulation, type TaskCommand } from '../testing/simulate.fixture.ts';
import { isClosed } from './execution.ts';
import { type HistoryRecord, renderEvent } from './history.ts';
import { notRedrivable, redrivenBy } from './redrive.ts';
import { misfits } from './redrive-fit.ts';
import { Value } from './value.ts';

type Answers = Readonly<Record<string, readonly Answer[]>>;

const work = (rest: JsonObject = {}): JsonObject => ({
  Type: 'Task',
  Resource: 'arn:aws:lambda:us-east-1:000000000000:function:work',
  ...(!('Next' in rest) && { End: true }),
  ...rest,
});
const one = (name: string, state: JsonObject): JsonObject => ({ StartAt: name, States: { [name]: state } });
const FAILS: Answer = { error: 'Boom', cause: 'no' };
const OK: Answer = { output: { ok: true } };

/** Tasks are answered by their state, and below a Map by their item, in order; the last answer repeats. */
function simulate(definition: JsonObject, answers: Answers, input: Json = {}): Simulation & { calls: string[] } {
  const calls: string[] = [];
  const counts = new Map<string, number>();
  const simulation = new Simulation({
    machine: machineOf(definition),
    input: Value.ofJson(input),
    answer: ({ state, parameters }: TaskCommand) => {
      const { json } = parameters;
      const key = typeof json === 'string' ? `${state} ${json}` : state;
      calls.push(key);
      const count = counts.get(key) ?? 0;
      counts.set(key, count + 1);
      const list = answers[key] ?? [OK];
      return list[Math.min(count, list.length - 1)];
    },
  });
  return Object.assign(simulation, { calls });
}

const events = (history: readonly HistoryRecord[]): string[] =>
  history.map(({ id, previous, type }) => `${id} ${type} <- ${previous}`);

describe('a redrive', () => {
  it('schedules the task again behind the event that had entered its state', () => {
    const simulation = simulate(
      { StartAt: 'A', States: { A: { Type: 'Pass', Next: 'B' }, B: work({ Next: 'C' }), C: { Type: 'Succeed' } } },
      { B: [FAILS, OK] },
    ).run();
    expect(simulation.execution).toMatchObject({ status: 'FAILED', error: 'Boom' });
    const before = simulation.history.length;
    simulation.now += 60_000;
    simulation.redrive();
    expect(simulation.execution).toMatchObject({ status: 'RUNNING', error: null, cause: null, stoppedAt: null });
    simulation.run();
    expect(simulation.execution).toMatchObject({ status: 'SUCCEEDED', redrive: { count: 1, at: simulation.now } });
    expect(events(simulation.history.slice(before - 1))).toEqual([
      '8 ExecutionFailed <- 7',
      '9 ExecutionRedriven <- 8',
      '10 LambdaFunctionScheduled <- 4',
      '11 LambdaFunctionStarted <- 10',
      '12 LambdaFunctionSucceeded <- 11',
      '13 TaskStateExited <- 12',
      '14 SucceedStateEntered <- 13',
      '15 SucceedStateExited <- 14',
      '16 ExecutionSucceeded <- 15',
    ]);
  });

  it('is counted, in the event and in the context', () => {
    const parameters = { 'count.$': '$$.Execution.RedriveCount', 'entered.$': '$$.State.EnteredTime' };
    const seen: Json[] = [];
    const simulation = new Simulation({
      machine: machineOf(one('A', work({ Parameters: { ...parameters } }))),
      input: Value.ofText('{}'),
      answer: (task) => {
        seen.push(task.parameters.json);
        return FAILS;
      },
    }).run();
    for (let count = 1; count <= 3; count++) {
      simulation.now += 1000;
      simulation.redrive();
      simulation.run();
    }
    const redriven = simulation.history.filter(({ type }) => type === 'ExecutionRedriven');
    expect(redriven.map((record) => renderEvent(record, () => undefined).executionRedrivenEventDetails)).toEqual([
      { redriveCount: 1 },
      { redriveCount: 2 },
      { redriveCount: 3 },
    ]);
    const entered = '2030-01-01T00:00:00.000Z';
    expect(seen).toEqual([0, 1, 2, 3].map((count) => ({ count, entered })));
  });

  it('tells when it was, once it was', () => {
    const definition = one('A', work({ Parameters: { 'time.$': '$$.Execution.RedriveTime' } }));
    const simulation = simulate(definition, {}).run();
    expect(simulation.execution.error).toBe('States.Runtime');
    simulation.now += 5000;
    simulation.redrive();
    simulation.run();
    expect(simulation.execution.status).toBe('SUCCEEDED');
    expect(simulation.history.find(({ type }) => type === 'LambdaFunctionScheduled')?.value?.json).toEqual({
      time: '2030-01-01T00:00:05.000Z',
    });
  });

  it('begins its retries anew, and each is a transition, as AWS bills them', () => {
    const retry = [{ ErrorEquals: ['Boom'], MaxAttempts: 2 }];
    const simulation = simulate(one('A', work({ Retry: retry })), { A: [FAILS] }).run();
    expect([simulation.calls.length, simulation.execution.transitions]).toEqual([3, 3]);
    simulation.redrive();
    simulation.run();
    expect([simulation.calls.length, simulation.execution.transitions]).toEqual([6, 6]);
  });

  it('begins the time of the machine anew', () => {
    const definition = { ...one('A', { Type: 'Wait', Seconds: 60, End: true }), TimeoutSeconds: 50 };
    const simulation = simulate(definition, {}).run();
    expect(simulation.execution.status).toBe('TIMED_OUT');
    const at = simulation.now + 7000;
    simulation.now = at;
    simulation.redrive();
    simulation.run();
    expect([simulation.execution.status, simulation.execution.stoppedAt]).toEqual(['TIMED_OUT', at + 50_000]);
  });

  it('runs only the branches that failed or were aborted', () => {
    const definition = one('P', {
      Type: 'Parallel',
      End: true,
      Branches: [
        one('A', work()),
        one('B', work()),
        one('C', { Type: 'Wait', Seconds: 9, End: true }),
        one('D', work()),
      ],
    });
    const simulation = simulate(definition, { B: [{ ...FAILS, after: 2 }, OK], D: [{ ...OK, after: 3 }] }).run();
    expect(simulation.execution.status).toBe('FAILED');
    const before = simulation.history.length;
    simulation.redrive();
    simulation.run();
    expect(simulation.execution.output?.json).toEqual([{ ok: true }, { ok: true }, {}, { ok: true }]);
    expect(simulation.calls).toEqual(['A', 'B', 'D', 'B', 'D']);
    expect(simulation.frames.size + simulation.outputCount).toBe(0);
    const types = simulation.history.slice(before).map(({ type }) => type);
    expect(types.slice(0, 5)).toEqual([
      'ExecutionRedriven',
      'LambdaFunctionScheduled',
      'LambdaFunctionStarted',
      'LambdaFunctionScheduled',
      'LambdaFunctionStarted',
    ]);
    expect(types.filter((type) => type.endsWith('Entered') || type === 'ParallelStateStarted')).toEqual([]);
  });

  it('runs only the iterations that failed, were aborted, or had not begun', () => {
    const definition = one('M', {
      Type: 'Map',
      MaxConcurrency: 2,
      ItemProcessor: one('Each', work()),
      End: true,
    });
    const simulation = simulate(definition, { 'Each c': [FAILS, OK] }, ['a', 'b', 'c', 'd', 'e']).run();
    expect(simulation.calls).toEqual(['Each a', 'Each b', 'Each c', 'Each d'].slice(0, simulation.calls.length));
    simulation.redrive();
    simulation.run();
    expect(simulation.execution.output?.json).toEqual(Array.from({ length: 5 }, () => ({ ok: true })));
    const again = (name: string): number => simulation.calls.filter((call) => call === `Each ${name}`).length;
    expect(['a', 'b', 'c', 'e'].map(again)).toEqual([1, 1, 2, 1]);
    const started = simulation.history.filter(({ type }) => type === 'MapIterationStarted');
    expect(started).toHaveLength(5);
  });

  it('runs a Map again that failed after all of its iterations, as on AWS', () => {
    const map = { Type: 'Map', ItemProcessor: one('Each', work()), End: true };
    const bad = { ...map, ResultSelector: { 'x.$': '$[7]' } };
    const simulation = simulate(one('M', bad), {}, ['a', 'b']).run();
    expect(simulation.execution.error).toBe('States.Runtime');
    simulation.redrive();
    simulation.run();
    expect(simulation.calls).toHaveLength(4);
    simulation.redrive(machineOf(one('M', map)));
    simulation.run();
    // With a corrected definition the results are kept: they may be shaped right now.
    expect(simulation.calls).toHaveLength(4);
    expect(simulation.execution.output?.json).toEqual([{ ok: true }, { ok: true }]);
    expect(simulation.frames.size + simulation.outputCount).toBe(0);
  });

  it('fails again in a Fail state, chooses again in a Choice, and waits again in a Wait', () => {
    const simulation = simulate(one('F', { Type: 'Fail', Error: 'Bad' }), {}).run();
    simulation.redrive();
    expect(simulation.execution).toMatchObject({ status: 'FAILED', error: 'Bad', redrive: { count: 1 } });

    const wait = simulate(one('W', { Type: 'Wait', Seconds: 60, End: true }), {});
    wait.take(wait.next() as never);
    wait.send({ kind: 'stop', error: null, cause: null });
    expect(wait.execution.status).toBe('ABORTED');
    wait.now += 600_000;
    const at = wait.now;
    wait.redrive();
    wait.run();
    expect([wait.execution.status, wait.execution.stoppedAt]).toEqual(['SUCCEEDED', at + 60_000]);
  });

  it('goes on with a Wait for a time that has passed', () => {
    const simulation = simulate(one('W', { Type: 'Wait', Timestamp: '2030-01-01T01:00:00Z', End: true }), {});
    simulation.take(simulation.next() as never);
    simulation.send({ kind: 'stop', error: null, cause: null });
    simulation.now += 7_200_000;
    simulation.redrive();
    simulation.run();
    expect([simulation.execution.status, simulation.now]).toEqual(['SUCCEEDED', Date.UTC(2030, 0, 1, 2)]);
  });

  it('changes nothing of what runs or has succeeded', () => {
    const simulation = simulate(one('A', work()), { A: [{ ...OK, after: 5 }] });
    simulation.take(simulation.next() as never);
    for (const status of ['RUNNING', 'SUCCEEDED'] as const) {
      expect(simulation.execution.status).toBe(status);
      const result = simulation.send({
        kind: 'redrive',
        clientToken: null,
        definition: null,
        origin: null,
        alone: false,
      });
      expect([result.history, result.frames.size, result.commands]).toEqual([[], 0, []]);
      expect(notRedrivable(simulation.execution, simulation.now)).toBe(`Execution is ${status} and cannot be redriven`);
      simulation.run();
    }
  });

  it.each([
    ['a long history', { lastEventId: 24_999 }, 0, 'Execution history event limit exceeded'],
    ['a year', {}, 366, 'Execution has exceeded the max execution time'],
    ['14 days since it ended', {}, 14, 'Execution redrivable period exceeded'],
  ])('is refused after %s under the limits of AWS alone', (_, fields, days, reason) => {
    const { execution, now } = simulate(one('F', { Type: 'Fail' }), {}).run();
    const at = now + days * 24 * 3_600_000;
    expect(notRedrivable({ ...execution, ...fields }, at)).toBeNull();
    expect(notRedrivable({ ...execution, ...fields, limits: 'aws' }, at)).toBe(reason);
    expect(notRedrivable({ ...execution, limits: 'aws' }, now)).toBeNull();
  });

  it('remembers the last ten client tokens, for a quarter of an hour', () => {
    const simulation = simulate(one('F', { Type: 'Fail' }), {}).run();
    const start = simulation.now;
    for (let i = 0; i < 12; i++) {
      simulation.now = start + i * 1000;
      simulation.send({ kind: 'redrive', clientToken: `token ${i}`, definition: null, origin: null, alone: false });
    }
    const known = (i: number, at: number): number | undefined =>
      redrivenBy(simulation.execution, `token ${i}`, start + at);
    expect([known(1, 12_000), known(2, 12_000), known(11, 12_000)]).toEqual([undefined, start + 2000, start + 11_000]);
    expect([known(11, 910_999), known(11, 911_000)]).toEqual([start + 11_000, undefined]);
  });

  it('tells a task which attempts it goes on from', () => {
    const commands: (readonly number[] | undefined)[] = [];
    const simulation = new Simulation({
      machine: machineOf(one('A', work({ Retry: [{ ErrorEquals: ['States.ALL'], MaxAttempts: 1 }] }))),
      input: Value.ofText('{}'),
      answer: ({ redriveOf }) => {
        commands.push(redriveOf);
        return FAILS;
      },
    }).run();
    simulation.redrive();
    simulation.run();
    simulation.redrive();
    simulation.run();
    // Attempts 1 and 3 are tasks, 2 is the pause between them; retried, a task begins anew.
    expect(commands).toEqual([undefined, undefined, [3], undefined, [6], undefined]);
  });
});

describe('another definition', () => {
  const failed = (definition: JsonObject, answers: Answers, input: Json = {}): ReturnType<typeof simulate> =>
    simulate(definition, answers, input).run();

  it('moves frames to the blocks that have their places', () => {
    const map = one('M', { Type: 'Map', ItemProcessor: one('Each', work()), End: true });
    const simulation = failed(map, { 'Each b': [FAILS, OK] }, ['a', 'b']);
    const corrected = machineOf({
      StartAt: 'Before',
      States: {
        Before: { Type: 'Parallel', Branches: [one('X', work()), one('Y', work())], Next: 'M' },
        M: {
          Type: 'Map',
          ItemProcessor: {
            StartAt: 'Each',
            States: { Each: work({ Next: 'Then' }), Then: { Type: 'Pass', Result: 1, End: true } },
          },
          End: true,
        },
      },
    });
    expect(misfits(machineOf(map), corrected, simulation.frames)).toEqual([]);
    simulation.redrive(corrected);
    simulation.run();
    expect(simulation.execution.output?.json).toEqual([{ ok: true }, 1]);
    expect(simulation.execution.redrive?.formerDefinitions).toMatchObject([{ definition: '' }]);
  });

  it.each<[string, JsonObject, string]>([
    [
      'the failed state',
      one('P', { Type: 'Parallel', Branches: [one('A', work()), one('Z', work())], End: true }),
      "the state 'B' is missing in branch 1 of 'P'",
    ],
    ['its Parallel', one('Q', work()), "the state 'P' is missing in the state machine"],
    [
      'the type of its Parallel',
      one('P', work()),
      "the state 'P' in the state machine is a Task now, and was a Parallel",
    ],
    [
      'a branch',
      one('P', { Type: 'Parallel', Branches: [one('A', work())], End: true }),
      "the state 'P' in the state machine has 1 branches now, and had 2",
    ],
    [
      'the type of the failed state',
      one('P', { Type: 'Parallel', Branches: [one('A', work()), one('B', { Type: 'Pass', End: true })], End: true }),
      "the state 'B' in branch 1 of 'P' is a Pass now, and was a Task",
    ],
  ])('does not fit without %s', (_, corrected, misfit) => {
    const before = one('P', { Type: 'Parallel', Branches: [one('A', work()), one('B', work())], End: true });
    const { frames } = failed(before, { B: [FAILS] });
    expect(misfits(machineOf(before), machineOf(corrected), frames)).toEqual([misfit]);
  });
});

describe('for every machine', () => {
  /** What follows from failures is left out: without handlers there is one end that all tasks going well lead to. */
  function plain(definition: Json): Json {
    if (isArray(definition)) return definition.map(plain);
    if (!isObject(definition)) return definition;
    const entries = Object.entries(definition).filter(([key]) => key !== 'Retry' && key !== 'Catch');
    return Object.fromEntries(entries.map(([key, value]) => [key, plain(value)]));
  }

  it('comes to what it would have come to, and calls nothing again that succeeded', () => {
    fc.assert(
      fc.property(
        WILD_MACHINES,
        fc.array(fc.nat(), { maxLength: 40 }),
        fc.nat({ max: 30 }),
        (generated, order, stop) => {
          const machine = machineOf(plain(generated.definition) as JsonObject);
          const input = Value.ofText('{ "by" : "the test" }');
          const undisturbed = new Simulation({ machine, input, answer: succeeded }).run();

          const answer = generated.answer;
          const calls = new Map<string, number>();
          const done = new Set<string>();
          const simulation = new Simulation({
            machine,
            input,
            window: 1 + (stop % 4),
            answer: (task) => {
              const key = `${task.frame} ${task.state}`;
              expect(done.has(key), `${key} is called again`).toBe(false);
              const count = (calls.get(key) ?? 0) + 1;
              calls.set(key, count);
              return count > 3 ? succeeded(task) : answer(task);
            },
            observe: ({ before, event, result }) => {
              if (event.kind !== 'taskSucceeded' || result.history.length === 0) return;
              done.add(`${event.frame} ${before.frames.get(event.frame)?.state}`);
            },
          });
          for (let steps = 0; simulation.execution.status !== 'SUCCEEDED'; steps++) {
            expect(steps).toBeLessThan(20_000);
            if (steps === stop + 1 && !isClosed(simulation.execution))
              simulation.send({ kind: 'stop', error: null, cause: null });
            if (isClosed(simulation.execution)) simulation.redrive();
            const next = simulation.open[(order[steps] ?? 0) % Math.max(1, simulation.open.length)];
            if (next) simulation.take(next);
          }
          expect(simulation.execution.output?.text).toBe(undisturbed.execution.output?.text);
          expect([simulation.frames.size, simulation.outputCount]).toEqual([0, 0]);
          expect(simulation.history.map(({ id }) => id)).toEqual(simulation.history.map((_, i) => i + 1));
          const entered = (of: Simulation): number => of.history.filter(({ type }) => type.endsWith('Entered')).length;
          expect(entered(simulation)).toBe(entered(undisturbed));
        },
      ),
      { numRuns: 150 },
    );
  });
});
