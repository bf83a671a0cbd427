/** Payload templates: what stands for a path or an intrinsic function (`"key.$": …`) can be read. */
import { isObject, type Json, type JsonObject } from '../../json.ts';
import { compileDynamic } from '../template.ts';
import type { At } from './at.ts';
import { type KnownField, knownFields, valuesIn } from './known-fields.ts';
import { type Check, type Problem, schemaError } from './problem.ts';

export const checkTemplates: Check = function* ({ parts }) {
  for (const part of parts) {
    if (part.language !== 'JSONPath') continue;
    for (const known of knownFields(part)) if (known.field.holds === 'template') yield* checkTemplate(known);
  }
};

/** AWS names the field that holds the template as the place. */
function* checkTemplate(known: KnownField): Generator<Problem, void> {
  for (const { value, at } of valuesIn(known, isDynamic)) {
    if (!isObject(value)) continue;
    for (const key of Object.keys(value).filter(isDynamic)) yield* checkKey(value, key, known.at, at.in(key));
  }
}

function* checkKey(node: JsonObject, key: string, at: At, exact: At): Generator<Problem, void> {
  const plain = key.slice(0, -2);
  // ASL, payload templates: without its `.$` a key may stand only once.
  if (Object.hasOwn(node, plain))
    yield schemaError(at, `The field '${plain}' is given twice: as it is and as '${key}'`, { exact });
  const hint = problemOf(node[key] as Json, key);
  if (hint !== undefined) {
    const message = `The value for the field '${key}' must be a valid JSONPath or a valid intrinsic function call`;
    yield schemaError(at, message, { exact, hint });
  }
}

function problemOf(value: Json, key: string): string | undefined {
  if (typeof value !== 'string') return 'A text is needed.';
  try {
    compileDynamic(value, key);
    return undefined;
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    return error.message;
  }
}

export function isDynamic(key: string): boolean {
  return key.endsWith('.$');
}
