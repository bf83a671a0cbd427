import type { Json } from '../../json.ts';
import type { JsonataBounds } from './bounds.ts';
import type { JsonataScope } from './expression.ts';

export const NOW = 1_700_000_000_000;

/** A scope whose clock stands still and whose dice are loaded. */
export function scopeOf(
  states: Json,
  variables: Readonly<Record<string, Json>> = {},
  bounds?: JsonataBounds,
): JsonataScope {
  return {
    states,
    variable: (name) => (Object.hasOwn(variables, name) ? variables[name] : undefined),
    random: () => 0.25,
    uuid: () => '00000000-0000-4000-8000-000000000000',
    now: () => NOW,
    ...(bounds && { bounds }),
  };
}

/** Whoever writes to it now throws. */
export function deepFreeze<T>(value: T): T {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return value;
  Object.freeze(value);
  for (const part of Object.values(value)) deepFreeze(part);
  return value;
}
