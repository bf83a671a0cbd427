/** Where an execution stands: the statements over `frames` and `outputs`. */
import type { SQLInputValue } from 'node:sqlite';
import type { Database } from '../../database/database.ts';
import type { Frame, FrameId } from '../../interpreter/frame.ts';
import type { ChildOutput } from '../../ports/store.ts';
import { ChildOutputs } from '../../interpreter/child-outputs.ts';
import type { PackedFrame } from '../codecs/child-pack-codec.ts';
import { decodeFrame, encodeFrame, type StoredFrame } from '../codecs/frame-codec.ts';
import { decodeOutputs, encodeOutputs } from '../codecs/outputs-codec.ts';
import type { PutValue } from '../codecs/stored-value.ts';
import { FrameSlots, SLOTS } from './frame-slots.ts';
import type { Values } from './values.ts';

/** Executions are given by their rows' ids. */
export interface FramesTable {
  /** Where the frames of an execution lie. */
  slots(execution: number): FrameSlots;
  /** Writes frames, and drops others (null). */
  write(execution: number, slots: FrameSlots, frames: ReadonlyMap<FrameId, Frame | null>, put: PutValue): void;
  read(execution: number): Map<FrameId, Frame>;
  /** All of an execution, as they are stored. */
  stored(execution: number): PackedFrame[];
  drop(execution: number): void;
  /** Of one fork, and new, or in place of those with the same indexes. */
  putOutputs(execution: number, fork: string, outputs: readonly ChildOutput[], put: PutValue): void;
  dropOutputs(execution: number, fork: string): void;
  readOutputs(execution: number): ChildOutput[];
}

/** So many frames in one statement cost half of what they cost one by one. */
const AT_ONCE = 8;
const FIELDS = 3;

export function createFramesTable(db: Database, values: Values): FramesTable {
  const insert = (rows: number): string =>
    `INSERT OR REPLACE INTO frames (slot, id, frame) VALUES ${Array(rows).fill('(?, ?, ?)').join(', ')}`;
  const putOne = db.prepare(insert(1));
  const putMany = db.prepare(insert(AT_ONCE));
  const drop = db.prepare('DELETE FROM frames WHERE slot = ?');
  const dropAll = db.prepare('DELETE FROM frames WHERE slot >= ? AND slot < ?');
  const slots = db.prepare('SELECT id, slot - ?1 AS slot FROM frames WHERE slot >= ?1 AND slot < ?2');
  const read = db.prepare('SELECT id, frame FROM frames WHERE slot >= ? AND slot < ?');
  const putOutputs = db.prepare('INSERT INTO outputs (execution, fork, run) VALUES (?, ?, ?)');
  const dropOutputs = db.prepare('DELETE FROM outputs WHERE execution = ? AND fork = ?');
  const readOutputs = db.prepare('SELECT fork, run FROM outputs WHERE execution = ? ORDER BY fork, rowid');

  return {
    slots: (execution) => {
      const rows = slots.all(execution * SLOTS, (execution + 1) * SLOTS) as { id: FrameId; slot: number }[];
      return new FrameSlots(rows.map(({ id, slot }) => [id, slot]));
    },
    write: (execution, slots, frames, put) => {
      const first = execution * SLOTS;
      const rows: SQLInputValue[] = [];
      const emptied = slots.place(frames, (slot, frame) => {
        rows.push(first + slot, frame.id, encodeFrame(frame, put));
        if (rows.length < AT_ONCE * FIELDS) return;
        putMany.run(...rows);
        rows.length = 0;
      });
      for (let i = 0; i < rows.length; i += FIELDS) putOne.run(...rows.slice(i, i + FIELDS));
      for (const slot of emptied) drop.run(first + slot);
    },
    read: (execution) => {
      const get = values.getFor(execution);
      const rows = read.all(execution * SLOTS, (execution + 1) * SLOTS) as { id: FrameId; frame: StoredFrame }[];
      // Slots say nothing of an order, and it must be the same each time.
      rows.sort((a, b) => (a.id < b.id ? -1 : 1));
      return new Map(rows.map(({ id, frame }) => [id, decodeFrame(id, frame, get)]));
    },
    stored: (execution) => read.all(execution * SLOTS, (execution + 1) * SLOTS) as unknown as PackedFrame[],
    drop: (execution) => {
      dropAll.run(execution * SLOTS, (execution + 1) * SLOTS);
    },
    putOutputs: (execution, fork, outputs, put) => {
      putOutputs.run(execution, fork, encodeOutputs(outputs, put));
    },
    dropOutputs: (execution, fork) => {
      dropOutputs.run(execution, fork);
    },
    readOutputs: (execution) => {
      const get = values.getFor(execution);
      const outputs = new ChildOutputs();
      for (const { fork, run } of readOutputs.all(execution) as { fork: string; run: Uint8Array | string }[])
        for (const output of decodeOutputs(fork, run, get)) outputs.keep(output);
      return outputs.all();
    },
  };
}
