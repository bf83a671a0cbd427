/** Promises of `step` that hold for every machine and every order of events. S1 to S4 are named in step.ts, I1 to I9 in the design. */
import { PassingMap } from '../passing-map.ts';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { decodeFrame, encodeFrame } from '../runtimes/codecs/frame-codec.ts';
import { columnsOf, decodeExecution, encodeExecution } from '../runtimes/codecs/header-codec.ts';
import { frameProblems } from '../testing/frames.fixture.ts';
import { CALM_MACHINES, type GeneratedMachine, WILD_MACHINES } from '../testing/machines.fixture.ts';
import {
  machineOf,
  type Observed,
  type Open,
  Simulation,
  type SimulationOptions,
} from '../testing/simulate.fixture.ts';
import { inPlace } from '../testing/stored-value.fixture.ts';
import { isClosed } from './execution.ts';
import { type StepResult, step } from './step.ts';
import type { ExecutionImage } from './turn.ts';
import { Value } from './value.ts';

const RUNS = { numRuns: 150 };
const INPUT = Value.ofText('{ "by" : "the test" }');

it('S1, S2: gives the same result for the same arguments, and changes none of them', () => {
  fc.assert(
    fc.property(WILD_MACHINES, ORDERS, (generated, order) => {
      const machine = machineOf(generated.definition);
      shuffled(generated, order, {
        machine,
        image: frozen,
        observe: ({ before, event, result }) => {
          const imageText = textOf([before.execution, before.frames]);
          expect(textOf(step(machine, before, event))).toBe(textOf(result));
          expect(textOf([before.execution, before.frames])).toBe(imageText);
        },
      });
    }),
    RUNS,
  );
});

it('goes the same way when frames and header go through JSON between any two steps', () => {
  fc.assert(
    fc.property(WILD_MACHINES, ORDERS, (generated, order) => {
      const direct = shuffled(generated, order, {});
      const stored = shuffled(generated, order, { image: throughJson });
      expect(textOf([stored.execution, stored.history])).toBe(textOf([direct.execution, direct.history]));
    }),
    RUNS,
  );
});

it('I6: ends with the same output in whatever order outcomes and timers come, where no failures race', () => {
  fc.assert(
    fc.property(CALM_MACHINES, ORDERS, fc.integer({ min: 1, max: 5 }), (generated, order, window) => {
      const inTime = new Simulation({
        machine: machineOf(generated.definition),
        input: INPUT,
        answer: generated.answer,
      }).run();
      const anyhow = shuffled(generated, order, { window });
      expect(anyhow.execution.status).toBe('SUCCEEDED');
      expect(anyhow.execution.output?.text).toBe(inTime.execution.output?.text);
      expect(anyhow.frames.size).toBe(0);
      expect(anyhow.outputCount).toBe(0);
    }),
    RUNS,
  );
});

it('keeps its invariants after every step, whatever fails and in whatever order', () => {
  fc.assert(
    fc.property(WILD_MACHINES, ORDERS, fc.integer({ min: 1, max: 4 }), (generated, order, window) => {
      const simulation = shuffled(generated, order, { window, observe: checkHistory }, checkState);
      expect(isClosed(simulation.execution)).toBe(true);
    }),
    RUNS,
  );
});

it('S3: an event that comes twice, or late, changes nothing (I3)', () => {
  fc.assert(
    fc.property(WILD_MACHINES, ORDERS, (generated, order) => {
      const past: Open['event'][] = [];
      const resend = (simulation: Simulation, event: Open['event']): void => {
        const before = textOf(simulation.execution);
        expectNothing(simulation.send(event));
        expect(textOf(simulation.execution)).toBe(before);
      };
      const simulation = shuffled(generated, order, {}, (current, taken) => {
        if (!('frame' in taken.event)) return;
        past.push(taken.event);
        for (const event of past.slice(-3)) resend(current, event);
      });
      for (const event of past) resend(simulation, event);
      resend(simulation, { kind: 'continue' });
      resend(simulation, { kind: 'deadline' });
      resend(simulation, { kind: 'stop', error: null, cause: null });
    }),
    RUNS,
  );
});

it('stops at any moment without leaving anything open', () => {
  fc.assert(
    fc.property(WILD_MACHINES, ORDERS, fc.nat({ max: 30 }), (generated, order, moment) => {
      let taken = 0;
      const simulation = shuffled(generated, order, {}, (current) => {
        if (++taken === moment) current.send({ kind: 'stop', error: 'Enough', cause: null });
      });
      checkState(simulation);
      if (simulation.execution.status === 'ABORTED') expect(simulation.execution.error).toBe('Enough');
    }),
    RUNS,
  );
});

