/**
 * Where executions are kept. A commit is atomic for ONE execution and durable when its promise resolves; executions
 * never share a transaction. A store that can write many commits at once may do so (group commit).
 */
import type { Execution, ExecutionStatus, Origin } from '../interpreter/execution.ts';
import type { Frame, FrameId } from '../interpreter/frame.ts';
import type { HistoryRecord } from '../interpreter/history.ts';
import type { Value } from '../interpreter/value.ts';
import type { ActivityRecord } from './activities.ts';
import type { MapRunStore } from './map-runs.ts';
import type { StateMachineRecord } from './state-machines.ts';

export type { ActivityRecord } from './activities.ts';
export type { StateMachineRecord } from './state-machines.ts';

/** The output of one finished child, kept apart from its parent's frame until the parent folds. */
export interface ChildOutput {
  readonly fork: string;
  readonly index: number;
  readonly value: Value;
}

/** What one or more steps of one execution add. Everything in it becomes durable together, or nothing does (I1). */
export interface Commit {
  readonly execution: Execution;
  /** Frames written, or dropped (null). */
  readonly frames: ReadonlyMap<FrameId, Frame | null>;
  readonly outputs: readonly ChildOutput[];
  /** Forks whose outputs are not needed any more. Applies after `outputs`. */
  readonly droppedForks: readonly string[];
  readonly history: readonly HistoryRecord[];
  readonly outbox: readonly OutboxMessage[];
}

/** What an execution says to others. */
export type OutboxBody = {
  /** The execution ended, and its origin waits for that. */
  readonly kind: 'closed';
  readonly origin: Origin;
};

/** A message to somebody outside the execution: kept with the commit until acknowledged, delivered at least once. */
export interface OutboxMessage {
  /** The sender. */
  readonly executionArn: string;
  /** Unique among the sender's messages; given by the sender, so that it need not be read back. */
  readonly key: string;
  readonly body: OutboxBody;
}

/** An execution as `step` needs it. */
export interface LoadedExecution {
  readonly execution: Execution;
  readonly frames: ReadonlyMap<FrameId, Frame>;
  readonly outputs: readonly ChildOutput[];
}

export interface ListParams {
  /** The executions of a machine, or of a version of it, or those started through an alias. */
  readonly stateMachineArn?: string;
  readonly stateMachineVersionArn?: string;
  readonly stateMachineAliasArn?: string;
  /** The children of a map run. */
  readonly mapRunArn?: string;
  readonly status?: ExecutionStatus;
  /** An execution's ARN: start behind it. */
  readonly after?: string;
  readonly limit: number;
}

export interface HistoryParams {
  readonly executionArn: string;
  readonly limit: number;
  readonly reverse?: boolean;
  /** An event id: start behind it, in the direction asked for. */
  readonly after?: number;
}

/** Which finished executions are to go: those that ended too long ago, and the oldest ones of too many. */
export interface PruneParams {
  /** Milliseconds since the epoch. */
  readonly endedBefore: number;
  /** How many finished executions may stay; null is any number. */
  readonly keep: number | null;
  /** The most executions to remove now. */
  readonly limit: number;
}

export interface Pruned {
  readonly removed: number;
  readonly more: boolean;
}

export interface Store extends MapRunStore {
  /** Keeps a definition under its hash; keeping it again changes nothing. */
  saveDefinition(hash: string, text: string): Promise<void>;
  definition(hash: string): Promise<string | undefined>;
  saveStateMachine(record: StateMachineRecord): Promise<void>;
  stateMachine(arn: string): Promise<StateMachineRecord | undefined>;
  /** Its executions stay, and so does its definition. Removing what is not there changes nothing. */
  removeStateMachine(arn: string): Promise<void>;
  /** By name. */
  stateMachines(): Promise<readonly StateMachineRecord[]>;

  saveActivity(record: ActivityRecord): Promise<void>;
  activity(arn: string): Promise<ActivityRecord | undefined>;
  /** Removing what is not there changes nothing. */
  removeActivity(arn: string): Promise<void>;
  /** By name. */
  activities(): Promise<readonly ActivityRecord[]>;

  /** Writes the first commit of an execution. False, and nothing written, when there is one with this ARN. */
  create(commit: Commit): Promise<boolean>;
  /** Commits of one execution are applied in the order of the calls. */
  commit(commit: Commit): Promise<void>;
  load(executionArn: string): Promise<LoadedExecution | undefined>;
  describe(executionArn: string): Promise<Execution | undefined>;
  /** Newest first. */
  list(params: ListParams): Promise<readonly Execution[]>;
  history(params: HistoryParams): Promise<readonly HistoryRecord[]>;
  /** ARNs of all running executions, oldest first. */
  running(): Promise<readonly string[]>;

  /**
   * Removes some finished executions, with all that there is of them, and gives back what they took; those that still owe
   * somebody a message stay, and those with a map run that has not ended. Children of a map run that have ended may be kept together: they go together then, when the last
   * of them is to go, and `limit` may be passed by that. Does a bounded amount of work: call it again while there is `more`.
   */
  prune(params: PruneParams): Promise<Pruned>;

  /** Messages not yet acknowledged, oldest first. */
  outbox(): Promise<readonly OutboxMessage[]>;
  /** Forgets a message that its receiver has taken in for good. */
  acknowledge(message: OutboxMessage): Promise<void>;

  /**
   * Set while no execution had better be started, because the disk does not keep up with what is written already: resolves
   * when there is room again. Of a store without it there is always room.
   */
  hasRoom?(): Promise<void> | undefined;
  /** The most events that the next commit had better take in. @defaultValue as the engine sees fit */
  eventsPerTurn?(): number | undefined;

  /** Resolves once every commit made so far survives a power cut, whatever the durability (I2). */
  sync(): Promise<void>;
  close(): Promise<void>;
}
