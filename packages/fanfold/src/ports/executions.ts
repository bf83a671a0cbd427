/** Starting, stopping and looking at executions: what the server, the triggers, the services and the CLI share. */
import type { Execution, ExecutionStatus, ExecutionType, Origin } from '../interpreter/execution.ts';
import type { HistoryEvent } from '../interpreter/history.ts';
import type { TaskOutcome, TaskRef } from './services.ts';
import type { StateMachineRecord } from './store.ts';

export interface StartParams {
  readonly stateMachineArn: string;
  /** @defaultValue a UUID */
  readonly name?: string;
  /** JSON text. @defaultValue {} */
  readonly input?: string;
  readonly origin?: Origin;
}

export interface Started {
  readonly executionArn: string;
  readonly startDate: Date;
  /** It was there already, running, with the same input: starting twice is one start. */
  readonly existing: boolean;
}

export interface HistoryPage {
  readonly events: readonly HistoryEvent[];
  /** Pass as `after` for the next page; absent on the last. */
  readonly next?: number;
}

export interface Executions {
  /** @throws ServiceError StateMachineDoesNotExist, ExecutionAlreadyExists, InvalidExecutionInput, InvalidName */
  start(params: StartParams): Promise<Started>;
  /** Stopping what has ended changes nothing. @throws ServiceError ExecutionDoesNotExist */
  stop(params: { readonly executionArn: string; readonly error?: string; readonly cause?: string }): Promise<Date>;
  /** @throws ServiceError ExecutionDoesNotExist */
  describe(executionArn: string): Promise<Execution>;
  /** Newest first. `next` is the ARN to pass as `after`. */
  list(params: {
    readonly stateMachineArn?: string;
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

/** Gives an awaited task its outcome from outside. Resolves once that is durable; an outcome nobody awaits changes nothing (I3). */
export interface TaskOutcomes {
  settle(task: TaskRef, outcome: Exclude<TaskOutcome, { kind: 'submitted' }>): Promise<void>;
}

export interface StateMachineParams {
  readonly name: string;
  /** The text of the definition. */
  readonly definition: string;
  readonly roleArn: string;
  readonly type: ExecutionType;
}

export interface StateMachines {
  /** Makes the machine, or gives an existing one a new definition; running executions keep theirs. @throws ServiceError InvalidDefinition */
  put(params: StateMachineParams): Promise<StateMachineRecord>;
  /** @throws ServiceError StateMachineDoesNotExist */
  describe(stateMachineArn: string): Promise<StateMachineRecord & { readonly definitionText: string }>;
  /** The machine with the definition and the role that this execution began with. @throws ServiceError ExecutionDoesNotExist */
  describeForExecution(executionArn: string): Promise<StateMachineRecord & { readonly definitionText: string }>;
  list(): Promise<readonly StateMachineRecord[]>;
}
