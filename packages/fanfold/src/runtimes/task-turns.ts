/**
 * Whose task is performed next. So many at once at most, and of those that wait, one of each owner in turn, so that a Map
 * of many tasks does not keep the other executions waiting. What waits is held by reference, and nothing is set going for it.
 */
import { createLines } from './lines.ts';

export interface TaskTurns<Owner, Task> {
  /** Begins it now, or when its turn comes. */
  take(owner: Owner, task: Task): void;
  /** One that was begun has ended. */
  done(): void;
  /** Drops what waits of an owner. */
  forget(owner: Owner): void;
  /** How many wait. */
  waiting(): number;
}

/** @param begin sets a task going, or says false where nobody wants it any more */
export function createTaskTurns<Owner, Task>(
  most: number,
  begin: (owner: Owner, task: Task) => boolean,
): TaskTurns<Owner, Task> {
  const lines = createLines<Owner, Task>();
  let running = 0;

  const fill = (): void => {
    while (running < most) {
      const next = lines.next();
      if (!next) return;
      if (begin(next.owner, next.item)) running += 1;
    }
  };

  return {
    take: (owner, task) => {
      if (running >= most || lines.has(owner)) lines.add(owner, task);
      else if (begin(owner, task)) running += 1;
    },
    done: () => {
      running -= 1;
      fill();
    },
    forget: (owner) => {
      lines.takeAll(owner);
    },
    waiting: lines.count,
  };
}
