/** Replay: what is recorded and replayed on its own definition is the same; what is edited parts, and the report says where. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Json, JsonObject } from '../../json.ts';
import { WILD_MACHINES } from '../../testing/machines.fixture.ts';
import { type Answer, machineOf, Simulation, type SimulationOptions } from '../../testing/simulate.fixture.ts';
import { isClosed } from '../execution.ts';
import { type HistoryEvent, renderEvent } from '../history.ts';
import type { Machine } from '../machine.ts';
import { Value } from '../value.ts';
import { replay } from './replay.ts';
import type { ReplayReport } from './report.ts';

const RESOURCE = 'arn:aws:lambda:us-east-1:000000000000:function:work';
const work = (rest: JsonObject = {}): JsonObject => ({
  Type: 'Task',
  Resource: RESOURCE,
  ...(!('Next' in rest) && { End: true }),
  ...rest,
});
const one = (name: string, state: JsonObject): JsonObject => ({ StartAt: name, States: { [name]: state } });
/** States that follow one another. */
const chain = (states: Readonly<Record<string, JsonObject>>): JsonObject => {
  const names = Object.keys(states);
  const linked = names.map((name, i) => {
    const { End: _, ...state } = states[name] as JsonObject;
    const next = names[i + 1];
    return [name, next === undefined ? { ...state, End: true } : { ...state, Next: next }] as const;
  });
  return { StartAt: names[0] as string, States: Object.fromEntries(linked) };
};

interface Recorded {
  readonly simulation: Simulation;
  readonly machine: Machine;
}

function record(
  definition: JsonObject,
  answers: Readonly<Record<string, readonly Answer[]>> = {},
  input: Json = {},
  rest: Partial<SimulationOptions> = {},
): Recorded {
  const machine = machineOf(definition);
  const counts = new Map<string, number>();
  const answer: SimulationOptions['answer'] = ({ state }) => {
    const count = counts.get(state) ?? 0;
    counts.set(state, count + 1);
    const list = answers[state] ?? [{ output: { by: state }, after: 3 }];
    return list[Math.min(count, list.length - 1)];
  };
  return { machine, simulation: new Simulation({ machine, input: Value.ofJson(input), answer, ...rest }).run() };
}

function eventsOf({ simulation, machine }: Recorded): HistoryEvent[] {
  return simulation.history.map((record) => renderEvent(record, (state) => machine.resources.get(state)));
}

function replayed(recorded: Recorded, edited?: JsonObject): ReplayReport {
  return replay({
    execution: recorded.simulation.execution,
    events: eventsOf(recorded),
    machines: [{ machine: recorded.machine, throughEvent: Number.POSITIVE_INFINITY }],
    ...(edited && { machine: machineOf(edited) }),
  });
}

