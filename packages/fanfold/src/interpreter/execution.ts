/** The header of an execution: what there is one of, however many lines of control it has. */
import type { FrameId } from './frame.ts';
import type { Limits, LimitWarning } from './limits.ts';
import type { Value } from './value.ts';

export type ExecutionStatus = 'RUNNING' | 'SUCCEEDED' | 'FAILED' | 'TIMED_OUT' | 'ABORTED';

export type ExecutionType = 'STANDARD' | 'EXPRESS';

export interface Execution {
  readonly arn: string;
  readonly name: string;
  readonly stateMachineArn: string;
  /** Hash of the definition it began with and keeps, unless it is redriven with another. */
  readonly definition: string;
  readonly type: ExecutionType;
  /** Which block of the definition it runs; absent for the state machine itself, set for the child of a map run. */
  readonly block?: number;
  readonly roleArn: string;
  readonly status: ExecutionStatus;
  /** Milliseconds since the epoch. */
  readonly startedAt: number;
  readonly stoppedAt: number | null;
  /** When TimeoutSeconds of the state machine ends it, milliseconds since the epoch. */
  readonly deadline: number | null;
  readonly input: Value;
  readonly output: Value | null;
  readonly error: string | null;
  readonly cause: string | null;
  /** Event ids are dense: the next event has this plus one. */
  readonly lastEventId: number;
  /** When the last event was, milliseconds since the epoch; absent before the first one. */
  readonly lastEventAt?: number;
  /** States entered, in all frames, once more for each retry and each redrive, as AWS bills them. */
  readonly transitions: number;
  /** Frames that `step` had no time left to run, the next one last. Empty unless a `continue` is due. */
  readonly ready: readonly FrameId[];
  /** Whose limits it began with and keeps. @defaultValue local */
  readonly limits?: Limits;
  /** Where it passed a limit of AWS that it does not keep; one for each kind. Absent while there is none. */
  readonly warnings?: readonly LimitWarning[];
  /** Its variables have so many bytes at most; measured anew when that comes to the limit. Absent while none was assigned. */
  readonly variableBytes?: number;
  /** Size of the outputs of children that are not folded yet, in UTF-16 units. Absent while there was none. */
  readonly heldUnits?: number;
  /** Who waits for the end of this execution. */
  readonly origin: Origin | null;
  /** Names the attempt of a task that started it, where one did. */
  readonly startedBy?: string;
  /** The version and the alias that it was started with, where it was. */
  readonly stateMachineVersionArn?: string;
  readonly stateMachineAliasArn?: string;
  /** The X-Ray trace header that came with the start; only shown. */
  readonly traceHeader?: string;
  /** The state machine's revision that it began with; absent where the machine had never been changed. */
  readonly revisionId?: string;
  /** Absent while it was never redriven. */
  readonly redrive?: Redrive;
}

/** That an execution was redriven after it had failed, and how. */
export interface Redrive {
  /** How often. */
  readonly count: number;
  /** The last time, milliseconds since the epoch. */
  readonly at: number;
  /** The client tokens of the last few times, the newest last. */
  readonly tokens: readonly { readonly token: string; readonly at: number }[];
  /** The definitions that it had before, where a redrive gave it another; each holds for events up to one, oldest first. */
  readonly formerDefinitions: readonly { readonly definition: string; readonly throughEvent: number }[];
  /** It was started by a task, but redriven by itself: the task does not wait for it, and does not take it along. */
  readonly alone: boolean;
}

/** What an execution was started by, and so who is told when it ends. */
export type Origin =
  | {
      /** A Task state of another execution. */
      readonly kind: 'task';
      readonly executionArn: string;
      readonly frame: FrameId;
      readonly attempt: number;
      /** How the parent wants the output: `.sync` as text, `.sync:2` as JSON. */
      readonly output: 'text' | 'json';
    }
  | {
      /** The map run of a distributed Map. */
      readonly kind: 'mapRun';
      readonly mapRunArn: string;
      /** Which of the run's children it is, and how many items it has. */
      readonly index: number;
      readonly items: number;
      /** How often the run had been redriven when it was begun, or redriven. */
      readonly redriveCount: number;
    }
  | {
      /** An object that arrived. */
      readonly kind: 'object';
      readonly trigger: string;
      readonly bucket: string;
      readonly key: string;
      readonly sequencer: string;
      /** It is a manifest, and of its files no version is of this start whose sequencer is greater. */
      readonly filesUpTo?: string;
    };

/** Who is told by the composition root. */
export type OutsideOrigin = Exclude<Origin, { kind: 'mapRun' }>;

export function isClosed(execution: Execution): boolean {
  return execution.status !== 'RUNNING';
}

/** What is the same for all executions that have not begun. */
type Unbegun = Pick<
  Execution,
  'status' | 'stoppedAt' | 'deadline' | 'output' | 'error' | 'cause' | 'lastEventId' | 'transitions' | 'ready'
>;

const UNBEGUN: Unbegun = {
  status: 'RUNNING',
  stoppedAt: null,
  deadline: null,
  output: null,
  error: null,
  cause: null,
  lastEventId: 0,
  transitions: 0,
  ready: [],
};

/** An execution before its first step. */
export function freshExecution(start: Omit<Execution, keyof Unbegun>): Execution {
  return { ...start, ...UNBEGUN };
}
