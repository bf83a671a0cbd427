/**
 * Puts children of map runs together once they have ended: nothing of them changes any more, unless those that have failed are
 * redriven, and in rows of their own they take twenty times as much. Those that begin and end within one batch never get rows;
 * others gather until there are enough of them, and lose their rows in the transaction that writes the pack.
 */
import type { Database } from '../../database/database.ts';
import type { Execution, ExecutionStatus } from '../../interpreter/execution.ts';
import { numberedArn } from '../child-names.ts';
import type { ChildToPack } from '../codecs/child-pack-codec.ts';
import { encodeFrame } from '../codecs/frame-codec.ts';
import { encodeExecution } from '../codecs/header-codec.ts';
import { encodeHistory } from '../codecs/history-codec.ts';
import type { PutValue } from '../codecs/stored-value.ts';
import type { Batch, PendingExecution } from './batch.ts';
import type { Siblings } from './child-packs-table.ts';
import { inRows } from './history-table.ts';
import type { KeptExecutionsParams } from './kept-executions.ts';
import { LONGEST_IN_CHILD } from './values.ts';

/** How many children make a pack. */
export interface PackSizes {
  /** Of those that begin and end within one batch, at least; and of those that are left when their run ends. */
  readonly least: number;
  /** Of those that had rows. */
  readonly gathered: number;
}

/** A pack of rows takes a few milliseconds to make. */
export const PACK_SIZES: PackSizes = { least: 16, gathered: 128 };

/** For tests: a handful of children makes several packs. */
export const SMALL_PACKS: PackSizes = { least: 2, gathered: 3 };

export interface Packing {
  /** Packs what begins and ends in a batch. @returns what needs no rows */
  packBrief(batch: Batch): ReadonlySet<PendingExecution>;
  /** Packs what has gathered, once the rows of the batch are written. @param packed what has none */
  packEnded(batch: Batch, packed: ReadonlySet<PendingExecution>): void;
}

/** What a pack may take before it is compressed, and one child of it, in bytes. */
const LARGEST_PACK = 262_144;
const LARGEST_CHILD = 65_536;
/** Runs whose children gather. */
const MOST_RUNS = 64;

type Packable = Siblings & { readonly index: number };

export function createPacking(
  db: Database,
  { childPacks, frames, history }: Pick<KeptExecutionsParams, 'childPacks' | 'frames' | 'history'>,
  { least, gathered }: PackSizes,
): Packing {
  const read = db.prepare(
    `SELECT header, started_at AS startedAt, stopped_at AS stoppedAt FROM executions
      WHERE id = ?1 AND status = ?2
        AND NOT EXISTS (SELECT 1 FROM stored_values WHERE execution = ?1)
        AND NOT EXISTS (SELECT 1 FROM outputs WHERE execution = ?1)`,
  );
  const remove = db.prepare('DELETE FROM executions WHERE id = ?');
  const removeHistory = db.prepare('DELETE FROM history WHERE execution = ?');
  /** Ids and indexes of children that have ended and have rows, by their runs and how they have ended. */
  const waiting = new Map<string, { readonly siblings: Siblings; readonly rows: Map<number, number> }>();

  const pack = (siblings: Siblings, children: readonly ChildToPack[]): void => {
    for (const part of inParts(children)) childPacks.add(siblings, part);
  };

  const packRows = (group: string): void => {
    const { siblings, rows } = waiting.get(group) ?? {};
    waiting.delete(group);
    if (!siblings || !rows || rows.size < least) return;
    const children = [...rows].flatMap(([id, index]): ChildToPack[] => {
      const row = read.get(id, siblings.status) as Pick<ChildToPack, 'header' | 'startedAt' | 'stoppedAt'> | undefined;
      const child = row && { ...row, id, index, history: history.runs(id), frames: frames.stored(id) };
      return child && sizeOf(child) <= LARGEST_CHILD ? [child] : [];
    });
    pack(siblings, children);
    for (const { id } of children) {
      remove.run(id);
      removeHistory.run(id);
      frames.drop(id);
    }
  };

  return {
    packBrief: (batch) => {
      const found = new Map<string, { siblings: Siblings; children: ChildToPack[]; pending: PendingExecution[] }>();
      for (const pending of batch.executions.values()) {
        const packable = pending.row === null ? packableOf(pending.execution) : undefined;
        const child = packable && childOf(packable, pending);
        if (!child) continue;
        const key = groupOf(packable);
        const group = found.get(key) ?? { siblings: packable, children: [], pending: [] };
        found.set(key, group);
        group.children.push(child);
        group.pending.push(pending);
      }
      const packed = new Set<PendingExecution>();
      for (const { siblings, children, pending } of found.values()) {
        if (children.length < least) continue;
        pack(siblings, children);
        for (const each of pending) packed.add(each);
      }
      return packed;
    },
    packEnded: (batch, packed) => {
      for (const pending of batch.executions.values()) {
        const packable = packed.has(pending) ? undefined : packableOf(pending.execution);
        if (!packable) continue;
        const key = groupOf(packable);
        const group = waiting.get(key) ?? { siblings: packable, rows: new Map() };
        waiting.set(key, group);
        group.rows.set(pending.id, packable.index);
        if (group.rows.size >= gathered) packRows(key);
      }
      for (const { run } of batch.mapRuns.values())
        if (run.status !== 'RUNNING') for (const status of ENDS) packRows(groupOf({ mapRunArn: run.arn, status }));
      for (const oldest of waiting.keys()) {
        if (waiting.size <= MOST_RUNS) break;
        packRows(oldest);
      }
    },
  };
}

