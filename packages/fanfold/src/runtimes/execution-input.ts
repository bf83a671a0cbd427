/** The input of an execution, as it comes from outside. */
import { readJson } from '../asl/source/json.ts';
import { Value } from '../interpreter/value.ts';
import { ServiceError } from '../ports/service-error.ts';

/** @throws ServiceError InvalidExecutionInput, in the words of AWS's parser */
export function parseInput(text: string): Value {
  try {
    return Value.parse(text);
  } catch (error) {
    throw new ServiceError('InvalidExecutionInput', `Invalid State Machine Execution Input: '${problem(text, error)}'`);
  }
}

function problem(text: string, error: unknown): string {
  const read = readJson(text);
  // AWS leaves out where in the text it is.
  return read.ok ? (error as Error).message : (read.error.message.split('\n at ')[0] ?? '');
}
