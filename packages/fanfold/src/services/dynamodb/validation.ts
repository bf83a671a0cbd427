/** DynamoDB's refusal of what is malformed, in its words. */
import { ServiceError } from '../../ports/service-error.ts';

export function validationError(message: string): ServiceError {
  return new ServiceError('ValidationException', message);
}

/** The same, with the words that most of its refusals begin with. */
export function invalidValues(message: string): ServiceError {
  return validationError(`One or more parameter values were invalid: ${message}`);
}
