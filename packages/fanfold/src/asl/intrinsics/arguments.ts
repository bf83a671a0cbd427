/** Checks of the arguments of an intrinsic function. What is wrong is said in AWS's words: `Invalid arguments in States.X`. */
import { isArray, isObject, type Json, type JsonObject } from '../../json.ts';
import { StatesError } from '../states-error.ts';

/** An intrinsic that cannot do its work. */
export function intrinsicFailure(cause: string): StatesError {
  return new StatesError('States.IntrinsicFailure', cause);
}

export interface Arguments {
  readonly count: number;
  json(i: number): Json;
  text(i: number): string;
  array(i: number): readonly Json[];
  object(i: number): JsonObject;
  number(i: number): number;
  /** A number, rounded to the nearest whole one, halves up. */
  integer(i: number): number;
  /** The same number, unless a computation went beyond what a double can be. */
  finite(result: number): number;
  fail(problem?: string): never;
}

export function argumentsOf(name: string, values: readonly Json[]): Arguments {
  const fail = (problem?: string): never => {
    throw intrinsicFailure(`Invalid arguments in ${name}${problem ? `: ${problem}` : ''}`);
  };
  const json = (i: number): Json => (i < values.length ? (values[i] as Json) : fail(`argument ${i + 1} is missing`));
  const typed =
    <T extends Json>(what: string, is: (value: Json) => value is T) =>
    (i: number): T => {
      const value = json(i);
      return is(value) ? value : fail(`argument ${i + 1} must be ${what}`);
    };
  const number = typed('a number', (value) => typeof value === 'number');
  return {
    count: values.length,
    json,
    text: typed('a string', (value) => typeof value === 'string'),
    array: typed('an array', isArray),
    object: typed('an object', (value): value is JsonObject => isObject(value)),
    number,
    integer: (i) => Math.round(number(i)),
    finite: (result) => (Number.isFinite(result) ? result : fail('the result is too large for a number')),
    fail,
  };
}
