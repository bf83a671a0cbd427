/** The machine's clock is set back while an execution runs. */
import { expect, it } from 'vitest';
import { machineOf, Simulation, STARTED_AT } from '../testing/simulate.fixture.ts';
import { Value } from './value.ts';

const HOUR = 3_600_000;
const WORK = 'arn:aws:lambda:us-east-1:000000000000:function:work';

const machine = machineOf({
  StartAt: 'Before',
  States: {
    Before: { Type: 'Wait', Seconds: 10, Next: 'After' },
    After: { Type: 'Wait', Seconds: 20, Next: 'Work' },
    Work: {
      Type: 'Task',
      Resource: WORK,
      Parameters: { 'entered.$': '$$.State.EnteredTime' },
      TimeoutSeconds: 30,
      Retry: [{ ErrorEquals: ['States.ALL'], IntervalSeconds: 5 }],
      End: true,
    },
  },
});

it('does not show: neither the history nor what data sees goes back', () => {
  const simulation = new Simulation({ machine, input: Value.ofText('{}'), answer: () => undefined });
  simulation.send({ kind: 'start' });
  simulation.now += 10_000;
  simulation.send({ kind: 'timer', frame: '0', attempt: 1 });
  simulation.now -= HOUR;
  simulation.send({ kind: 'timer', frame: '0', attempt: 2 });
  const waiting = simulation.frames.get('0')?.waiting;
  expect(waiting?.kind === 'task' && waiting.parameters.json).toEqual({
    entered: new Date(STARTED_AT + 10_000).toISOString(),
  });
  simulation.now += 1_000;
  simulation.send({ kind: 'taskSucceeded', frame: '0', attempt: 3, output: Value.ofText('1') });
  const times = simulation.history.map(({ at }) => at - STARTED_AT);
  expect(times).toEqual([0, 0, ...Array(times.length - 2).fill(10_000)]);
  expect(simulation.execution).toMatchObject({ status: 'SUCCEEDED', stoppedAt: STARTED_AT + 10_000 });
});

it('does not make deadlines later that are set after it', () => {
  const simulation = new Simulation({ machine, input: Value.ofText('{}'), answer: () => ({ error: 'Boom' }) });
  simulation.send({ kind: 'start' });
  simulation.now += 10_000 - HOUR;
  simulation.send({ kind: 'timer', frame: '0', attempt: 1 });
  expect(simulation.frames.get('0')?.waiting).toEqual({ kind: 'timer', until: simulation.now + 20_000 });
  simulation.send({ kind: 'timer', frame: '0', attempt: 2 });
  expect(simulation.frames.get('0')?.waiting).toMatchObject({ timeoutAt: simulation.now + 30_000 });
  simulation.send({ kind: 'taskFailed', frame: '0', attempt: 3, error: 'Boom', cause: null });
  expect(simulation.frames.get('0')?.waiting).toEqual({ kind: 'retry', until: simulation.now + 5_000 });
});
