/** What a change makes of what is there. */
import { ServiceError } from '../../ports/service-error.ts';
import type { Item } from '../../ports/tables.ts';
import { checkItem, LARGEST_ITEM } from './attribute.ts';
import { meets } from './expression/condition.ts';
import type { Condition } from './expression/syntax.ts';
import { applyUpdate } from './expression/update.ts';
import type { Change, StoredItem, WriteAnswer } from './operations.ts';

/** Nothing is written here; what cannot be is an answer, so that the others of one transaction go on. */
export function perform(before: StoredItem | undefined, condition: Condition | undefined, change: Change): WriteAnswer {
  const old = before && { before };
  const item = before ? (JSON.parse(before.item) as Item) : {};
  if (condition && !meets(item, condition)) return { kind: 'conditionFailed', ...old };
  switch (change.kind) {
    case 'put':
      return { kind: 'done', ...old, after: { item: change.item, size: change.size } };
    case 'delete':
      return { kind: 'done', ...old };
    case 'update':
      return update(before ? item : change.key, change, old);
    default:
      return change satisfies never;
  }
}

function update(
  item: Item,
  { actions }: Extract<Change, { readonly kind: 'update' }>,
  old: { readonly before: StoredItem } | undefined,
): WriteAnswer {
  try {
    const { item: after, size } = checkItem(applyUpdate(item, actions));
    if (size > LARGEST_ITEM)
      return { kind: 'invalid', message: 'Item size to update has exceeded the maximum allowed size' };
    return { kind: 'done', ...old, after: { item: JSON.stringify(after), size } };
  } catch (error) {
    if (error instanceof ServiceError) return { kind: 'invalid', message: error.message };
    throw error;
  }
}
