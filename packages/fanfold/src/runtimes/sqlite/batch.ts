/**
 * What one event-loop turn wants written, merged: the group commit. What was made and dropped within the turn is not
 * in it any more, and each execution has one header and one run of history.
 */
import type { Execution } from '../../interpreter/execution.ts';
import type { Frame, FrameId } from '../../interpreter/frame.ts';
import type { HistoryRecord } from '../../interpreter/history.ts';
import type { MapRun, MapRunResult } from '../../ports/map-runs.ts';
import type { ActivityRecord, ChildOutput, Commit, OutboxMessage, StateMachineRecord } from '../../ports/store.ts';
import type { ExecutionRow } from './executions-table.ts';
import type { FrameSlots } from './frame-slots.ts';

/** All commits of one execution in a batch. Dropped forks go first, then outputs. */
export interface PendingExecution {
  readonly id: number;
  /** Null for an execution that this batch creates: there is nothing of it to drop in the database. */
  readonly row: ExecutionRow | null;
  readonly slots: FrameSlots;
  execution: Execution;
  /** Frames to write, or to drop (null). */
  readonly frames: Map<FrameId, Frame | null>;
  /** By fork. Of two with the same index the later one counts. */
  readonly outputs: Map<string, ChildOutput[]>;
  readonly droppedForks: Set<string>;
  readonly history: HistoryRecord[];
}

export type OutboxChange = { readonly kind: 'add' | 'forget'; readonly message: OutboxMessage };

export interface PendingMapRun {
  run: MapRun;
  scope?: string | undefined;
  readonly results: (readonly MapRunResult[])[];
}

export interface Batch {
  /** How many were merged. */
  commits: number;
  readonly executions: Map<string, PendingExecution>;
  /** In the order of the calls. */
  readonly outbox: OutboxChange[];
  readonly definitions: Map<string, string>;
  /** By ARN; null removes one. */
  readonly stateMachines: Map<string, StateMachineRecord | null>;
  /** By ARN; null removes one. */
  readonly activities: Map<string, ActivityRecord | null>;
  /** By ARN; `results` are rows to add. */
  readonly mapRuns: Map<string, PendingMapRun>;
  /** Somebody waits for it to be safe from a power cut. */
  sync: boolean;
  /** Settles when the batch is written, or cannot be. */
  readonly written: PromiseWithResolvers<void>;
}

export function createBatch(): Batch {
  return {
    commits: 0,
    executions: new Map(),
    outbox: [],
    definitions: new Map(),
    stateMachines: new Map(),
    activities: new Map(),
    mapRuns: new Map(),
    sync: false,
    written: Promise.withResolvers(),
  };
}

/** Nothing but a sync was asked for. */
export function isEmpty(batch: Batch): boolean {
  return (
    batch.executions.size === 0 &&
    batch.outbox.length === 0 &&
    batch.definitions.size === 0 &&
    batch.stateMachines.size === 0 &&
    batch.activities.size === 0 &&
    batch.mapRuns.size === 0
  );
}

export function createPending(
  { id, row, slots }: Pick<PendingExecution, 'id' | 'row' | 'slots'>,
  execution: Execution,
): PendingExecution {
  return { id, row, slots, execution, frames: new Map(), outputs: new Map(), droppedForks: new Set(), history: [] };
}

export function merge(pending: PendingExecution, commit: Commit): void {
  pending.execution = commit.execution;
  for (const [id, frame] of commit.frames) {
    if (frame === null && pending.row === null) pending.frames.delete(id);
    else pending.frames.set(id, frame);
  }
  for (const output of commit.outputs) {
    const fork = pending.outputs.get(output.fork);
    if (fork) fork.push(output);
    else pending.outputs.set(output.fork, [output]);
  }
  for (const fork of commit.droppedForks) {
    pending.outputs.delete(fork);
    if (pending.row !== null) pending.droppedForks.add(fork);
  }
  for (const record of commit.history) pending.history.push(record);
}
