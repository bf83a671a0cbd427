/** S4: what a Map costs grows with its items, not with their square; frames stay small. */
import { describe, expect, it } from 'vitest';
import { encodeFrame } from '../runtimes/codecs/frame-codec.ts';
import { threadTime } from '../testing/thread-time.fixture.ts';
import { machineOf, Simulation, type SimulationOptions } from '../testing/simulate.fixture.ts';
import type { Frame, FrameId } from './frame.ts';
import type { Machine } from './machine.ts';
import type { StepResult } from './step.ts';
import { Value } from './value.ts';

const WINDOW = 40;
const SMALL = 2000;

const MAPS: readonly (readonly [string, Machine])[] = [
  ['tasks', mapOf({ Type: 'Task', Resource: 'arn:aws:lambda:us-east-1:000000000000:function:work', End: true })],
  ['passes', mapOf({ Type: 'Pass', Parameters: { 'got.$': '$.id' }, End: true })],
  ['waits', mapOf({ Type: 'Wait', Seconds: 1, End: true })],
];

describe.each(MAPS)('a Map of %s', (_, machine) => {
  it('writes at most 2.2 times as much for twice the items', () => {
    const [small, large] = [written(machine, SMALL), written(machine, 2 * SMALL)];
    expect(large.bytes / small.bytes).toBeLessThan(2.2);
    expect(large.frames / small.frames).toBeLessThan(2.2);
    expect(large.history / small.history).toBeLessThan(2.2);
  });

  it('looks at no more than 2.2 times as many frames and outputs for twice the items', () => {
    const [small, large] = [looked(machine, SMALL), looked(machine, 2 * SMALL)];
    expect(large.steps / small.steps).toBeLessThan(2.2);
    expect(large.frames / small.frames).toBeLessThan(2.2);
    expect(large.outputs / small.outputs).toBeLessThan(2.2);
  });

  it('takes time of the processor that grows with the items, not with their square', () => {
    // Eight times the items: about 8, where the square would be 64. The rest is room for the garbage collector.
    expect(cpuRatio(machine, SMALL, 8 * SMALL)).toBeLessThan(20);
  });

  it('has no frame that grows with the number of items', () => {
    const digits = 20;
    expect(largestFrame(machine, 2 * SMALL)).toBeLessThan(largestFrame(machine, 500) + digits);
  });

  it('has no more frames at once than may run, and the Map itself', () => {
    let most = 0;
    const simulation = simulate(machine, 200, {
      observe: ({ before }) => {
        most = Math.max(most, before.frames.size);
      },
    });
    expect(most).toBeLessThanOrEqual(WINDOW + 1);
    expect(simulation.frames.size).toBe(0);
  });
});

function mapOf(state: object): Machine {
  return machineOf({
    StartAt: 'Each',
    States: {
      Each: { Type: 'Map', ItemProcessor: { StartAt: 'Do', States: { Do: state } }, ResultPath: null, End: true },
    },
  });
}

function simulate(machine: Machine, items: number, extra: Partial<SimulationOptions> = {}): Simulation {
  const input = Value.ofJson(Array.from({ length: items }, (_, id) => ({ id, name: `record ${id}` })));
  const answer = (): { output: object & { ok: true } } => ({ output: { ok: true } });
  const simulation = new Simulation({ machine, input, answer, window: WINDOW, ...extra }).run();
  if (simulation.execution.status !== 'SUCCEEDED') throw new Error(`The execution ${simulation.execution.status}`);
  return simulation;
}

interface Written {
  bytes: number;
  frames: number;
  history: number;
}

/** What all steps together give a store to write: values above 4 KB once, by reference after that. */
function written(machine: Machine, items: number): Written {
  const sum = { bytes: 0, frames: 0, history: 0 };
  const seen = new Set<Value>();
  const text = (result: StepResult): string =>
    JSON.stringify({ ...result, frames: [...result.frames] }, function (this: Record<string, unknown>, key, json) {
      const value = this[key];
      if (!(value instanceof Value)) return json as unknown;
      if (value.bytes <= 4096) return value.text;
      if (!seen.has(value)) sum.bytes += value.bytes;
      seen.add(value);
      return 0;
    });
  simulate(machine, items, {
    observe: ({ result }) => {
      sum.bytes += text(result).length;
      sum.frames += result.frames.size;
      sum.history += result.history.length;
    },
  });
  return sum;
}

/** What all steps together read of the executions that they are given. */
function looked(machine: Machine, items: number): { steps: number; frames: number; outputs: number } {
  const sum = { steps: 0, frames: 0, outputs: 0 };
  class Frames extends Map<FrameId, Frame> {
    override get(id: FrameId): Frame | undefined {
      sum.frames++;
      return super.get(id);
    }
    override keys(): MapIterator<FrameId> {
      sum.frames += this.size;
      return super.keys();
    }
  }
  simulate(machine, items, {
    image: (image) => {
      sum.steps++;
      return {
        execution: image.execution,
        frames: new Frames(image.frames),
        output: (fork, index) => {
          sum.outputs++;
          return image.output(fork, index);
        },
      };
    },
  });
  return sum;
}

/** The best of several runs each, taken in turn so that both see the same weather. */
/** Few items are gone through so often that both take long: the system counts a thread's time in steps of milliseconds. */
function cpuRatio(machine: Machine, few: number, many: number): number {
  const times = many / few;
  const rounds = Array.from({ length: 4 }, () => ({ few: cpuOf(machine, few, times), many: cpuOf(machine, many, 1) }));
  return Math.min(...rounds.map((round) => round.many)) / (Math.min(...rounds.map((round) => round.few)) / times);
}

function cpuOf(machine: Machine, items: number, times: number): number {
  return threadTime(() => {
    for (let i = 0; i < times; i++) simulate(machine, items, { keepHistory: false });
  });
}

/** In bytes, values not counted. */
function largestFrame(machine: Machine, items: number): number {
  let largest = 0;
  simulate(machine, items, {
    observe: ({ result }) => {
      for (const frame of result.frames.values()) {
        if (frame) largest = Math.max(largest, encodeFrame(frame, () => 0).length);
      }
    },
  });
  return largest;
}
