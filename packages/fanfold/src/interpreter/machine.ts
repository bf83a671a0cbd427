/** A definition, compiled once: paths, templates and choice rules are closures, nested definitions are numbered blocks. */
import type { Resource } from '../asl/resource.ts';
import type { Json } from '../json.ts';
import type { ReaderConfig, WriterConfig } from '../asl/definition.ts';
import type { ExecutionType } from './execution.ts';
import type { FrameScope } from './frame-scope.ts';
import type { Assign, Shape } from './shape.ts';
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

interface Base {
  readonly name: string;
  readonly shape: Shape;
  /** The next state; null ends the block. */
  readonly next: string | null;
}

export interface Failing {
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
  /** The state's output, from the error. */
  readonly output: (scope: FrameScope, errorOutput: Value) => Value;
  readonly assign: Assign | null;
}

export interface PassState extends Base {
  readonly type: 'Pass';
  readonly result: Value | null;
}

export interface TaskState extends Base, Failing {
  readonly type: 'Task';
  readonly resource: Resource;
  /** Seconds; null when there is no such limit. */
  readonly timeout: NumberField | null;
  readonly heartbeat: NumberField | null;
  /** The role that the task is to run under, as AWS's history shows it. */
  readonly credentials: ((scope: FrameScope, input: Value) => Json) | null;
}

export interface ChoiceState extends Base {
  readonly type: 'Choice';
  readonly choices: readonly Choice[];
  readonly otherwise: string | null;
}

/** One rule of a Choice state. */
export interface Choice {
  /** @throws StatesError */
  readonly condition: (scope: FrameScope) => boolean;
  readonly next: string;
  /** The output, where the rule has its own. */
  readonly output: ((scope: FrameScope) => Value) | null;
  readonly assign: Assign | null;
}

export interface WaitState extends Base {
  readonly type: 'Wait';
  /** When it is over, milliseconds since the epoch. @throws StatesError */
  readonly until: (scope: FrameScope, now: number) => number;
}

export interface SucceedState extends Base {
  readonly type: 'Succeed';
}

export interface FailState extends Base {
  readonly type: 'Fail';
  readonly error: TextField | null;
  readonly cause: TextField | null;
}

export interface ParallelState extends Base, Failing {
  readonly type: 'Parallel';
  /** Numbers of the branches' blocks. */
  readonly branches: readonly number[];
}

export interface MapState extends Base, Failing {
  readonly type: 'Map';
  /** The array to iterate over, from the state's input. @throws StatesError when it is none */
  readonly items: (scope: FrameScope, input: Value) => Value;
  /** An iteration's input; null takes the item itself. */
  readonly itemSelector: ((scope: FrameScope, input: Value) => Value) | null;
  readonly maxConcurrency: NumberField | null;
  readonly toleratedFailureCount: NumberField | null;
  readonly toleratedFailurePercentage: NumberField | null;
  readonly batcher: Batcher | null;
  /** Number of the item processor's block. */
  readonly processor: number;
  /** Null for one whose iterations are part of the execution. */
  readonly distributed: DistributedMap | null;
}

/** What a Map has whose items are child executions. */
export interface DistributedMap {
  /** The type of the children. */
  readonly type: ExecutionType;
  readonly label: string | null;
  readonly reader: Reader | null;
  readonly writer: Writer | null;
}

/** Where a distributed Map reads its items. */
export interface Reader {
  readonly action: 'getObject' | 'listObjectsV2';
  readonly parameters: (scope: FrameScope, input: Value) => Value;
  readonly config: ReaderConfig;
  /** `MaxItems`. */
  readonly maxItems: NumberField | null;
}

/** Where a distributed Map writes its results. */
export interface Writer {
  /** Null where the results are only transformed. */
  readonly parameters: ((scope: FrameScope, input: Value) => Value) | null;
  readonly config: WriterConfig;
}

/** How a distributed Map puts items together, each batch one child's input. */
export interface Batcher {
  readonly maxItems: NumberField | null;
  /** Of a batch's text in UTF-8. */
  readonly maxBytes: NumberField | null;
  /** What every batch has beside its items. */
  readonly batchInput: ((scope: FrameScope, input: Value) => Value) | null;
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
export type NumberField = (scope: FrameScope) => number;
/** @throws StatesError when the field's path finds no text */
export type TextField = (scope: FrameScope) => string;
