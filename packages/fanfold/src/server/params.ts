/** Reads the parameters of an action, and refuses them in AWS's words. */
import { isArray, isObject, type Json, type JsonObject, member, utf8Length } from '../json.ts';
import { ServiceError } from '../ports/service-error.ts';

/** One member of a request. `problems` gets what breaks a constraint; a wrong JSON type is thrown at once. */
export interface Field<T> {
  read(name: string, value: Json | undefined, problems: string[]): T;
}

export type Params<S> = { readonly [K in keyof S]: S[K] extends Field<infer T> ? T : never };

/** @throws ServiceError ValidationException, SerializationException */
export function readParams<S extends Readonly<Record<string, Field<unknown>>>>(
  input: JsonObject,
  fields: S,
): Params<S> {
  const problems: string[] = [];
  const entries = Object.entries(fields).map(([name, field]) => {
    const value = member(input, name);
    return [name, field.read(name, value === null ? undefined : value, problems)];
  });
  if (problems.length > 0) throw invalid(problems);
  return Object.fromEntries(entries) as Params<S>;
}

export function required<T>(field: Field<T | undefined>): Field<T> {
  return {
    read: (name, value, problems) => {
      if (value === undefined) problems.push(problem('Value null', name, 'Member must not be null'));
      return field.read(name, value, problems) as T;
    },
  };
}

export interface TextLimits {
  /** @defaultValue 0 */
  readonly min?: number;
  /** In UTF-8 bytes. */
  readonly max: number;
  /** The value is not repeated in the refusal. */
  readonly sensitive?: true;
  /** What the whole text must match; its source stands in the refusal. */
  readonly pattern?: RegExp;
}

export function text({ min = 0, max, sensitive, pattern }: TextLimits): Field<string | undefined> {
  return {
    read: (name, value, problems) => {
      if (value === undefined) return undefined;
      if (typeof value !== 'string') throw wrongType(value, 'a String');
      const shown = sensitive ? 'Value' : `Value '${value}'`;
      const must = (constraint: string): void => void problems.push(problem(shown, name, `Member must ${constraint}`));
      if (utf8Length(value) < min) must(`have length greater than or equal to ${min}`);
      if (utf8Length(value) > max) must(`have length less than or equal to ${max}`);
      if (pattern && !pattern.test(value)) must(`satisfy regular expression pattern: ${pattern.source}`);
      return value;
    },
  };
}

export function oneOf<T extends string>(...allowed: readonly T[]): Field<T | undefined> {
  return {
    read: (name, value, problems) => {
      if (value === undefined) return undefined;
      if (typeof value !== 'string') throw wrongType(value, 'a String');
      const found = allowed.find((item) => item === value);
      if (found === undefined)
        problems.push(problem(`Value '${value}'`, name, `Member must satisfy enum value set: [${allowed.join(', ')}]`));
      return found;
    },
  };
}

export function integer({ min, max }: { readonly min: number; readonly max: number }): Field<number | undefined> {
  return {
    read: (name, value, problems) => {
      if (value === undefined) return undefined;
      if (typeof value !== 'number' || !Number.isInteger(value)) throw wrongType(value, 'an Integer');
      const must = (constraint: string): void =>
        void problems.push(problem(`Value '${value}'`, name, `Member must have value ${constraint}`));
      if (value < min) must(`greater than or equal to ${min}`);
      if (value > max) must(`less than or equal to ${max}`);
      return value;
    },
  };
}

export function decimal({ min, max }: { readonly min: number; readonly max: number }): Field<number | undefined> {
  return {
    read: (name, value, problems) => {
      if (value === undefined) return undefined;
      if (typeof value !== 'number') throw wrongType(value, 'a Float');
      const must = (constraint: string): void =>
        void problems.push(problem(`Value '${value}'`, name, `Member must have value ${constraint}`));
      if (value < min) must(`greater than or equal to ${min}`);
      if (value > max) must(`less than or equal to ${max}`);
      return value;
    },
  };
}

export const flag: Field<boolean | undefined> = {
  read: (_name, value) => {
    if (value === undefined || typeof value === 'boolean') return value;
    throw wrongType(value, 'a Boolean');
  },
};

/** The same without its undefined members, for parameters that may be left out but not be undefined. */
export function given<T extends object>(members: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]?: Exclude<T[K], undefined>;
  };
}

export function validationException(message: string): ServiceError {
  return new ServiceError('ValidationException', message);
}

/** One thing that is wrong with a member, as AWS words it. */
export function problem(value: string, name: string, constraint: string): string {
  return `${value} at '${name}' failed to satisfy constraint: ${constraint}`;
}

function invalid(problems: readonly string[]): ServiceError {
  const count = `${problems.length} validation error${problems.length === 1 ? '' : 's'} detected`;
  return validationException(`${count}: ${problems.join('; ')}`);
}

/** A member of the wrong JSON type; only one is ever told. */
export function wrongType(value: Json, wanted: string): ServiceError {
  if (isArray(value)) return new ServiceError('SerializationException', 'Start of list found where not expected');
  if (isObject(value))
    return new ServiceError('SerializationException', 'Start of structure or map found where not expected.');
  return new ServiceError(
    'SerializationException',
    `${(typeof value).toUpperCase()}_VALUE can not be converted to ${wanted}`,
  );
}
