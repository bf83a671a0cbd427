/** What Assign names can be read as a variable. */
import { type Check, type Problem, schemaError } from './problem.ts';
import { objectIn } from './take-apart.ts';

const MAX_NAME = 80;
/** Unicode's identifiers (ASL, variables). */
const NAME = /^\p{ID_Start}\p{ID_Continue}*$/u;

export const checkVariables: Check = ({ parts }) =>
  parts.flatMap(({ at, json, fields, language }) => {
    if (!Object.hasOwn(fields.fields, 'Assign')) return [];
    return Object.keys(objectIn(json, 'Assign') ?? {}).flatMap((key): readonly Problem[] => {
      const name = language === 'JSONPath' && key.endsWith('.$') ? key.slice(0, -2) : key;
      const message = problemOf(name);
      return message === undefined ? [] : [schemaError(at.in('Assign'), message, { exact: at.in('Assign', key) })];
    });
  });

function problemOf(name: string): string | undefined {
  if (name === 'states') return "Cannot assign to reserved variable '$states'.";
  if (!NAME.test(name)) return `Invalid variable name '${name}': the variable name contains invalid characters.`;
  if ([...name].length > MAX_NAME)
    return `Invalid variable name '${name}': the variable name exceeds ${MAX_NAME} characters.`;
  return undefined;
}
