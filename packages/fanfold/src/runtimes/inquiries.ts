/** Looking at executions as they are kept: headers, lists, histories. */
import type { Execution } from '../interpreter/execution.ts';
import { renderEvent } from '../interpreter/history.ts';
import type { Executions } from '../ports/executions.ts';
import { ServiceError } from '../ports/service-error.ts';
import type { Store } from '../ports/store.ts';
import type { Machines } from './machines.ts';

export type Inquiries = Pick<Executions, 'describe' | 'list' | 'history'>;

export function createInquiries({ store, machines }: { store: Store; machines: Machines }): Inquiries {
  const describe = async (executionArn: string): Promise<Execution> => {
    const execution = await store.describe(executionArn);
    if (!execution) throw new ServiceError('ExecutionDoesNotExist', `Execution Does Not Exist: '${executionArn}'`);
    return execution;
  };
  return {
    describe,
    list: async ({ limit = 100, ...filter }) => {
      const found = await store.list({ ...filter, limit: limit + 1 });
      const executions = found.slice(0, limit);
      const last = executions.at(-1);
      return found.length > limit && last ? { executions, next: last.arn } : { executions };
    },
    history: async ({ executionArn, reverse, after, limit = 1000, includeData }) => {
      const execution = await describe(executionArn);
      const { resources } = await machines.compiled(execution.definition);
      const records = await store.history({
        executionArn,
        limit: limit + 1,
        ...(reverse !== undefined && { reverse }),
        ...(after !== undefined && { after }),
      });
      const events = records
        .slice(0, limit)
        .map((record) => renderEvent(record, (state) => resources.get(state), includeData));
      const last = events.at(-1);
      return records.length > limit && last ? { events, next: last.id } : { events };
    },
  };
}
