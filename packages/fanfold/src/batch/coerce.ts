/**
 * Makes of the text of a file what a JSON Schema wants: numbers and booleans. What does not read as one stays text, so
 * that the schema refuses it with its own words; nothing is guessed, cut or rounded to another whole number.
 */
import { isKept } from './kept-number.ts';
import type { JsonType, ObjectSchema } from './schema.ts';
import { typesOfColumn } from './schema-types.ts';

export type Coercion = (text: string) => unknown;

const NUMBER = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/;
const WHOLE = /^[+-]?\d+$/;

/**
 * How the text of a column is taken; undefined leaves it as it is, where text is wanted or nothing is said. An empty text
 * becomes `undefined`: the member is missing.
 */
export function coercionOf(schema: ObjectSchema, name: string): Coercion | undefined {
  const types = typesOfColumn(schema, name);
  if (types.length === 0 || types.includes('string')) return undefined;
  const steps = types.flatMap((wanted) => STEPS[wanted] ?? []);
  return (text) => {
    if (text === '') return types.includes('null') ? null : undefined;
    for (const step of steps) {
      const made = step(text);
      if (made !== undefined) return made;
    }
    return text;
  };
}

/** How a column can be built straight from its bytes (`BuiltColumn`), to the same value; undefined when it cannot. */
export function builtAs(schema: ObjectSchema, name: string): 'text' | 'integer' | 'number' | undefined {
  const types = typesOfColumn(schema, name);
  if (types.length === 0 || types.includes('string')) return 'text';
  if (types.includes('number')) return 'number';
  return types.includes('integer') ? 'integer' : undefined;
}

const STEPS: Partial<Record<JsonType, (text: string) => unknown>> = {
  integer: wholeNumber,
  number: (text) => {
    if (WHOLE.test(text)) return wholeNumber(text);
    if (!NUMBER.test(text)) return undefined;
    const value = Number(text);
    return isKept(text, value) ? value : undefined;
  },
  boolean: (text) => BOOLEANS.get(text),
};

const BOOLEANS: ReadonlyMap<string, boolean> = new Map([
  ['true', true],
  ['false', false],
]);

/** Beyond 2^53 a number would silently become another one: the text stays. */
function wholeNumber(text: string): number | undefined {
  const value = WHOLE.test(text) ? Number(text) : Number.NaN;
  return Number.isSafeInteger(value) ? value : undefined;
}
