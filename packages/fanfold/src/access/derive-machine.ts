/** What a state machine does, read off its definition: the policy that it needs on AWS, and no more. */
import { isArray, isObject, type Json, type JsonObject } from '../json.ts';
import type { Access, Policy } from './policy.ts';

export interface MachineAccess {
  /** What a call of a Task state's resource with these parameters does. */
  task(resource: string, parameters: JsonObject): readonly Access[];
  /** What an ItemReader, or a ResultWriter, does. */
  reader(resource: string, parameters: JsonObject): readonly Access[];
  writer(parameters: JsonObject): readonly Access[];
}

export function policyOfMachine(definition: Json, access: MachineAccess): Policy {
  const byAction = new Map<string, Set<string>>();
  const add = (holder: Json | undefined, accessOf: MachineAccess['task']): void => {
    if (!isObject(holder) || typeof holder['Resource'] !== 'string') return;
    const { Resource, Parameters, Arguments } = holder;
    for (const { action, resource } of accessOf(Resource, constants(Parameters ?? Arguments)))
      byAction.set(action, (byAction.get(action) ?? new Set()).add(resource));
  };
  const visit = (value: Json): void => {
    if (isArray(value)) return value.forEach(visit);
    if (!isObject(value)) return;
    const { Type, ItemReader, ResultWriter } = value;
    if (Type === 'Task') add(value, access.task);
    if (Type === 'Map') {
      add(ItemReader, access.reader);
      // One without a place writes nothing.
      add(ResultWriter, (_, parameters) => access.writer(parameters));
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

/** What is known before an execution. Paths and expressions are not: they stand for anything. */
function constants(parameters: Json | undefined): JsonObject {
  if (!isObject(parameters)) return {};
  return Object.fromEntries(
    Object.entries(parameters).map(([name, value]) => {
      if (name.endsWith('.$')) return [name.slice(0, -2), ANYTHING];
      return [name, typeof value === 'string' && /^\{%.*%\}$/s.test(value) ? ANYTHING : value];
    }),
  );
}

const ANYTHING = '*';
