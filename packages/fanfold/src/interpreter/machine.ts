/** A definition, compiled once: paths, templates and choice rules are closures, nested definitions are numbered blocks. */
import type { Condition } from '../asl/choice.ts';
import type { Path } from '../asl/path/path.ts';
import type { Resource } from '../asl/resource.ts';
import type { Expression, Scope } from '../asl/scope.ts';
import type { Value } from './value.ts';

export interface Machine {
  /** The machine itself is block 0; branches and item processors follow. */
  readonly blocks: readonly Block[];
  readonly timeoutSeconds: number | null;
  /** The resources of all Task states, by the state's name. */
  readonly resources: ReadonlyMap<string, Resource>;
}

export interface Block {
  readonly startAt: string;
  readonly states: ReadonlyMap<string, State>;
}

/** What a path field selects: everything (the field is absent or `$`), nothing (null), or what a path names. */
export type Selection = 'all' | 'nothing' | Path;

interface Base {
  readonly name: string;
  readonly inputPath: Selection;
  readonly outputPath: Selection;
  /** The next state; null ends the block. */
  readonly next: string | null;
}

interface Shaping {
  readonly parameters: Expression | null;
  readonly resultPath: Selection;
}

export interface Failing {
  readonly resultSelector: Expression | null;
  readonly retry: readonly Retrier[];
  readonly catch: readonly Catcher[];
}

export interface Retrier {
  readonly errors: readonly string[];
  readonly intervalSeconds: number;
  readonly maxAttempts: number;
  readonly backoffRate: number;
  readonly maxDelaySeconds: number;
  readonly fullJitter: boolean;
}

export interface Catcher {
  readonly errors: readonly string[];
  readonly next: string;
  readonly resultPath: Selection;
}

export interface PassState extends Base, Shaping {
  readonly type: 'Pass';
  readonly result: Value | null;
}

export interface TaskState extends Base, Shaping, Failing {
  readonly type: 'Task';
  readonly resource: Resource;
  /** Seconds; null when there is no such limit. */
  readonly timeout: NumberField | null;
  readonly heartbeat: NumberField | null;
}

export interface ChoiceState extends Base {
  readonly type: 'Choice';
  readonly choices: readonly { readonly condition: Condition; readonly next: string }[];
  readonly otherwise: string | null;
}

export interface WaitState extends Base {
  readonly type: 'Wait';
  /** When it is over, milliseconds since the epoch. @throws StatesError */
  readonly until: (scope: Scope, now: number) => number;
}

export interface SucceedState extends Base {
  readonly type: 'Succeed';
}

export interface FailState extends Base {
  readonly type: 'Fail';
  readonly error: TextField | null;
  readonly cause: TextField | null;
}

export interface ParallelState extends Base, Shaping, Failing {
  readonly type: 'Parallel';
  /** Numbers of the branches' blocks. */
  readonly branches: readonly number[];
}

export interface MapState extends Base, Failing {
  readonly type: 'Map';
  readonly resultPath: Selection;
  readonly items: Path | null;
  readonly itemSelector: Expression | null;
  readonly maxConcurrency: NumberField | null;
  /** Number of the item processor's block. */
  readonly processor: number;
}

export type State =
  | PassState
  | TaskState
  | ChoiceState
  | WaitState
  | SucceedState
  | FailState
  | ParallelState
  | MapState;

/** @throws StatesError when the field's path finds no such number */
export type NumberField = (scope: Scope) => number;
/** @throws StatesError when the field's path finds no text */
export type TextField = (scope: Scope) => string;
