/** DynamoDB's API over these tables: an action by its name, its request in, its answer out. */
import { parseBody } from '../../../ports/json-body.ts';
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
  const call: TableApi['call'] = async (name, request) => {
    const action = ACTIONS.get(name);
    if (!action)
      throw new ServiceError(
        'UnknownOperationException',
        `There is no action ${name} here. There are ${TABLE_ACTIONS.join(', ')}.`,
      );
    return action.run(context, checkFields(action.fields, request));
  };
  return { call, unread: { BatchWriteItem: (body) => batchWriteUnread(context, call, body) } };
}

async function batchWriteUnread(
  { catalogue, meters, thread }: ActionContext,
  call: TableApi['call'],
  body: Uint8Array,
): Promise<string> {
  const limited = catalogue.names().filter((table) => meters.write(table).isLimited);
  // A copy is given away: what came may be a part of more.
  const answer = await thread.request('batchWrite', { body: new Uint8Array(body), limited });
  switch (answer.kind) {
    case 'done':
      return answer.answer;
    case 'refused':
      throw new ServiceError(answer.code, answer.message, answer.status);
    case 'limited':
      return JSON.stringify(await call('BatchWriteItem', parseBody(Buffer.from(body))));
    default:
      return answer satisfies never;
  }
}
