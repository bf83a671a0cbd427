/** JSON text as it comes from outside: the input of an execution, the output of a task. */
import { readJson } from '../asl/source/json.ts';
import { AWS_PAYLOAD_BYTES, type Limits, MOST_UNITS } from '../interpreter/limits.ts';
import { Value } from '../interpreter/value.ts';
import { ServiceError } from '../ports/service-error.ts';

/** @throws ServiceError ValidationException, InvalidExecutionInput, in the words of AWS's parser */
export function parseInput(text: string, limits: Limits): Value {
  if (text.length > MOST_UNITS) throw tooLong(MOST_UNITS);
  try {
    const input = Value.parse(text);
    if (limits === 'aws' && input.exceeds(AWS_PAYLOAD_BYTES)) throw tooLong(AWS_PAYLOAD_BYTES);
    return input;
  } catch (error) {
    if (error instanceof ServiceError) throw error;
    throw new ServiceError('InvalidExecutionInput', `Invalid State Machine Execution Input: '${problem(text, error)}'`);
  }
}

function tooLong(most: number): ServiceError {
  return new ServiceError(
    'ValidationException',
    "1 validation error detected: Value at 'input' failed to satisfy constraint: " +
      `Member must have length less than or equal to ${most}`,
  );
}

/** @throws ServiceError InvalidOutput, in the words of AWS's parser */
export function parseOutput(text: string): Value {
  try {
    return Value.parse(text);
  } catch (error) {
    throw new ServiceError('InvalidOutput', `Invalid Output: '${problem(text, error)}'`);
  }
}

function problem(text: string, error: unknown): string {
  const read = readJson(text);
  // AWS leaves out where in the text it is.
  return read.ok ? (error as Error).message : (read.error.message.split('\n at ')[0] ?? '');
}