describe('an edited definition', () => {
  const definition = chain({ A: work(), B: work(), C: work() });

  it('that comes to the same does not part', () => {
    const report = replayed(record(definition), { Comment: 'the same', ...definition });
    expect(report).toMatchObject({ same: true, parting: null, unanswered: [], changed: [], unused: [] });
    expect(report.replayed).toEqual(report.recorded);
  });

  it('that adds a state parts at its entry, and takes the recorded results behind it', () => {
    const edited = chain({ A: work(), New: { Type: 'Pass', ResultPath: '$.x' }, B: work(), C: work() });
    const report = replayed(record(definition), edited);
    expect(report.parting).toMatchObject({
      recorded: { id: 7, type: 'TaskStateEntered', stateEnteredEventDetails: { name: 'B' } },
      replayed: { id: 7, type: 'PassStateEntered', stateEnteredEventDetails: { name: 'New' } },
    });
    expect(report.replayed).toMatchObject({ status: 'SUCCEEDED', output: '{"by":"C"}' });
    expect(report.unanswered).toEqual([]);
    expect(report.changed).toMatchObject([
      { state: 'B', attempt: 1, parameters: '{"by":"A","x":{"by":"A"}}', recordedParameters: '{"by":"A"}' },
    ]);
  });

  it('that adds a task stands still there, and says so', () => {
    const edited = chain({ A: work(), New: work({ Parameters: { a: 1 } }), B: work(), C: work() });
    const report = replayed(record(definition), edited);
    expect(report.replayed.status).toBe('RUNNING');
    expect(report.unanswered).toEqual([
      { state: 'New', path: [], attempt: 1, resource: RESOURCE, parameters: '{"a":1}' },
    ]);
    expect(report.unused.map(({ state }) => state)).toEqual(['B', 'C']);
  });

  it('that calls a task with other parameters or another resource says so', () => {
    const other = RESOURCE.replace('work', 'other');
    const edited = chain({ A: work(), B: work({ Resource: other }), C: work({ Parameters: { c: 1 } }) });
    const report = replayed(record(definition), edited);
    expect(report.parting?.replayed).toMatchObject({ id: 8, type: 'LambdaFunctionScheduled' });
    expect(report.changed).toMatchObject([
      { state: 'B', resource: other, recordedResource: RESOURCE },
      { state: 'C', parameters: '{"c":1}', recordedParameters: '{"by":"B"}' },
    ]);
    expect(report.replayed.status).toBe('SUCCEEDED');
  });

  it('that catches what had failed goes on, also in a Map, and with what the aborted siblings would need missing', () => {
    const each = (rest: JsonObject = {}): JsonObject =>
      one('M', {
        Type: 'Map',
        ItemProcessor: { StartAt: 'Each', States: { Each: work(rest), Skip: { Type: 'Pass', End: true } } },
        End: true,
      });
    const before = record(
      each({ Catch: [{ ErrorEquals: ['Never'], Next: 'Skip' }] }),
      { Each: [{ output: 1 }, { error: 'Boom', after: 2 }, { output: 3, after: 9 }, { output: 4, after: 1 }] },
      [1, 2, 3, 4],
    );
    expect(before.simulation.execution.status).toBe('FAILED');
    const report = replayed(before, each({ Catch: [{ ErrorEquals: ['Boom'], Next: 'Skip' }] }));
    expect(report.parting?.recorded).toMatchObject({ type: 'MapIterationFailed' });
    expect(report.unanswered).toMatchObject([{ state: 'Each', path: [{ map: 'M', index: 2 }], attempt: 1 }]);
    expect(report.replayed.status).toBe('RUNNING');
  });

  it('that retries more often has no result for the attempt that there never was', () => {
    const retry = (MaxAttempts: number): JsonObject =>
      one('A', work({ Retry: [{ ErrorEquals: ['States.ALL'], MaxAttempts }] }));
    const before = record(retry(1), { A: [{ error: 'Boom' }] });
    const report = replayed(before, retry(2));
    expect(report.parting).toMatchObject({
      recorded: { type: 'ExecutionFailed' },
      replayed: null,
      until: before.simulation.now + 2000,
    });
    expect(report.unanswered).toMatchObject([{ state: 'A', attempt: 3 }]);
  });

  it('that allows less time times out where the result took longer', () => {
    const before = record(chain({ A: work(), B: work() }), { B: [{ output: 1, after: 30 }] });
    const report = replayed(before, chain({ A: work(), B: work({ TimeoutSeconds: 20 }) }));
    expect(report.replayed).toMatchObject({ status: 'FAILED', error: 'States.Timeout' });
  });

  it('that waits longer comes to its end all the same, in virtual time', () => {
    const states = (Seconds: number): JsonObject =>
      chain({ W: { Type: 'Wait', Seconds }, A: work({ Parameters: { 'at.$': '$$.State.EnteredTime' } }) });
    const longer = replayed(record(states(5)), states(3600));
    expect(longer.replayed.status).toBe('SUCCEEDED');
    expect(longer.parting).toMatchObject({ recorded: { type: 'WaitStateExited' }, replayed: null });
    expect(longer.parting?.until).toBe(Date.UTC(2030, 0, 1, 1));
    expect(longer.changed).toMatchObject([{ state: 'A', parameters: '{"at":"2030-01-01T01:00:00.000Z"}' }]);
    const shorter = replayed(record(states(3600)), states(5));
    expect(shorter.parting?.until).toBe(Date.UTC(2030, 0, 1) + 5000);
    expect(shorter.changed).toMatchObject([{ state: 'A', parameters: '{"at":"2030-01-01T00:00:05.000Z"}' }]);
  });

  it('is redriven where the recorded execution was', () => {
    const before = record(chain({ A: work(), B: work() }), { B: [{ error: 'Boom' }, { output: 'good' }] });
    before.simulation.redrive();
    before.simulation.run();
    const report = replayed(before, chain({ A: work(), New: { Type: 'Pass' }, B: work() }));
    expect(report).toMatchObject({ same: false, unused: [], replayed: { status: 'SUCCEEDED', output: '"good"' } });
  });

  it('that never ends is given up', () => {
    const round = { Type: 'Choice', Choices: [{ Variable: '$.by', StringEquals: 'B', Next: 'End' }], Default: 'X' };
    const edited = {
      StartAt: 'A',
      States: { A: work({ Next: 'X' }), X: { Type: 'Pass', Next: 'Y' }, Y: round, End: { Type: 'Succeed' } },
    };
    const report = replayed(record(one('A', work())), edited);
    expect(report).toMatchObject({ same: false, replayed: { status: 'RUNNING' }, unanswered: [] });
  });
});

