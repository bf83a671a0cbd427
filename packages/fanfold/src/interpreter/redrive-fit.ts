/** Whether an execution can go on with another definition: every frame of it must find its place there. */
import { type Frame, type FrameId, ROOT } from './frame.ts';
import { childIds } from './failure.ts';
import type { Machine } from './machine.ts';
import { childBlock } from './redrive.ts';

/**
 * What the other definition lacks for these frames, one sentence each; empty when they fit. A state that was entered must be
 * there with the same type, a Parallel with as many branches; one that was to be entered next must be there.
 */
export function misfits(before: Machine, after: Machine, frames: ReadonlyMap<FrameId, Frame>): string[] {
  const found: string[] = [];
  const root = frames.get(ROOT);
  if (root) visit({ before, after, frames, found }, root, root, 'the state machine');
  return [...new Set(found)];
}

interface Visit {
  readonly before: Machine;
  readonly after: Machine;
  readonly frames: ReadonlyMap<FrameId, Frame>;
  readonly found: string[];
}

/** @param moved the frame as it stands in the other definition @param place the block, in words */
function visit(params: Visit, frame: Frame, moved: Frame, place: string): void {
  const { before, after, frames, found } = params;
  const was = before.blocks[frame.block]?.states.get(frame.state);
  const is = after.blocks[moved.block]?.states.get(frame.state);
  if (!is) {
    found.push(`the state '${frame.state}' is missing in ${place}`);
    return;
  }
  if (was && was.type !== is.type && wasEntered(frame)) {
    found.push(`the state '${frame.state}' in ${place} is a ${is.type} now, and was a ${was.type}`);
    return;
  }
  const children = childIds(frame).flatMap((id) => frames.get(id) ?? []);
  if (children.length === 0 && !holdsChildren(frame)) return;
  if (was?.type === 'Parallel' && is.type === 'Parallel' && was.branches.length !== is.branches.length) {
    found.push(
      `the state '${frame.state}' in ${place} has ${is.branches.length} branches now, and had ${was.branches.length}`,
    );
    return;
  }
  for (const child of children) {
    const block = childBlock(after, moved, child.index);
    const where =
      is.type === 'Map' ? `the item processor of '${frame.state}'` : `branch ${child.index} of '${frame.state}'`;
    if (block !== undefined) visit(params, child, { ...child, block }, where);
  }
}

function wasEntered({ waiting }: Frame): boolean {
  return !(waiting.kind === 'aborted' && waiting.was.kind === 'nothing');
}

function holdsChildren({ waiting }: Frame): boolean {
  return (waiting.kind === 'failed' || waiting.kind === 'aborted') && waiting.was.kind === 'children';
}
