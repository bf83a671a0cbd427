/** Looking at executions, whether they have rows of their own or are in packs. */
import type { Execution } from '../../interpreter/execution.ts';
import type { HistoryRecord } from '../../interpreter/history.ts';
import type { HistoryParams, ListParams, LoadedExecution } from '../../ports/store.ts';
import type { ChildPacksTable } from './child-packs-table.ts';
import { type ExecutionsTable, LIST_START, newestFirst } from './executions-table.ts';
import type { FramesTable } from './frames-table.ts';
import type { HistoryTable } from './history-table.ts';

export interface KeptExecutions {
  has(arn: string): boolean;
  read(arn: string): Execution | undefined;
  load(arn: string): LoadedExecution | undefined;
  history(params: HistoryParams): HistoryRecord[];
  /** Newest first. */
  list(params: ListParams): Execution[];
}

export interface KeptExecutionsParams {
  readonly executions: ExecutionsTable;
  readonly childPacks: ChildPacksTable;
  readonly frames: FramesTable;
  readonly history: HistoryTable;
}

export function createKeptExecutions(params: KeptExecutionsParams): KeptExecutions {
  const { executions, childPacks, frames, history } = params;
  return {
    has: (arn) => executions.find(arn) !== undefined || childPacks.has(arn),
    read: (arn) => executions.read(arn)?.execution ?? childPacks.read(arn),
    load: (arn) => {
      const found = executions.read(arn);
      if (found) {
        const { id, execution } = found;
        return { execution, frames: frames.read(id), outputs: frames.readOutputs(id) };
      }
      return childPacks.load(arn);
    },
    history: (wanted) => {
      const row = executions.find(wanted.executionArn);
      return row ? history.page(row.id, wanted) : (childPacks.history(wanted) ?? []);
    },
    list: (wanted) => {
      const { after, limit } = wanted;
      const start = after === undefined ? LIST_START : (executions.startOf(after) ?? childPacks.startOf(after));
      if (!start) return [];
      return [...executions.list(wanted, start), ...childPacks.list(wanted, start)]
        .sort(newestFirst)
        .slice(0, limit)
        .map(({ execution }) => execution());
    },
  };
}