describe('its own definition', () => {
  it('is replayed with its task tokens, which only the recorded engine could make', () => {
    const definition = chain({
      T: {
        ...work({ Parameters: { FunctionName: 'ask', Payload: { 'token.$': '$$.Task.Token', a: 1 } } }),
        Resource: 'arn:aws:states:::lambda:invoke.waitForTaskToken',
      },
      U: work({ Parameters: { text: 'a'.repeat(30) } }),
    });
    const recorded = record(definition, { T: [{ submitted: {}, output: 1, after: 9 }] });
    expect(recorded.simulation.execution.status).toBe('SUCCEEDED');
    expect(replayed(recorded)).toMatchObject({ same: true, changed: [] });
    const edited = chain({
      New: { Type: 'Pass' },
      T: {
        ...work({ Parameters: { FunctionName: 'ask', Payload: { 'token.$': '$$.Task.Token', a: 2 } } }),
        Resource: 'arn:aws:states:::lambda:invoke.waitForTaskToken',
      },
      U: work({ Parameters: { text: 'a'.repeat(30) } }),
    });
    const report = replayed(recorded, edited);
    expect(report.replayed.status).toBe('SUCCEEDED');
    expect(report.changed.map(({ state }) => state)).toEqual(['T']);
  });

  it('is replayed with its activities', () => {
    const activity = {
      ...work({ HeartbeatSeconds: 60 }),
      Resource: 'arn:aws:states:us-east-1:000000000000:activity:a',
    };
    const machine = machineOf(chain({ A: activity, B: work() }));
    const simulation = new Simulation({ machine, input: Value.ofText('{}'), answer: () => ({ output: 'B' }) });
    const take = (): unknown => simulation.take(simulation.next() as never);
    take();
    take();
    const frame = simulation.frames.get('0');
    const to = { frame: '0', attempt: frame?.attempt as number };
    simulation.now += 2000;
    simulation.send({ kind: 'activityBegun', ...to, workerName: 'w' });
    simulation.now += 2000;
    simulation.send({ kind: 'taskSucceeded', ...to, output: Value.ofText('"done"') });
    simulation.run();
    expect(simulation.history.map(({ type }) => type)).toContain('ActivityStarted');
    expect(replayed({ simulation, machine })).toMatchObject({ same: true, replayed: { status: 'SUCCEEDED' } });
    const edited = chain({ New: { Type: 'Pass' }, A: activity, B: work() });
    const report = replayed({ simulation, machine }, edited);
    expect(report).toMatchObject({ same: false, unanswered: [], unused: [], replayed: { status: 'SUCCEEDED' } });
  });

  it('is replayed from as far as a running execution has come', () => {
    const recorded = record(chain({ A: work(), W: { Type: 'Wait', Seconds: 9 } }), { A: [undefined] });
    expect(recorded.simulation.execution.status).toBe('RUNNING');
    expect(replayed(recorded)).toMatchObject({ same: true, replayed: { status: 'RUNNING' } });
  });

  it('needs the whole history', () => {
    const recorded = record(one('A', work()));
    const params = {
      execution: recorded.simulation.execution,
      machines: [{ machine: recorded.machine, throughEvent: Number.POSITIVE_INFINITY }],
    };
    expect(() => replay({ ...params, events: eventsOf(recorded).slice(1) })).toThrow(/no event 1/);
  });

  it('parts where the history was changed', () => {
    const recorded = record(chain({ A: work(), B: work() }));
    const events = eventsOf(recorded);
    const [at, spoilt] = [7, { ...(events[7] as HistoryEvent), type: 'PassStateEntered' }];
    const report = replay({
      execution: recorded.simulation.execution,
      machines: [{ machine: recorded.machine, throughEvent: Number.POSITIVE_INFINITY }],
      events: events.with(at, spoilt),
    });
    expect(report.parting?.recorded?.id).toBe(8);
  });

  it('brings the same history again, event by event, whatever had happened and in whatever order', () => {
    fc.assert(
      fc.property(
        WILD_MACHINES,
        fc.array(fc.nat(), { maxLength: 60 }),
        fc.nat({ max: 60 }),
        (generated, order, moment) => {
          const machine = machineOf(generated.definition);
          const simulation = new Simulation({
            machine,
            input: Value.ofText('{ "by" : 1 }'),
            answer: generated.answer,
          });
          let redrives = 0;
          for (let i = 0; !isClosed(simulation.execution) || redrives < moment % 3; i++) {
            if (simulation.execution.status === 'SUCCEEDED' || i > 20_000) break;
            if (isClosed(simulation.execution)) {
              redrives += 1;
              simulation.redrive();
            }
            if (i === moment && i > 0) simulation.send({ kind: 'stop', error: 'Enough', cause: null });
            const inTime = simulation.open.filter(({ event }) => event.kind !== 'timer');
            const next = [...inTime, ...simulation.open][(order[i] ?? 0) % Math.max(1, simulation.open.length)];
            if (next && !isClosed(simulation.execution)) simulation.take(next);
          }
          const report = replayed({ simulation, machine });
          expect(report.parting).toBeNull();
          expect(report).toMatchObject({ same: true, unanswered: [], changed: [], unused: [] });
          expect(report.replayed).toEqual(report.recorded);
        },
      ),
      { numRuns: 300 },
    );
  });
});
