/** Looking at executions as they are kept: headers, lists, histories. */
import type { Resource } from '../asl/resource.ts';
import type { Execution } from '../interpreter/execution.ts';
import { renderEvent } from '../interpreter/history.ts';
import type { Executions } from '../ports/executions.ts';
import { ServiceError } from '../ports/service-error.ts';
import type { Store } from '../ports/store.ts';
import type { Machines } from './machines/machines.ts';

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
      const resources = await resourcesOf(machines, execution);
      const records = await store.history({
        executionArn,
        limit: limit + 1,
        ...(reverse !== undefined && { reverse }),
        ...(after !== undefined && { after }),
      });
      const events = records
        .slice(0, limit)
        .map((record) => renderEvent(record, (state) => resources(record.id, state), includeData));
      const last = events.at(-1);
      return records.length > limit && last ? { events, next: last.id } : { events };
    },
  };
}

/** The resources of Task states by the definition that held when an event was recorded: a redrive may have brought another. */
async function resourcesOf(
  machines: Pick<Machines, 'compiled'>,
  { definition, redrive }: Execution,
): Promise<(eventId: number, state: string) => Resource | undefined> {
  const { resources } = await machines.compiled(definition);
  const former = await Promise.all(
    (redrive?.formerDefinitions ?? []).map(async ({ definition: hash, throughEvent }) => ({
      throughEvent,
      resources: (await machines.compiled(hash)).resources,
    })),
  );
  return (eventId, state) =>
    (former.find(({ throughEvent }) => eventId <= throughEvent)?.resources ?? resources).get(state);
}
