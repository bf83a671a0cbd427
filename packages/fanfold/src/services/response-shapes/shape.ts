/** Shapes of responses as the tables have them (scripts/response-shapes.mjs), and how JSON is held against them. */
import { isArray, isObject, type Json, type JsonObject, member } from '../../json.ts';
import type { Naming } from './integrations.ts';

/** The index of a shape, or s (string), i (whole number), n (number), b (boolean), x (anything). */
export type Ref = number | 's' | 'i' | 'n' | 'b' | 'x';

export type Shape =
  | readonly ['l' | 'm', Ref]
  | readonly ['e', ...string[]]
  | readonly ['i' | 'n', number | null, number | null]
  /** A structure: its members by their names, with a `!` behind those that are required. */
  | { readonly [name: string]: Ref };

export interface Table {
  readonly operations: Readonly<Record<string, Ref>>;
  readonly shapes: readonly Shape[];
}

export interface Check {
  readonly table: Table;
  readonly naming: Naming;
  /** Whether required members must be there. */
  readonly strict: boolean;
}

/** What is wrong with a structure, in AWS's words; the first thing only, as AWS tells it. Members it does not know are taken. */
export function findMistake(check: Check, ref: Ref, value: JsonObject): string | undefined {
  return inValue(check, ref, value, '');
}

function inValue(check: Check, ref: Ref, value: Json, field: string): string | undefined {
  const shape = typeof ref === 'number' ? check.table.shapes[ref] : undefined;
  if (shape === undefined) return inPrimitive(ref, value, field);
  if (!isTuple(shape)) return isObject(value) ? inMembers(check, shape, value) : mustBe(field, 'an object');
  switch (shape[0]) {
    case 'l':
      if (!isArray(value)) return mustBe(field, 'an array');
      return firstOf(value, (item) => inValue(check, shape[1], item, field));
    case 'm':
      if (!isObject(value)) return mustBe(field, 'an object');
      return firstOf(Object.values(value), (item) => inValue(check, shape[1], item, field));
    case 'e':
      if (typeof value !== 'string') return mustBe(field, 'a string');
      return shape.slice(1).includes(value) ? undefined : `Field '${field}' is not an expected value`;
    default:
      return inPrimitive(shape[0], value, field) ?? inBounds(shape[1], shape[2], value as number, field);
  }
}

function inMembers(check: Check, shape: Readonly<Record<string, Ref>>, value: JsonObject): string | undefined {
  const { naming, strict } = check;
  const found = firstOf(Object.entries(shape), ([key, ref]) => {
    const required = key.endsWith('!');
    const name = required ? key.slice(0, -1) : key;
    const names = naming.namesOf(name);
    const present = names.find((each) => member(value, each) !== undefined);
    if (present === undefined) return strict && required ? `Required field '${names[0]}' is missing` : undefined;
    if (naming.anything.includes(name)) return undefined;
    return inValue(check, ref, member(value, present) as Json, present);
  });
  return found;
}

const PRIMITIVES: Readonly<Record<string, { readonly what: string; readonly fits: (value: Json) => boolean }>> = {
  s: { what: 'a string', fits: (value) => typeof value === 'string' },
  i: { what: 'a number', fits: (value) => Number.isInteger(value) },
  n: { what: 'a number', fits: (value) => typeof value === 'number' },
  b: { what: 'a boolean', fits: (value) => typeof value === 'boolean' },
};

function inPrimitive(ref: Ref, value: Json, field: string): string | undefined {
  const primitive = PRIMITIVES[ref];
  return primitive && !primitive.fits(value) ? mustBe(field, primitive.what) : undefined;
}

function inBounds(least: number | null, most: number | null, value: number, field: string): string | undefined {
  if (least !== null && value < least) return `Field '${field}' is below the minimum value`;
  if (most !== null && value > most) return `Field '${field}' exceeds the maximum value`;
  return undefined;
}

function mustBe(field: string, what: string): string {
  return `Field '${field}' must be ${what}`;
}

function firstOf<T>(items: Iterable<T>, find: (item: T) => string | undefined): string | undefined {
  for (const item of items) {
    const found = find(item);
    if (found !== undefined) return found;
  }
  return undefined;
}

function isTuple(shape: Shape): shape is Exclude<Shape, { readonly [name: string]: Ref }> {
  return Array.isArray(shape);
}
