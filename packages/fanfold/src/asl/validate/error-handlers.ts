/** Retriers and catchers: States.ALL stands alone and last, and bounds fit together. */
import { isArray, isObject, type JsonObject, member } from '../../json.ts';
import type { StatePart } from './context.ts';
import { type Check, type Problem, schemaError } from './problem.ts';
import { listIn } from './take-apart.ts';

export const checkErrorHandlers: Check = ({ states }) =>
  states.flatMap((state) => [...checkList(state, 'Retry'), ...checkList(state, 'Catch')]);

function checkList({ at, json, fields }: StatePart, field: 'Retry' | 'Catch'): readonly Problem[] {
  if (!Object.hasOwn(fields.fields, field)) return [];
  const handlers = listIn(json, field);
  return handlers.flatMap((handler, i) => {
    if (!isObject(handler)) return [];
    const place = at.in(field, i);
    const problems: Problem[] = [];
    const errors = member(handler, 'ErrorEquals');
    if (errors !== undefined && isArray(errors) && errors.includes('States.ALL')) {
      const message = 'States.ALL must appear alone and at end of list';
      if (errors.length > 1) problems.push(schemaError(place.in('ErrorEquals'), message));
      else if (i < handlers.length - 1) problems.push(schemaError(place, message));
    }
    if (field === 'Retry' && !isLess(handler, 'IntervalSeconds', 'MaxDelaySeconds'))
      problems.push(schemaError(place.in('MaxDelaySeconds'), 'MaxDelaySeconds must be greater than IntervalSeconds'));
    return problems;
  });
}

/** Whether the first is less than the second, where both are given as numbers. */
export function isLess(json: JsonObject, first: string, second: string): boolean {
  const [a, b] = [member(json, first), member(json, second)];
  return typeof a !== 'number' || typeof b !== 'number' || a < b;
}
