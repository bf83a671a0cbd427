/** What an execution that an object starts is given. */
import type { Expression } from '../asl/scope.ts';
import { compileTemplate, TemplateError } from '../asl/template.ts';
import { mulberry32, uuidFrom } from '../interpreter/random.ts';
import type { Json } from '../json.ts';
import { badTemplate, type Trigger } from './trigger.ts';

/** @throws Error when the trigger's input is no payload template */
export function compileInput(trigger: Trigger): Expression {
  if (trigger.input === undefined) return (scope) => scope.input;
  try {
    return compileTemplate(trigger.input);
  } catch (error) {
    throw error instanceof TemplateError ? badTemplate(trigger, error) : error;
  }
}

/**
 * Random numbers come from the event too, so that a second delivery has the same input.
 *
 * @param hash tells the start from all others
 */
export function evaluateInput(input: Expression, notification: Json, hash: string): Json {
  const random = mulberry32(Number.parseInt(hash.slice(0, 8), 16));
  return input({
    input: notification,
    context: () => ({}),
    variable: () => undefined,
    random,
    uuid: () => uuidFrom(random),
  });
}
