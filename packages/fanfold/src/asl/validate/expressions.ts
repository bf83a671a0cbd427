/** Texts between `{%` and `%}` in the fields of JSONata states are JSONata that can be evaluated. */
import { isHalfJsonata, isJsonata, unwrapJsonata } from '../jsonata/template.ts';
import type { At } from './at.ts';
import { checkJsonata } from './jsonata.ts';
import { knownFields, valuesIn } from './known-fields.ts';
import { type Check, error, type Problem, schemaError } from './problem.ts';

export const checkExpressions: Check = function* ({ parts }) {
  for (const part of parts) {
    if (part.language !== 'JSONata') continue;
    for (const known of knownFields(part)) {
      if (known.field.holds !== 'template' && !known.field.expression) continue;
      for (const { value, at } of valuesIn(known)) {
        const problem = typeof value === 'string' ? checkText(value, at) : undefined;
        if (problem) yield problem;
      }
    }
  }
};

function checkText(text: string, at: At): Problem | undefined {
  if (isHalfJsonata(text)) return schemaError(at, 'JSONata string must start with {% and end with %}');
  const found = isJsonata(text) ? checkJsonata(unwrapJsonata(text)) : undefined;
  return found && error(found.code, at, found.message, found.hint === undefined ? {} : { hint: found.hint });
}
