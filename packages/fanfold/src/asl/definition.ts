/** A state machine as it is written, after its shape was checked (see fields.ts). Our tag is the language's own `Type`. */
import type { Json, JsonObject } from '../json.ts';

export interface Definition {
  readonly Comment?: string;
  readonly StartAt: string;
  readonly States: Readonly<Record<string, StateDefinition>>;
  readonly TimeoutSeconds?: number;
  readonly Version?: string;
  readonly QueryLanguage?: 'JSONPath';
}

/** A branch of a Parallel, or the item processor of a Map. */
export type BlockDefinition = Pick<Definition, 'Comment' | 'StartAt' | 'States'>;

interface Common {
  readonly Comment?: string;
  readonly InputPath?: string | null;
  readonly OutputPath?: string | null;
}

interface Flow {
  readonly Next?: string;
  readonly End?: boolean;
}

interface Shaping {
  readonly Parameters?: Json;
  readonly ResultPath?: string | null;
}

interface Failing {
  readonly ResultSelector?: JsonObject;
  readonly Retry?: readonly Retrier[];
  readonly Catch?: readonly Catcher[];
}

export interface Retrier {
  readonly ErrorEquals: readonly string[];
  readonly IntervalSeconds?: number;
  readonly MaxAttempts?: number;
  readonly BackoffRate?: number;
  readonly MaxDelaySeconds?: number;
  readonly JitterStrategy?: 'FULL' | 'NONE';
}

export interface Catcher {
  readonly ErrorEquals: readonly string[];
  readonly Next: string;
  readonly ResultPath?: string | null;
}

export interface PassDefinition extends Common, Flow, Shaping {
  readonly Type: 'Pass';
  readonly Result?: Json;
}

export interface TaskDefinition extends Common, Flow, Shaping, Failing {
  readonly Type: 'Task';
  readonly Resource: string;
  readonly TimeoutSeconds?: number;
  readonly TimeoutSecondsPath?: string;
  readonly HeartbeatSeconds?: number;
  readonly HeartbeatSecondsPath?: string;
}

export interface ChoiceDefinition extends Common {
  readonly Type: 'Choice';
  readonly Choices: readonly (JsonObject & { readonly Next: string })[];
  readonly Default?: string;
}

export interface WaitDefinition extends Common, Flow {
  readonly Type: 'Wait';
  readonly Seconds?: number;
  readonly SecondsPath?: string;
  readonly Timestamp?: string;
  readonly TimestampPath?: string;
}

export interface SucceedDefinition extends Common {
  readonly Type: 'Succeed';
}

export interface FailDefinition {
  readonly Type: 'Fail';
  readonly Comment?: string;
  readonly Error?: string;
  readonly ErrorPath?: string;
  readonly Cause?: string;
  readonly CausePath?: string;
}

export interface ParallelDefinition extends Common, Flow, Shaping, Failing {
  readonly Type: 'Parallel';
  readonly Branches: readonly BlockDefinition[];
}

export interface MapDefinition extends Common, Flow, Shaping, Failing {
  readonly Type: 'Map';
  readonly ItemsPath?: string;
  readonly ItemSelector?: Json;
  readonly ItemProcessor?: BlockDefinition;
  /** The older name of ItemProcessor. */
  readonly Iterator?: BlockDefinition;
  readonly MaxConcurrency?: number;
  readonly MaxConcurrencyPath?: string;
}

export type StateDefinition =
  | PassDefinition
  | TaskDefinition
  | ChoiceDefinition
  | WaitDefinition
  | SucceedDefinition
  | FailDefinition
  | ParallelDefinition
  | MapDefinition;

export type StateType = StateDefinition['Type'];
