/** The children that an execution has in its map runs, known by how their names begin. */
import { beginningOfChildren } from '../app/map-run-children.ts';
import { isObject } from '../json.ts';
import type { Executions } from '../ports/executions.ts';

export interface ExecutionChildren {
  /** Whether the name is that of a child of a map run that had begun by the last {@link look}. */
  has(name: string): boolean;
  /** Reads what has come to the history since. @throws ServiceError ExecutionDoesNotExist */
  look(): Promise<void>;
}

export function createExecutionChildren(executions: Executions, executionArn: string): ExecutionChildren {
  const beginnings = new Set<string>();
  let after = 0;
  return {
    has: (name) => beginnings.has(name.slice(0, BEGINNING)),
    look: async () => {
      for (let isMore = true; isMore;) {
        const { events, next } = await executions.history({
          executionArn,
          includeData: false,
          ...(after > 0 && { after }),
        });
        for (const { id, type, mapRunStartedEventDetails: details } of events) {
          after = id;
          if (type === 'MapRunStarted' && isObject(details))
            beginnings.add(beginningOfChildren(String(details['mapRunArn'])));
        }
        isMore = next !== undefined;
      }
    },
  };
}

/** Digits and hyphens that the children of one map run share. */
const BEGINNING = '00000000-0000-0000-0000-'.length;
