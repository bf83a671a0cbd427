import type { Json } from '../json.ts';

/** What an expression may read. Everything in it came with the input, the execution or the event: evaluation is pure. */
export interface Scope {
  /** `$`. */
  readonly input: Json;
  /** `$$`, the context object. */
  context(): Json;
  /** `$name`; undefined when no such variable is assigned. */
  variable(name: string): Json | undefined;
  /** A number in [0, 1). */
  random(): number;
  /** A version 4 UUID. */
  uuid(): string;
}

/** A compiled path, template, intrinsic or literal. @throws StatesError */
export type Expression = (scope: Scope) => Json;
