/** What EventBridge refuses, in its words. */
import { isObject, type Json, type JsonObject, member } from '../../json.ts';
import { ServiceError } from '../../ports/service-error.ts';

export function invalid(message: string): ServiceError {
  return new ServiceError('ValidationException', message);
}

export function ruleNotFound(name: string): ServiceError {
  return new ServiceError('ResourceNotFoundException', `Rule ${name} does not exist on EventBus default.`);
}

/** The codes that AWS's SDKs have a class for. */
export const EVENTS_EXCEPTIONS: ReadonlySet<string> = new Set([
  'InvalidEventPatternException',
  'LimitExceededException',
  'ResourceNotFoundException',
]);

/** @throws ServiceError ValidationException for a member that the action does not have here */
export function checkMembers(action: string, input: JsonObject, known: readonly string[]): void {
  for (const [name, value] of Object.entries(input))
    if (value !== null && !known.includes(name))
      throw invalid(`${name} of ${action} is not supported here; leave it out. There are ${known.join(', ')}.`);
}

export function optionalText(input: JsonObject, name: string): string | undefined {
  const value = member(input, name) ?? null;
  if (value === null) return undefined;
  if (typeof value !== 'string') throw invalid(`${name} must be a text, not ${JSON.stringify(value).slice(0, 200)}.`);
  return value;
}

/** @throws ServiceError ValidationException */
export function text(input: JsonObject, name: string): string {
  const value = optionalText(input, name);
  if (value === undefined)
    throw invalid(
      `1 validation error detected: Value null at '${name.charAt(0).toLowerCase()}${name.slice(1)}' failed to satisfy constraint: Member must not be null`,
    );
  return value;
}

/** There is one bus. @throws ServiceError ResourceNotFoundException for another one */
export function checkBus(input: JsonObject): void {
  const bus = optionalText(input, 'EventBusName') ?? 'default';
  if (!/^(?:arn:[^:]*:events:[^:]*:[^:]*:event-bus\/)?default$/.test(bus))
    throw new ServiceError(
      'ResourceNotFoundException',
      `Event bus ${bus} does not exist: there is 'default' alone here.`,
    );
}

/** The pattern of a rule, as text or as JSON. @throws ServiceError InvalidEventPatternException */
export function parsePattern(given: string, findProblem: (pattern: Json) => string | undefined): JsonObject {
  const refuse = (reason: string): ServiceError =>
    new ServiceError('InvalidEventPatternException', `Event pattern is not valid. Reason: ${reason}`);
  let pattern: Json;
  try {
    pattern = JSON.parse(given) as Json;
  } catch (error) {
    throw refuse(`it is no JSON: ${error instanceof Error ? error.message : String(error)}`);
  }
  const problem = findProblem(pattern);
  if (problem !== undefined || !isObject(pattern)) throw refuse(problem ?? 'it must be an object');
  return pattern;
}
