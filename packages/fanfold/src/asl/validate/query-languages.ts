/** A machine in JSONPath may have states in JSONata, never the other way round. */
import { member } from '../../json.ts';
import { ROOT } from './at.ts';
import type { Context, Part } from './context.ts';
import { type Check, schemaError } from './problem.ts';

export const checkQueryLanguages: Check = (context) =>
  context.states
    .filter((state) => isDowngraded(state, context))
    .map((state) =>
      schemaError(state.at, "'QueryLanguage' can not be 'JSONPath' if set to 'JSONata' for whole state machine", {
        exact: state.at.in('QueryLanguage'),
      }),
    );

/** AWS reports nothing else about the languages of such a state's fields. */
export function isDowngraded(part: Part, { language }: Context): boolean {
  return language === 'JSONata' && part.at !== ROOT && member(part.json, 'QueryLanguage') === 'JSONPath';
}
