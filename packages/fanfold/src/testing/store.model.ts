/** What an execution must look like after commits, for tests of stores. */
import fc from 'fast-check';
import { expect } from 'vitest';
import type { Frame } from '../interpreter/frame.ts';
import type { ChildOutput, Commit, LoadedExecution } from '../ports/store.ts';
import { frames, streamCommit, values } from './store.fixture.ts';
import { readable } from './stored-value.fixture.ts';

/** Asserts that an execution of {@link streamCommit}s stands exactly where its commit `n` left it. */
export function expectStreamAt(n: number, found: LoadedExecution | undefined): void {
  const { execution, frames: written, outputs } = streamCommit(found?.execution.name ?? '', n);
  const live = [...written.values()].filter((frame) => frame !== null);
  expect(inOrder(found)).toEqual(inOrder(loaded(execution, live, outputs)));
}

/** What a store should have loaded. */
export function loaded(
  execution: LoadedExecution['execution'],
  live: readonly Frame[] = [],
  outputs: readonly ChildOutput[] = [],
): LoadedExecution {
  return { execution, frames: new Map(live.map((frame) => [frame.id, frame])), outputs };
}

/** Made comparable; the order of outputs is not promised. */
export function inOrder(found: LoadedExecution | undefined): unknown {
  const byPlace = (a: ChildOutput, b: ChildOutput): number =>
    a.fork < b.fork ? -1 : a.fork > b.fork ? 1 : a.index - b.index;
  return readable(found && { ...found, outputs: [...found.outputs].sort(byPlace) });
}

export type Draft = Pick<Commit, 'frames' | 'outputs' | 'droppedForks'>;

const frameIds = fc.constantFrom('0', '0/1.0', '0/1.1', '0/1.10');
const forks = fc.constantFrom('0/1', '0/2', '0/1.0/1');

/** Commits over a few ids, so that they meet; `wait` lets the ones so far settle first. */
export const drafts: fc.Arbitrary<{ wait: boolean; commit: Draft }> = fc.record({
  wait: fc.boolean(),
  commit: fc.record({
    frames: fc
      .array(fc.tuple(frameIds, fc.option(frames, { nil: null })), { maxLength: 3 })
      .map((entries) => new Map(entries.map(([id, frame]) => [id, frame && { ...frame, id }]))),
    outputs: fc.array(fc.record({ fork: forks, index: fc.nat(2), value: values }), { maxLength: 3 }),
    droppedForks: fc.uniqueArray(forks, { maxLength: 1 }),
  }),
});

/** What a commit does to the frames and outputs that there are. */
export function applyTo(model: { frames: Map<string, Frame>; outputs: Map<string, ChildOutput> }, commit: Draft): void {
  for (const [id, frame] of commit.frames) {
    if (frame) model.frames.set(id, frame);
    else model.frames.delete(id);
  }
  for (const output of commit.outputs) model.outputs.set(`${output.fork}#${output.index}`, output);
  for (const [key, output] of model.outputs) if (commit.droppedForks.includes(output.fork)) model.outputs.delete(key);
}
