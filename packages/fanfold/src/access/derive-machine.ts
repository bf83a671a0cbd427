/** What a state machine does, read off its definition: the policy that it needs on AWS, and no more. */
import { isArray, isObject, type Json, type JsonObject } from '../json.ts';
import type { Access, Policy } from './policy.ts';

/** @param access what a call of a Task state's resource with these parameters does */
export function policyOfMachine(
  definition: Json,
  access: (resource: string, parameters: JsonObject) => readonly Access[],
): Policy {
  const byAction = new Map<string, Set<string>>();
  const visit = (value: Json): void => {
    if (isArray(value)) return value.forEach(visit);
    if (!isObject(value)) return;
    const { Type, Resource, Parameters, Arguments } = value;
    if (Type === 'Task' && typeof Resource === 'string')
      for (const { action, resource } of access(Resource, constants(Parameters ?? Arguments))) {
        const resources = byAction.get(action) ?? new Set();
        byAction.set(action, resources.add(resource));
      }
    Object.values(value).forEach(visit);
  };
  visit(definition);
  return [...byAction].map(([action, resources]) => ({
    effect: 'Allow',
    actions: [action],
    resources: resources.has('*') ? ['*'] : [...resources],
  }));
}

/** What is known before an execution: paths and expressions are not, and stand for anything. */
function constants(parameters: Json | undefined): JsonObject {
  if (!isObject(parameters)) return {};
  return Object.fromEntries(
    Object.entries(parameters).filter(
      ([name, value]) => !name.endsWith('.$') && !(typeof value === 'string' && /^\{%.*%\}$/s.test(value)),
    ),
  );
}
