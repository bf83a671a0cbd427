/** Where an execution stands: the statements over `frames` and `outputs`. */
import type { Database } from '../../database/database.ts';
import type { Frame, FrameId } from '../../interpreter/frame.ts';
import type { ChildOutput } from '../../ports/store.ts';
import { ChildOutputs } from '../../interpreter/child-outputs.ts';
import { decodeFrame, encodeFrame, type StoredFrame } from '../codecs/frame-codec.ts';
import type { StoredValue } from '../codecs/stored-value.ts';
import type { Values } from './values.ts';

type OutputRun = (readonly [index: number, value: StoredValue])[];

/** Executions are given by their rows' ids. */
export interface FramesTable {
  put(execution: number, frame: Frame): void;
  drop(execution: number, id: FrameId): void;
  read(execution: number): Map<FrameId, Frame>;
  /** Of one fork, and new, or in place of those with the same indexes. */
  putOutputs(execution: number, fork: string, outputs: readonly ChildOutput[]): void;
  dropOutputs(execution: number, fork: string): void;
  readOutputs(execution: number): ChildOutput[];
}

export function createFramesTable(db: Database, values: Values): FramesTable {
  const put = db.prepare(
    `INSERT INTO frames (execution, id, frame) VALUES (?, ?, ?)
      ON CONFLICT (execution, id) DO UPDATE SET frame = excluded.frame`,
  );
  const drop = db.prepare('DELETE FROM frames WHERE execution = ? AND id = ?');
  const read = db.prepare('SELECT id, frame FROM frames WHERE execution = ?');
  const putOutputs = db.prepare('INSERT INTO outputs (execution, fork, run) VALUES (?, ?, ?)');
  const dropOutputs = db.prepare('DELETE FROM outputs WHERE execution = ? AND fork = ?');
  const readOutputs = db.prepare('SELECT fork, run FROM outputs WHERE execution = ? ORDER BY fork, rowid');

  return {
    put: (execution, frame) => {
      put.run(execution, frame.id, encodeFrame(frame, values.putFor(execution)));
    },
    drop: (execution, id) => {
      drop.run(execution, id);
    },
    read: (execution) => {
      const get = values.getFor(execution);
      const rows = read.all(execution) as { id: FrameId; frame: StoredFrame }[];
      return new Map(rows.map(({ id, frame }) => [id, decodeFrame(id, frame, get)]));
    },
    putOutputs: (execution, fork, outputs) => {
      const put = values.putFor(execution);
      const run: OutputRun = outputs.map(({ index, value }) => [index, put(value)]);
      putOutputs.run(execution, fork, JSON.stringify(run));
    },
    dropOutputs: (execution, fork) => {
      dropOutputs.run(execution, fork);
    },
    readOutputs: (execution) => {
      const get = values.getFor(execution);
      const outputs = new ChildOutputs();
      for (const { fork, run } of readOutputs.all(execution) as { fork: string; run: string }[]) {
        for (const [index, value] of JSON.parse(run) as OutputRun) outputs.keep({ fork, index, value: get(value) });
      }
      return outputs.all();
    },
  };
}
