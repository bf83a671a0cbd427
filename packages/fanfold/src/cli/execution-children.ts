/** The children that an execution has in its map runs, known by how their names begin. */
import { numberedArn, siblingsOf } from '../app/map-run-children.ts';
import { isObject } from '../json.ts';
import type { Executions } from '../ports/executions.ts';

export interface ExecutionChildren {
  /** Whether the name is that of a child of a map run that had begun by the last {@link look}. */
  has(name: string): boolean;
  /** Reads what has come to the history since. @throws ServiceError ExecutionDoesNotExist */
  look(): Promise<void>;
}

export function createExecutionChildren(executions: Executions, executionArn: string): ExecutionChildren {
  const siblings = new Set<string | undefined>();
  let after = 0;
  return {
    has: (name) => siblings.has(numberedArn(name)?.siblings),
    look: async () => {
      for (let isMore = true; isMore;) {
        const { events, next } = await executions.history({
          executionArn,
          includeData: false,
          ...(after > 0 && { after }),
        });
        for (const { id, type, mapRunStartedEventDetails: details } of events) {
          after = id;
          if (type === 'MapRunStarted' && isObject(details)) siblings.add(siblingsOf(String(details['mapRunArn'])));
        }
        isMore = next !== undefined;
      }
    },
  };
}
