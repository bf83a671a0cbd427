/**
 * Where the values of executions lie: short texts in the rows that mention them, longer ones once in `stored_values`,
 * the longest in files. A Value that is stored once is known again, and written by reference from then on.
 */
import type { Database } from '../../database/database.ts';
import type { Execution } from '../../interpreter/execution.ts';
import { Value } from '../../interpreter/value.ts';
import type { GetValue, PutValue } from '../codecs/stored-value.ts';
import type { ValueFiles } from './value-files.ts';

/**
 * Lengths of texts, in UTF-16 units: to be compared for every value, so it must cost nothing. What a task answers stands in the
 * history, in the frame that goes on with it and at last in the header: a longer one is written once and named there.
 */
const LONGEST_IN_PLACE = 512;
/** Of children of map runs, which are packed with what stands in their rows. */
export const LONGEST_IN_CHILD = 4096;
const SHORTEST_IN_FILE = 65_536;

export interface Values {
  /** Stores values for an execution, whose row has this id; within a transaction. */
  putFor(id: number, execution: Pick<Execution, 'origin'>): PutValue;
  getFor(execution: number): GetValue;
  /** Makes the files of values survive a power cut, those of an earlier opening included. */
  sync(): void;
}

export function createValues(db: Database, files: ValueFiles): Values {
  const insert = db.prepare('INSERT INTO stored_values (id, execution, text) VALUES (?, ?, ?)');
  const select = db.prepare('SELECT text FROM stored_values WHERE id = ?');
  const markSynced = db.prepare(
    'UPDATE value_files SET synced_through = (SELECT coalesce(max(id), 0) FROM stored_values)',
  );
  const { last } = db.prepare('SELECT coalesce(max(id), 0) AS last FROM stored_values').get() as { last: number };
  let nextId = last + 1;
  /** The ids of stored values, by execution: a value is never shared between executions, so that each can be deleted. */
  const known = new WeakMap<Value, Map<number, number>>();

  const register = (value: Value, execution: number, id: number): void => {
    const ids = known.get(value);
    if (ids) ids.set(execution, id);
    else known.set(value, new Map([[execution, id]]));
  };

  const store = (value: Value, execution: number): number => {
    const id = nextId++;
    const inFile = value.text.length >= SHORTEST_IN_FILE;
    if (inFile) files.write(id, value.text);
    insert.run(id, execution, inFile ? null : value.text);
    register(value, execution, id);
    return id;
  };

  const read = (id: number): { text: string | null } | undefined => {
    try {
      return select.get(id) as { text: string | null } | undefined;
    } catch (cause) {
      throw new Error(`Cannot read the stored value ${id}. Keep the store open while its values are in use.`, {
        cause,
      });
    }
  };

  const load = (id: number): string => {
    const row = read(id);
    if (!row) throw new Error(`The stored value ${id} is gone: its execution has been deleted.`);
    return row.text ?? files.read(id);
  };

  return {
    putFor: (execution, { origin }) => {
      const longest = origin?.kind === 'mapRun' ? LONGEST_IN_CHILD : LONGEST_IN_PLACE;
      // Most are short, and none of them has an id.
      return (value) =>
        value.isShort(longest) ? value.text : (known.get(value)?.get(execution) ?? store(value, execution));
    },
    getFor: (execution) => {
      const loaded = new Map<number, Value>();
      return (stored) => {
        if (typeof stored === 'string') return Value.ofText(stored);
        let value = loaded.get(stored);
        if (!value) {
          value = Value.lazy(() => load(stored));
          loaded.set(stored, value);
          register(value, execution, stored);
        }
        return value;
      };
    },
    sync: () => {
      if (files.sync()) markSynced.run();
    },
  };
}

/** Removes the files of values that were never committed, and finds those that a power cut could still take. */
export function sweepValueFiles(db: Database, files: ValueFiles): void {
  const select = db.prepare(
    `SELECT id > synced_through AS unsynced FROM stored_values, value_files WHERE id = ? AND text IS NULL`,
  );
  files.sweep((id) => {
    const row = select.get(id) as { unsynced: number } | undefined;
    if (!row) return 'orphan';
    return row.unsynced ? 'unsynced' : 'synced';
  });
}
