/** What is allowed and most likely not meant. The codes are AWS's, but for the last two. */
import { isObject, type Json, member } from '../../json.ts';
import { mapMode } from '../definition.ts';
import { ROOT } from './at.ts';
import type { Part, StatePart } from './context.ts';
import { knownFields, valuesIn } from './known-fields.ts';
import { type Check, type Problem, warning } from './problem.ts';
import { isDynamic } from './templates.ts';

export const checkWarnings: Check = function* ({ parts, states, source }) {
  for (const part of parts) {
    if (part.language !== 'JSONPath') continue;
    yield* missingDollars(part);
    yield* missingPaths(part);
  }
  yield* states.flatMap((state) => staticResult(state) ?? []);
  yield* states.flatMap(tolerance);
  for (const pointer of source.rounded) {
    const message = 'The number has more digits than a double keeps';
    yield warning('NUMBER_ROUNDED', ROOT.in(...pointer), message, { hint: 'Write it as a text.' });
  }
};

/** Values in templates that look like a path, under keys that do not end in `.$`. */
function* missingDollars(part: Part): Generator<Problem, void> {
  for (const known of knownFields(part)) {
    if (known.field.holds !== 'template') continue;
    for (const { value, at } of valuesIn(known, isDynamic)) {
      for (const [key, inner] of Object.entries(isObject(value) ? value : {})) {
        if (isDynamic(key) || !looksRead(inner)) continue;
        const message = `The value of '${key}' looks like a JSONPath or an intrinsic function, but its field does not end with '.$'`;
        yield warning('NO_DOLLAR', at.in(key), message);
      }
    }
  }
}

/** Fields that hold what looks like a path, where another field of the same name and `Path` is for that. */
function* missingPaths({ at, json, fields }: Part): Generator<Problem, void> {
  for (const [name, value] of Object.entries(json)) {
    if (!Object.hasOwn(fields.fields, `${name}Path`) || !looksRead(value)) continue;
    const message = `The value of '${name}' looks like a path, but the field name does not end with 'Path'`;
    yield warning('NO_PATH', at.in(name), message);
  }
}

function staticResult({ type, language, json, at }: StatePart): Problem | undefined {
  const result = type === 'Pass' && language === 'JSONPath' ? member(json, 'Result') : undefined;
  if (result === undefined || !looksDynamic(result)) return undefined;
  const message = 'The Result of a Pass state stands as it is: paths in it are not read';
  return warning('PASS_RESULT_IS_STATIC', at.in('Result'), message, { hint: 'Use Parameters.' });
}

const TOLERANCES = ['ToleratedFailureCount', 'ToleratedFailurePercentage'].flatMap((name) => [name, `${name}Path`]);

/** AWS takes the tolerances of an inline Map, and fails it with its first item all the same. */
function tolerance({ type, json, at }: StatePart): readonly Problem[] {
  if (type !== 'Map' || mapMode(json) === 'DISTRIBUTED') return [];
  return TOLERANCES.filter((name) => Object.hasOwn(json, name)).map((name) => {
    const message = `The field '${name}' has no effect on a Map in inline mode: it fails when one of its items fails`;
    const hint = 'Catch the error in the item processor, or use "Mode": "DISTRIBUTED".';
    return warning('TOLERANCE_HAS_NO_EFFECT', at.in(name), message, { hint });
  });
}

function looksRead(value: Json): boolean {
  return typeof value === 'string' && /^(?:\$\$?(?:$|[.[])|States\.[A-Za-z0-9]+\()/.test(value);
}

function looksDynamic(result: Json): boolean {
  for (const { value } of valuesIn({ value: result, at: ROOT }))
    if (looksRead(value) || (isObject(value) && Object.keys(value).some(isDynamic))) return true;
  return false;
}