/** Which of the open things comes next, each time; then the first. */
const ORDERS: fc.Arbitrary<readonly number[]> = fc.array(fc.nat(), { maxLength: 60 });

type Extra = Partial<SimulationOptions>;

/** Runs a machine with its outcomes and timers in the given order. A task's timeout never overtakes an outcome that is there. */
function shuffled(
  generated: GeneratedMachine,
  order: readonly number[],
  extra: Extra,
  after: (simulation: Simulation, taken: Open) => void = () => {},
): Simulation {
  const machine = extra.machine ?? machineOf(generated.definition);
  const simulation = new Simulation({ input: INPUT, answer: generated.answer, ...extra, machine });
  for (let i = 0; !isClosed(simulation.execution); i++) {
    expect(i).toBeLessThan(20_000);
    const eligible = simulation.open.filter((item) => !simulation.open.some((other) => overtakes(item, other)));
    const next = eligible[(order[i] ?? 0) % Math.max(1, eligible.length)];
    if (!next) throw new Error('Nothing is open, but the execution still runs');
    simulation.take(next);
    after(simulation, next);
  }
  return simulation;
}

function overtakes(timer: Open, outcome: Open): boolean {
  return (
    timer.event.kind === 'timer' &&
    outcome.event.kind !== 'timer' &&
    'frame' in outcome.event &&
    outcome.event.frame === timer.event.frame
  );
}

function checkHistory({ before, result }: Observed): void {
  let last = before.execution.lastEventId;
  for (const event of result.history) {
    expect(event.id).toBe(++last);
    expect(event.previous).toBeLessThan(event.id);
    expect(event.previous).toBeGreaterThanOrEqual(0);
  }
  expect(result.execution.lastEventId).toBe(last);
}

function checkState(simulation: Simulation): void {
  const { execution, frames, open } = simulation;
  const outputs = (fork: string): number => simulation.outputsOf(fork);
  expect(frameProblems({ execution, frames, outputs })).toEqual([]);
  const comes = open.flatMap(({ event }) => ('frame' in event ? [`${event.frame} ${event.attempt}`] : []));
  if (isClosed(execution)) return expect(comes).toEqual([]);
  for (const { id, attempt, waiting } of frames.values()) {
    if (['task', 'timer', 'retry'].includes(waiting.kind)) expect(comes).toContain(`${id} ${attempt}`);
  }
}

function expectNothing(result: StepResult): void {
  const { frames, outputs, droppedForks, history, commands } = result;
  expect({ frames: frames.size, outputs, droppedForks, history, commands }).toEqual({
    frames: 0,
    outputs: [],
    droppedForks: [],
    history: [],
    commands: [],
  });
}

/** The image with everything frozen that can be. */
function frozen(image: ExecutionImage): ExecutionImage {
  freeze(image.execution);
  for (const frame of image.frames.values()) freeze(frame);
  return image;
}

function freeze(data: object): void {
  if (Object.isFrozen(data) || data instanceof Value) return;
  Object.freeze(data);
  for (const inner of Object.values(data)) if (typeof inner === 'object' && inner !== null) freeze(inner);
}

function throughJson(image: ExecutionImage): ExecutionImage {
  const frames = [...image.frames].map(
    ([id, frame]) => [id, decodeFrame(id, encodeFrame(frame, inPlace.put), inPlace.get)] as const,
  );
  return {
    execution: decodeExecution(columnsOf(image.execution), encodeExecution(image.execution, inPlace.put), inPlace.get),
    frames: new Map(frames),
    output: (fork, index) => {
      const value = image.output(fork, index);
      return value && Value.ofText(value.text);
    },
  };
}

/** Everything as text, Values as their own text: what is equal here is equal byte for byte. */
function textOf(data: unknown): string {
  if (data instanceof Value) return `<${data.text}>`;
  if (data instanceof Map || data instanceof PassingMap) return textOf([...data]);
  if (Array.isArray(data)) return `[${data.map(textOf).join(',')}]`;
  if (typeof data !== 'object' || data === null) return JSON.stringify(data) ?? 'undefined';
  const sorted = Object.entries(data).sort(([a], [b]) => (a < b ? -1 : 1));
  const entries = sorted.map(([key, value]) => `${JSON.stringify(key)}:${textOf(value)}`);
  return `{${entries.join(',')}}`;
}
