/** Members of a request that hold members themselves: structures and lists. */
import { isArray, isObject, type Json, type JsonObject, member } from '../json.ts';
import { type Field, type Params, problem, wrongType } from './params.ts';

type Fields = Readonly<Record<string, Field<unknown>>>;

/** A structure; members that it does not know are left out. */
export function structureOf<S extends Fields>(fields: S): Field<Params<S> | undefined> {
  return {
    read: (name, value, problems) =>
      value === undefined ? undefined : readMembers(fields, name, objectIn(value), problems),
  };
}

export interface ListLimits {
  /** @defaultValue 0 */
  readonly min?: number;
  /** @defaultValue none */
  readonly max?: number;
}

/** @param itemName AWS's name for the structure, which stands in its refusals */
export function listOf<S extends Fields>(
  itemName: string,
  fields: S,
  { min = 0, max = Number.POSITIVE_INFINITY }: ListLimits = {},
): Field<readonly Params<S>[] | undefined> {
  return {
    read: (name, value, problems) => {
      if (value === undefined) return undefined;
      const items = listIn(value).map(objectIn);
      checkLength(name, items.length, { min, max }, problems, () => items.map((item) => shown(itemName, item, fields)));
      return items.map((item, i) => readMembers(fields, `${name}.${i + 1}.member`, item, problems));
    },
  };
}

export function textsOf(each: Field<string | undefined>): Field<readonly string[] | undefined> {
  return {
    read: (name, value, problems) => {
      if (value === undefined) return undefined;
      const items = listIn(value).map((item, i) => each.read(`${name}.${i + 1}.member`, item ?? undefined, problems));
      return items.filter((item) => item !== undefined);
    },
  };
}

function readMembers<S extends Fields>(fields: S, name: string, value: JsonObject, problems: string[]): Params<S> {
  const entries = Object.entries(fields).map(([key, field]) => {
    const found = member(value, key);
    return [key, field.read(`${name}.${key}`, found === null ? undefined : found, problems)];
  });
  return Object.fromEntries(entries) as Params<S>;
}

function checkLength(
  name: string,
  length: number,
  { min, max }: Required<ListLimits>,
  problems: string[],
  items: () => readonly string[],
): void {
  const bound = length < min ? `greater than or equal to ${min}` : length > max ? `less than or equal to ${max}` : '';
  if (bound) problems.push(problem(`Value '[${items().join(', ')}]'`, name, `Member must have length ${bound}`));
}

/** As AWS prints a structure. */
function shown(itemName: string, item: JsonObject, fields: Fields): string {
  const members = Object.keys(fields).map((key) => `${key}=${text(member(item, key))}`);
  return `${itemName}(${members.join(', ')})`;
}

function text(value: Json | undefined): string {
  return typeof value === 'string' ? value : (JSON.stringify(value) ?? 'null');
}

function objectIn(value: Json): JsonObject {
  if (isObject(value)) return value;
  throw wrongType(value, 'a structure');
}

function listIn(value: Json): readonly Json[] {
  if (isArray(value)) return value;
  throw wrongType(value, 'a list');
}
