/** Reserved concurrency: of a function's invocations only so many run at once, and the others wait in their order. */
import type { Group } from './group.ts';
import type { Invocation } from './invocation.ts';

/** The same group, for one function of it. */
export function inTurns(group: Group, limit: number): Group {
  const waiting: Invocation[] = [];
  let running = 0;

  const pump = (): void => {
    while (running < limit) {
      const next = waiting.shift();
      if (!next) return;
      if (next.settled) continue;
      running++;
      next.whenSettled(() => {
        running--;
        pump();
      });
      group.run(next);
    }
  };
  return {
    ...group,
    run: (invocation) => {
      waiting.push(invocation);
      pump();
    },
  };
}
