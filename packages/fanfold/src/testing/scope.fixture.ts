/** A scope for expressions under test. */
import type { Scope } from '../asl/scope.ts';
import type { Json, JsonObject } from '../json.ts';

export function scopeOf(input: Json, more: { context?: Json; variables?: JsonObject; random?: number } = {}): Scope {
  return {
    input,
    context: () => more.context ?? {},
    variable: (name) => (more.variables && Object.hasOwn(more.variables, name) ? more.variables[name] : undefined),
    random: () => more.random ?? 0.5,
    uuid: () => '00000000-0000-4000-8000-000000000000',
  };
}

/** What a function throws, as text; undefined when it does not. */
export function thrownBy(run: () => unknown): string | undefined {
  try {
    run();
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
