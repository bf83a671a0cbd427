/**
 * What is odd about an object that is to be written as data, or undefined: what it holds is no member of it, as of a `Map` or a
 * promise, and it would be written as if it were empty; or it is a date that is none.
 */
export function oddness(value: object): string | undefined {
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? 'an invalid Date' : undefined;
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype === null || Object.getPrototypeOf(prototype) === null || Array.isArray(value)) return undefined;
  if ('toJSON' in value || Object.keys(value).length > 0) return undefined;
  const name: unknown = value.constructor?.name;
  return typeof name === 'string' && name !== '' ? `a ${name}` : 'an object without members';
}

/** The object that JSON has in its place, or whatever it has: a date is a text. */
export function asJson(value: object): unknown {
  return 'toJSON' in value && typeof value.toJSON === 'function' ? (value.toJSON as () => unknown)() : value;
}
