/** Names of states are unique in the whole machine and at most 80 characters long. */
import { ROOT } from './at.ts';
import { type Check, error, type Problem, warning } from './problem.ts';

const MAX_NAME = 80;

export const checkNames: Check = ({ states, source }) => {
  const problems: Problem[] = [];
  const names = new Set<string>();
  for (const { name, at } of states) {
    if (names.has(name)) problems.push(error('DUPLICATE_STATE_NAME', at, `Duplicate State name: ${name}`));
    names.add(name);
    if (name === '') problems.push(error('INVALID_STATE_NAME', at, 'The state name cannot be empty'));
    if ([...name].length > MAX_NAME)
      problems.push(
        error(
          'INVALID_STATE_NAME',
          at,
          `The state name '${name}' exceeds the ${MAX_NAME}-character limit allowed by the service`,
        ),
      );
  }
  for (const pointer of source.duplicates) {
    const at = ROOT.in(...pointer);
    const name = pointer.at(-1);
    if (pointer.at(-2) === 'States') problems.push(error('DUPLICATE_STATE_NAME', at, `Duplicate State name: ${name}`));
    else problems.push(warning('DUPLICATE_FIELD', at, `The field '${name}' is given twice: only the last one counts`));
  }
  return problems;
};
