/** DynamoDB's API over these tables: an action by its name, its request in, its answer out. */
import { ServiceError } from '../../../ports/service-error.ts';
import type { TableApi } from '../../../ports/tables.ts';
import type { Action, ActionContext } from './action.ts';
import { batchActions } from './batch-actions.ts';
import { checkFields } from './fields.ts';
import { itemActions } from './item-actions.ts';
import { readActions } from './read-actions.ts';
import { tableActions } from './table-actions.ts';

const ACTIONS: ReadonlyMap<string, Action> = new Map(
  Object.entries({ ...itemActions, ...readActions, ...batchActions, ...tableActions }),
);

/** The actions that there are. */
export const TABLE_ACTIONS: readonly string[] = [...ACTIONS.keys()];

export function createTableApi(context: ActionContext): TableApi {
  return {
    call: async (name, request) => {
      const action = ACTIONS.get(name);
      if (!action)
        throw new ServiceError(
          'UnknownOperationException',
          `There is no action ${name} here. There are ${TABLE_ACTIONS.join(', ')}.`,
        );
      return action.run(context, checkFields(action.fields, request));
    },
  };
}
