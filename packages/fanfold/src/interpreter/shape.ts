/**
 * How a state's data is shaped on its way in and out, in the state's query language. With JSONPath: InputPath, Parameters,
 * ResultSelector, ResultPath, OutputPath, in this order; with JSONata: Arguments and Output. Assign in both.
 */
import type { JsonObject } from '../json.ts';
import type { FrameScope } from './frame-scope.ts';
import type { Value } from './value.ts';

/** Each of them @throws StatesError. The scope is over the state's raw input when it is given. */
export interface Shape {
  /** The state's input, as the state sees it. */
  readonly input: (scope: FrameScope) => Value;
  /** What the state hands to its work; null when the definition gives nothing. */
  readonly arguments: ((scope: FrameScope, input: Value) => Value) | null;
  /** The state's output, from the result of its work. Who gives `see` is told what came between. */
  readonly output: (scope: FrameScope, result: Value, see?: See) => Value;
  /** Whether nothing of the result is in the output (`ResultPath: null`). */
  readonly dropsResult: boolean;
  /** The variables that the state assigns when it is left; null when it assigns none. */
  readonly assign: Assign | null;
}

/** @param stage as TestState's inspection data names it */
export type See = (stage: string, value: Value) => void;

export type Assign = (scope: FrameScope, result: Value) => JsonObject;
