/** What a field of a definition may hold. A rule gives what is wrong with a value, in AWS's words, or nothing. */
import { isArray, isObject, type Json } from '../json.ts';
import { parseTimestamp } from './timestamp.ts';

export type Rule = (value: Json) => string | undefined;

const expected = (type: string): string => `Expected value of type [${type}]`;

export const anything: Rule = () => undefined;
export const text: Rule = (value) => (typeof value === 'string' ? undefined : expected('STRING'));
export const flag: Rule = (value) => (typeof value === 'boolean' ? undefined : expected('BOOLEAN'));
export const object: Rule = (value) => (isObject(value) ? undefined : expected('OBJECT'));
export const list: Rule = (value) => (isArray(value) ? undefined : expected('ARRAY'));
export const number: Rule = (value) => (typeof value === 'number' ? undefined : expected('NUMBER'));

export const filledList: Rule = (value) => list(value) ?? (isArray(value) && value.length === 0 ? EMPTY : undefined);

export const filledObject: Rule = (value) =>
  object(value) ?? (isObject(value) && Object.keys(value).length === 0 ? EMPTY : undefined);

export const texts: Rule = (value) =>
  filledList(value) ?? (isArray(value) && value.some((item) => text(item)) ? expected('STRING') : undefined);

export const path: Rule = (value) =>
  text(value) ?? (String(value).startsWith('$') ? undefined : 'Value must be a valid JSONPath.');

export const pathOrNull: Rule = (value) => (value === null ? undefined : path(value));

/** ErrorPath and CausePath may call intrinsic functions. */
export const pathOrCall: Rule = (value) => (String(value).startsWith('States.') ? text(value) : path(value));

export const timestamp: Rule = (value) =>
  text(value) ?? (parseTimestamp(String(value)) === undefined ? 'String does not match RFC3339 timestamp' : undefined);

export const objectOrExpression: Rule = (value) => (isExpression(value) ? undefined : object(value));
/** What has items: a list, or an object with its members. */
export const itemsOrExpression: Rule = (value) => (isExpression(value) || isObject(value) ? undefined : list(value));
export const flagOrExpression: Rule = (value) => (isExpression(value) ? undefined : flag(value));

export function integer(least: number, most: number = Number.POSITIVE_INFINITY): Rule {
  return (value) =>
    typeof value === 'number' && Number.isInteger(value)
      ? bounds(value, least, most)
      : 'Expected value of type Integer';
}

export function numeric(least: number, most: number = Number.POSITIVE_INFINITY): Rule {
  return (value) => number(value) ?? bounds(value as number, least, most);
}

export function oneOf(...values: readonly string[]): Rule {
  return (value) =>
    text(value) ??
    (values.includes(value as string) ? undefined : `Value should be one of the following: [${values.join(', ')}]`);
}

/** @param field named in what AWS says of it */
export function matching(field: string, pattern: RegExp): Rule {
  return (value) =>
    text(value) ??
    (pattern.test(value as string) ? undefined : `The field '${field}' does not match any of the allowed values`);
}

/** Whether the value is a text that JSONata is to evaluate, well closed or not. */
export function isExpression(value: Json): value is string {
  return typeof value === 'string' && value.startsWith('{%');
}

const EMPTY = 'Value cannot be empty';

function bounds(value: number, least: number, most: number): string | undefined {
  if (value < least) return `Minimum value is ${least}`;
  return value > most ? `Maximum value is ${most}` : undefined;
}
