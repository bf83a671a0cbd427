/**
 * Measures the data of an execution as it is made. Nothing is written as text for it that the history does not want as
 * text anyhow, and a value that is passed on is measured once.
 */
import { StatesError } from '../asl/states-error.ts';
import { utf8Length } from '../json.ts';
import { AWS_PAYLOAD_BYTES, AWS_VARIABLE_BYTES, type LimitKind, MOST_UNITS } from './limits.ts';
import type { Turn } from './turn.ts';
import type { Value } from './value.ts';

const EXCEEDED = 'States.DataLimitExceeded';
const RESULT = 'returned a result';
const PARAMETERS = 'provided parameters';
const VARIABLES = 'assigned variables';

/** @param name of the state @throws StatesError States.DataLimitExceeded */
export function checkResult(turn: Turn, name: string, value: Value): void {
  if (isTooLarge(turn, value, name, RESULT)) throw tooLarge(resultCause(name));
}

/** The same of what a state hands to its work. @throws StatesError States.DataLimitExceeded */
export function checkParameters(turn: Turn, name: string, value: Value): void {
  if (isTooLarge(turn, value, name, PARAMETERS)) throw tooLarge(cause(name, PARAMETERS));
}

/** The failure of a task whose result is too large: unlike that of a state, it can be caught. */
export function resultFailure(
  turn: Turn,
  name: string,
  result: Value,
): { readonly error: string; readonly cause: string } | undefined {
  if (!isTooLarge(turn, result, name, RESULT)) return undefined;
  return { error: EXCEEDED, cause: resultCause(name) };
}

/** The input of an execution under `local`; under `aws` it was refused. */
export function checkInput(turn: Turn, input: Value): void {
  isTooLarge(turn, input, turn.execution.name, 'began with an input');
}

/** What one Assign brings. @param texts of the variables assigned @throws StatesError States.DataLimitExceeded */
export function checkVariables(turn: Turn, name: string, texts: readonly string[]): void {
  const { execution } = turn;
  const units = texts.reduce((sum, text) => sum + text.length, 0);
  // A unit is three bytes at most.
  const bytes = units * 3 <= AWS_PAYLOAD_BYTES ? units : texts.reduce((sum, text) => sum + utf8Length(text), 0);
  const assigned = (execution.variableBytes ?? 0) + bytes;
  const held = assigned > AWS_VARIABLE_BYTES && !turn.warned('variableSize') ? measured(turn) + bytes : assigned;
  if (bytes > AWS_PAYLOAD_BYTES || held > AWS_VARIABLE_BYTES) {
    if (execution.limits === 'aws') throw tooLarge(cause(name, VARIABLES));
    warn(turn, 'variableSize', name, VARIABLES, bytes > AWS_PAYLOAD_BYTES);
  }
  if (held > MOST_UNITS && measured(turn) + bytes > MOST_UNITS) throw tooLarge(cause(name, VARIABLES));
  execution.variableBytes = held;
}

/** The output of a child, which is kept until its parent folds it. @throws StatesError States.DataLimitExceeded */
export function checkHeld(turn: Turn, parentName: string, output: Value): void {
  if ((turn.execution.heldUnits ?? 0) + output.units > MOST_UNITS) throw tooLarge(resultCause(parentName));
}

/** @param did what the state, task or execution of this name did with the value */
function isTooLarge(turn: Turn, value: Value, name: string, did: string): boolean {
  value.write();
  if (!value.exceeds(AWS_PAYLOAD_BYTES)) return false;
  if (turn.execution.limits === 'aws') return true;
  if (!turn.warned('payloadSize')) warn(turn, 'payloadSize', name, did, true);
  return value.units > MOST_UNITS;
}

function warn(turn: Turn, limit: LimitKind, name: string, did: string, single: boolean): void {
  const size = single ? `of more than ${AWS_PAYLOAD_BYTES} bytes` : `beyond ${AWS_VARIABLE_BYTES} bytes in all`;
  turn.warn(
    limit,
    `'${name}' ${did} ${size}: on AWS that fails with ${EXCEEDED}. Put large data into an object and pass its key.`,
  );
}

/** Bytes of all variables that are held. */
function measured(turn: Turn): number {
  return turn.frameIds().reduce((sum, id) => sum + (turn.peek(id)?.variables?.bytes ?? 0), 0);
}

function resultCause(name: string): string {
  return cause(name, RESULT);
}

/** In AWS's words. */
function cause(name: string, did: string): string {
  return `The state/task '${name}' ${did} with a size exceeding the maximum number of bytes service limit.`;
}

function tooLarge(message: string): StatesError {
  return new StatesError(EXCEEDED, message, true);
}