const ENDS: readonly ExecutionStatus[] = ['SUCCEEDED', 'FAILED', 'TIMED_OUT', 'ABORTED'];

/** The children of one pack have one run, and one way to have ended. */
function groupOf({ mapRunArn, status }: Pick<Siblings, 'mapRunArn' | 'status'>): string {
  return `${status} ${mapRunArn}`;
}

/** Undefined for what is not the child of a map run, or has not ended. */
function packableOf({ arn, status, origin, stateMachineArn }: Execution): Packable | undefined {
  if (status === 'RUNNING' || origin?.kind !== 'mapRun') return undefined;
  const number = numberedArn(arn);
  if (number?.index !== origin.index) return undefined;
  return { ...number, mapRunArn: origin.mapRunArn, stateMachineArn, status };
}

/** Undefined where something of it would have to be kept apart. */
function childOf({ index }: Packable, pending: PendingExecution): ChildToPack | undefined {
  const { id, execution, frames, outputs } = pending;
  const { startedAt, stoppedAt } = execution;
  if (outputs.size > 0) return undefined;
  let isShort = true;
  const put: PutValue = (value) => {
    isShort &&= value.isShort(LONGEST_IN_CHILD);
    return isShort ? value.text : '';
  };
  const history: Uint8Array[] = [];
  inRows(pending.history, (run) => history.push(encodeHistory(run, put)));
  const header = encodeExecution(execution, put);
  const left = frames.values().flatMap((frame) => (frame ? [{ id: frame.id, frame: encodeFrame(frame, put) }] : []));
  const ends = { startedAt, stoppedAt: stoppedAt ?? startedAt };
  const child = { index, id, ...ends, header, history, frames: left.toArray() };
  return isShort && sizeOf(child) <= LARGEST_CHILD ? child : undefined;
}

function sizeOf({ header, history, frames }: Pick<ChildToPack, 'header' | 'history' | 'frames'>): number {
  const parts = [...history, ...frames.map(({ frame }) => frame)];
  return parts.reduce((sum, { length }) => sum + length, header.length);
}

function* inParts(children: readonly ChildToPack[]): Generator<readonly ChildToPack[]> {
  let part: ChildToPack[] = [];
  let size = 0;
  for (const child of children) {
    if (size + sizeOf(child) > LARGEST_PACK) {
      yield part;
      part = [];
      size = 0;
    }
    part.push(child);
    size += sizeOf(child);
  }
  if (part.length > 0) yield part;
}
