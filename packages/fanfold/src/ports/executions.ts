/** Starting, stopping and looking at executions: what the server, the triggers, the services and the CLI share. */
import type { Execution, ExecutionStatus, Origin } from '../interpreter/execution.ts';
import type { HistoryEvent } from '../interpreter/history.ts';
import type { TaskOutcome, TaskRef } from './services.ts';

export interface StartParams {
  /** May name a version or an alias. */
  readonly stateMachineArn: string;
  /** @defaultValue a UUID */
  readonly name?: string;
  /** JSON text. @defaultValue {} */
  readonly input?: string;
  readonly origin?: Origin;
  /**
   * Names the attempt that asks. Asking again under the same name is the same start, even when the execution has ended:
   * a task that is performed again after a crash finds what it had started.
   */
  readonly startedBy?: string;
  /** The X-Ray trace header, which is only shown again. */
  readonly traceHeader?: string;
}

export interface Started {
  readonly executionArn: string;
  readonly startDate: Date;
  /** It was there already, running, with the same input, or started by the same: starting twice is one start. */
  readonly existing: boolean;
}

export interface RedriveParams {
  readonly executionArn: string;
  /** Asking again with the same token is the same request. */
  readonly clientToken?: string;
  /** A corrected definition to go on with, in place of the one that the execution began with. */
  readonly definition?: string;
  /** Who waits for the execution from now on. @defaultValue who waited before */
  readonly origin?: Origin;
}

export interface HistoryPage {
  readonly events: readonly HistoryEvent[];
  /** Pass as `after` for the next page; absent on the last. */
  readonly next?: number;
}

export interface Executions {
  /** @throws ServiceError StateMachineDoesNotExist, StateMachineDeleting, ExecutionAlreadyExists, ExecutionLimitExceeded, InvalidExecutionInput, InvalidName, ValidationException */
  start(params: StartParams): Promise<Started>;
  /** Stopping what has ended changes nothing. @throws ServiceError ExecutionDoesNotExist */
  stop(params: { readonly executionArn: string; readonly error?: string; readonly cause?: string }): Promise<Date>;
  /**
   * Lets an execution that did not succeed go on from where it failed, with all that succeeded kept. Resolves with when.
   * @throws ServiceError ExecutionDoesNotExist, ExecutionNotRedrivable, InvalidDefinition
   */
  redrive(params: RedriveParams): Promise<Date>;
  /** @throws ServiceError ExecutionDoesNotExist */
  describe(executionArn: string): Promise<Execution>;
  /** Newest first. `next` is the ARN to pass as `after`. */
  list(params: {
    readonly stateMachineArn?: string;
    readonly stateMachineVersionArn?: string;
    readonly stateMachineAliasArn?: string;
    /** The children of a map run. */
    readonly mapRunArn?: string;
    readonly status?: ExecutionStatus;
    readonly after?: string;
    readonly limit?: number;
  }): Promise<{ readonly executions: readonly Execution[]; readonly next?: string }>;
  /** @throws ServiceError ExecutionDoesNotExist */
  history(params: {
    readonly executionArn: string;
    readonly reverse?: boolean;
    readonly after?: number;
    readonly limit?: number;
    readonly includeData?: boolean;
  }): Promise<HistoryPage>;
  /** Resolves when the execution has ended and that is durable. @throws ServiceError ExecutionDoesNotExist */
  closed(executionArn: string): Promise<Execution>;
}

/** Executions that somebody waits for, and that leave nothing behind: those of EXPRESS state machines. */
export interface SyncExecutions {
  /**
   * Resolves when the execution has ended.
   * @throws ServiceError StateMachineTypeNotSupported for a STANDARD machine, and as {@link Executions.start}
   */
  startSync(params: Omit<StartParams, 'origin'>): Promise<Execution>;
}

/** Gives an awaited task its outcome from outside. Resolves once that is durable; an outcome nobody awaits changes nothing (I3). */
export interface TaskOutcomes {
  settle(task: TaskRef, outcome: Exclude<TaskOutcome, { kind: 'submitted' }>): Promise<void>;
  /** The same for the end of a child: it counts once the service that started the child has said so. */
  settleChild: TaskOutcomes['settle'];
  /**
   * For work that outlives the engine: aborted when the task's outcome is not awaited any more. Undefined when it is not
   * awaited now. Resolves once all that was running is live again.
   */
  awaited(task: TaskRef): Promise<AbortSignal | undefined>;
}

export type { StateTests } from './state-tests.ts';
export type { StateMachineParams, StateMachines } from './state-machines.ts';
