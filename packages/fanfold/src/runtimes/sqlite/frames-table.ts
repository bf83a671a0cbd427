/** Where an execution stands: the statements over `frames` and `outputs`. */
import type { Database } from '../../database/database.ts';
import type { Frame, FrameId } from '../../interpreter/frame.ts';
import type { ChildOutput } from '../../ports/store.ts';
import { decodeFrame, encodeFrame } from '../frame-codec.ts';
import type { StoredValue } from '../stored-value.ts';
import type { Values } from './values.ts';

/** Executions are given by their rows' ids. */
export interface FramesTable {
  put(execution: number, frame: Frame): void;
  drop(execution: number, id: FrameId): void;
  read(execution: number): Map<FrameId, Frame>;
  putOutput(execution: number, output: ChildOutput): void;
  dropOutputs(execution: number, fork: string): void;
  readOutputs(execution: number): ChildOutput[];
}

export function createFramesTable(db: Database, values: Values): FramesTable {
  const put = db.prepare(
    `INSERT INTO frames (execution, id, frame) VALUES (?, ?, ?)
      ON CONFLICT (execution, id) DO UPDATE SET frame = excluded.frame`,
  );
  const drop = db.prepare('DELETE FROM frames WHERE execution = ? AND id = ?');
  const read = db.prepare('SELECT frame FROM frames WHERE execution = ?');
  const putOutput = db.prepare(
    `INSERT INTO outputs (execution, fork, position, value) VALUES (?, ?, ?, ?)
      ON CONFLICT (execution, fork, position) DO UPDATE SET value = excluded.value`,
  );
  const dropOutputs = db.prepare('DELETE FROM outputs WHERE execution = ? AND fork = ?');
  const readOutputs = db.prepare(
    'SELECT fork, position, value FROM outputs WHERE execution = ? ORDER BY fork, position',
  );

  return {
    put: (execution, frame) => {
      put.run(execution, frame.id, encodeFrame(frame, values.putFor(execution)));
    },
    drop: (execution, id) => {
      drop.run(execution, id);
    },
    read: (execution) => {
      const get = values.getFor(execution);
      const frames = (read.all(execution) as { frame: string }[]).map((row) => decodeFrame(row.frame, get));
      return new Map(frames.map((frame) => [frame.id, frame]));
    },
    putOutput: (execution, { fork, index, value }) => {
      putOutput.run(execution, fork, index, values.putFor(execution)(value));
    },
    dropOutputs: (execution, fork) => {
      dropOutputs.run(execution, fork);
    },
    readOutputs: (execution) => {
      const get = values.getFor(execution);
      const rows = readOutputs.all(execution) as { fork: string; position: number; value: StoredValue }[];
      return rows.map(({ fork, position, value }) => ({ fork, index: position, value: get(value) }));
    },
  };
}
