/** The running children of tasks: a child lives no longer than the task that waits for it. */
import type { TaskRef } from '../ports/services.ts';
import type { Engine } from './engine.ts';
import type { LiveExecution } from './live-execution.ts';

export interface Children {
  add(child: LiveExecution): void;
  remove(child: LiveExecution): void;
  /** A task is given up: the execution that it waits for goes with it. */
  stop(task: TaskRef): void;
  /** Stops a child that nobody awaits any more: its parent was stopped while it was being started, or before a crash. */
  stopOrphan(child: LiveExecution): void;
}

export function createChildren(engine: Engine): Children {
  const arns = new Map<string, string>();
  const stop = (child: LiveExecution): void =>
    engine.post(child, { kind: 'stop', error: null, cause: null, ...engine.outside() });
  return {
    add: ({ execution: { arn, origin } }) => {
      if (origin?.kind === 'task') arns.set(keyOf(origin), arn);
    },
    remove: ({ execution: { origin } }) => {
      if (origin?.kind === 'task') arns.delete(keyOf(origin));
    },
    stop: (task) => {
      const child = engine.live.get(arns.get(keyOf(task)) ?? '');
      if (child) stop(child);
    },
    stopOrphan: (child) => {
      const { origin, redrive } = child.execution;
      if (origin?.kind !== 'task' || redrive?.alone) return;
      if (!engine.live.get(origin.executionArn)?.awaitsTask(origin.frame, origin.attempt)) stop(child);
    },
  };
}

function keyOf({ executionArn, frame, attempt }: TaskRef): string {
  return `${executionArn}#${frame}:${attempt}`;
}
