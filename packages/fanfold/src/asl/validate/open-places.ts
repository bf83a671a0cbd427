/** Texts that are not whole yet: a template fills `${Name}` and `<NAME>` before AWS sees the definition. */
import { isArray, isObject, type Json, member } from '../../json.ts';
import type { Pointer } from '../source/source.ts';
import type { Problem } from './problem.ts';

const PLACE = /\$\{[A-Za-z][\w.:]*\}|<[A-Z][A-Z0-9_-]+>/;

/** What holds one value; a machine's structure is never left open, so that it can still be drawn. */
const FIELDS =
  /^(?:Resource|.*Seconds|.*Path|.*\.\$|(?:Numeric|Boolean|Timestamp|Max|ToleratedFailure).*|BackoffRate|JitterStrategy|RoleArn)$/;

/** A problem of a text with a place is none yet: it depends on what stands there in the end. */
export function leaveOpen(problem: Problem, definition: Json): Problem {
  const at = problem.exact ?? problem.at;
  if (problem.severity !== 'ERROR' || !at || !FIELDS.test(String(at.pointer.at(-1)))) return problem;
  const value = valueAt(definition, at.pointer);
  const [place] = (typeof value === 'string' && PLACE.exec(value)) || [];
  if (place === undefined) return problem;
  return {
    ...problem,
    severity: 'WARNING',
    code: 'VALUE_NEEDED',
    message: `${place} has no value here: what it stands for is not checked`,
  };
}

function valueAt(json: Json, pointer: Pointer): Json | undefined {
  return pointer.reduce<Json | undefined>((value, step) => {
    if (value === undefined) return undefined;
    if (isArray(value)) return value[Number(step)];
    return isObject(value) ? member(value, String(step)) : undefined;
  }, json);
}
