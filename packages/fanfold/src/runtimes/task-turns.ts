/**
 * Whose task is performed next. So many at once at most, and of those that wait, one of each owner in turn, so that a Map
 * of many tasks does not keep the other executions waiting. What waits is held by reference, and nothing is set going for it.
 */
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

interface Line<Task> {
  tasks: Task[];
  /** The first that waits. */
  next: number;
}

/** A line whose front part is done is copied from here on, so that it does not grow while it never ends. */
const LONG = 1024;

/** @param begin sets a task going, or says false where nobody wants it any more */
export function createTaskTurns<Owner, Task>(
  most: number,
  begin: (owner: Owner, task: Task) => boolean,
): TaskTurns<Owner, Task> {
  /** In the order of their turns. */
  const lines = new Map<Owner, Line<Task>>();
  let running = 0;

  const fill = (): void => {
    for (const [owner, line] of lines) {
      if (running >= most) return;
      const task = line.tasks[line.next++] as Task;
      // To the end of the row, which this loop then comes to.
      lines.delete(owner);
      if (line.next < line.tasks.length) lines.set(owner, shortened(line));
      if (begin(owner, task)) running += 1;
    }
  };

  return {
    take: (owner, task) => {
      const line = lines.get(owner);
      if (line) line.tasks.push(task);
      else if (running >= most) lines.set(owner, { tasks: [task], next: 0 });
      else if (begin(owner, task)) running += 1;
    },
    done: () => {
      running -= 1;
      fill();
    },
    forget: (owner) => {
      lines.delete(owner);
    },
    waiting: () => {
      let count = 0;
      for (const { tasks, next } of lines.values()) count += tasks.length - next;
      return count;
    },
  };
}

function shortened<Task>(line: Line<Task>): Line<Task> {
  if (line.next < LONG || line.next < line.tasks.length / 2) return line;
  return { tasks: line.tasks.slice(line.next), next: 0 };
}
