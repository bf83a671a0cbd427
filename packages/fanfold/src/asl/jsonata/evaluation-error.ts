/** What goes wrong in a field with JSONata, in AWS's words. */
import { isArray, type Json } from '../../json.ts';
import { StatesError } from '../states-error.ts';
import { JsonataError } from './jsonata-error.ts';

/** States.QueryEvaluationError. The history writes an EvaluationFailed event for it. */
export class EvaluationError extends StatesError {
  /** The field, as AWS names it: `Output/result`, `Items`. */
  readonly location: string | undefined;

  constructor(cause: string, location?: string) {
    super('States.QueryEvaluationError', cause);
    this.location = location;
  }
}

/** JSON's types; `integer` for fields that take whole numbers only, and one for those that take what has items. */
export type JsonType = 'array' | 'array or object' | 'object' | 'string' | 'number' | 'integer' | 'boolean' | 'null';

export function jsonType(value: Json): JsonType {
  if (value === null) return 'null';
  if (isArray(value)) return 'array';
  return typeof value as 'object' | 'string' | 'number' | 'boolean';
}

/** @param field where the expression stands: `Output/result` */
export function returnedNothing(expression: string, field: string): EvaluationError {
  return new EvaluationError(`${introduce(expression, field)} returned nothing (undefined).`, field);
}

/** @throws EvaluationError when the value is of another type */
export function expectType(value: Json, type: JsonType, expression: string, field: string): void {
  const actual = jsonType(value);
  if (actual === type || (type === 'integer' && Number.isInteger(value))) return;
  if (type === 'array or object' && (actual === 'array' || actual === 'object')) return;
  throw new EvaluationError(
    `${introduce(expression, field)} returned an unexpected result type. Expected '${type}', but was '${actual}' for value: ${JSON.stringify(value)}`,
    field,
  );
}

/** @throws EvaluationError when the number lies outside of what the field takes */
export function expectRange(
  value: number,
  [least, most]: readonly [number, number],
  expression: string,
  field: string,
): void {
  if (value >= least && value <= most) return;
  throw new EvaluationError(
    `${introduce(expression, field)} returned a value out of range. Expected ${least} to ${most}, but was ${value}`,
    field,
  );
}

/** An error of the evaluation as one of the field; any other error is thrown as it is. */
export function evaluationError(error: unknown, expression: string, field: string): EvaluationError {
  if (!(error instanceof JsonataError)) throw error;
  return new EvaluationError(`${introduce(expression, field)} ${describe(error)}`, field);
}

function describe(error: JsonataError): string {
  if (error.kind === 'result') return 'returned an unsupported result type.';
  const threw = 'threw an error during evaluation';
  return error.kind === 'jsonata' ? `${threw}. ${error.code}: ${error.message}` : `${threw}: ${error.message}`;
}

function introduce(expression: string, field: string): string {
  return `The JSONata expression '${expression}' specified for the field '${field}'`;
}
