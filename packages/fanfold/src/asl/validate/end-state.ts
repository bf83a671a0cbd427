/** Some state of the machine ends it. AWS does not ask that of branches and item processors. */
import { member } from '../../json.ts';
import type { BlockPart, StatePart } from './context.ts';
import { type Check, error } from './problem.ts';

export const checkEndState: Check = ({ blocks: [machine] }) =>
  machine && hasNoEnd(machine) ? [error('MISSING_END_STATE', undefined, 'Workflow has no terminal state')] : [];

/** False where a state is not complete enough to tell: that is reported of the state. */
export function hasNoEnd({ states }: BlockPart): boolean {
  return states.length > 0 && states.every(goesOn);
}

function goesOn({ type, json }: StatePart): boolean {
  if (type === 'Choice') return true;
  if (member(json, 'End') === true) return false;
  return type !== undefined && type !== 'Succeed' && type !== 'Fail' && typeof member(json, 'Next') === 'string';
}
