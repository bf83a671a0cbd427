/** What must hold for the frames of an execution between any two steps. */
import { type Execution, isClosed } from '../interpreter/execution.ts';
import { type Frame, forkId, isEnded } from '../interpreter/frame.ts';

export interface Standing {
  readonly execution: Execution;
  readonly frames: ReadonlyMap<string, Frame>;
  /** How many outputs of a fork's children are kept. */
  readonly outputs: (fork: string) => number;
}

/** @returns what does not hold, in words; empty when all is well */
export function frameProblems({ execution, frames, outputs }: Standing): string[] {
  const all = [...frames.values()];
  if (isClosed(execution)) {
    const left = all.filter((frame) => execution.status === 'SUCCEEDED' || !isEnded(frame));
    return [
      ...left.map(({ id, waiting }) => `frame ${id} of an execution that has ended still waits (${waiting.kind})`),
      ...execution.ready.map((id) => `frame ${id} of an execution that has ended is to be run`),
    ];
  }
  return [...(frames.has('0') ? [] : ['the root frame is missing']), ...all.flatMap(problemsOf)];

  function problemsOf(frame: Frame): string[] {
    const { id, parent, waiting } = frame;
    const problems: string[] = [];
    const above = parent === null ? undefined : frames.get(parent);
    if (parent !== null && !above) problems.push(`frame ${id} has lost its parent`);
    if (above && !isEnded(frame) && above.waiting.kind !== 'children')
      problems.push(`frame ${id} runs, but its parent does not wait for it`);
    if (waiting.kind === 'nothing' && !execution.ready.includes(id))
      problems.push(`frame ${id} is to be run, but not in line`);
    if (waiting.kind === 'children') problems.push(...childProblems(frame));
    return problems;
  }

  function childProblems({ id, attempt, waiting }: Frame): string[] {
    if (waiting.kind !== 'children') return [];
    const fork = forkId(id, attempt);
    const children = all.filter((frame) => frame.parent === id);
    const strangers = children.filter((child) => !child.id.startsWith(`${fork}.`));
    const running = children.filter((child) => !isEnded(child)).length;
    const accounted = outputs(fork) + running + waiting.failed;
    return [
      ...strangers.map((child) => `frame ${child.id} belongs to an earlier attempt of ${id}`),
      ...(running === waiting.running && running > 0
        ? []
        : [`${running} children of ${id} run, not ${waiting.running}`]),
      ...(accounted === waiting.next ? [] : [`${accounted} children of ${id} are accounted for, not ${waiting.next}`]),
      ...(waiting.next <= waiting.total ? [] : [`${waiting.next} children of ${id} were forked, not ${waiting.total}`]),
    ];
  }
}
