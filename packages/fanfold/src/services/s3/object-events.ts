/** Object-created events, kept in the index until somebody acknowledges them (I4, I5). */
import type { Database } from '../../database/database.ts';
import type { ObjectEvent, ObjectEventName, ObjectEvents, ObjectInfo } from '../../ports/objects.ts';
import { type InfoRow, infoOf } from './object-row.ts';

export interface EventLog extends ObjectEvents {
  /** Adds an event to the transaction that is open. */
  add(name: ObjectEventName, at: number, object: ObjectInfo): void;
  /** Tells the listeners. After the commit, never inside it (I2). */
  announce(): void;
}

interface EventRow extends InfoRow {
  readonly id: number;
  readonly name: ObjectEventName;
  readonly at: number;
}

const ADD = `
  INSERT INTO events (name, at, bucket, key, size, etag, modified, sequencer, content_type, metadata)
  VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`;
const PENDING = 'SELECT * FROM events WHERE id > ? ORDER BY id LIMIT ?';
const ACKNOWLEDGE = 'DELETE FROM events WHERE id = ?';

export function createEventLog(db: Database): EventLog {
  const listeners: (() => void)[] = [];
  return {
    add: (name, at, o) => {
      const { bucket, key, size, eTag, sequencer, contentType } = o;
      const metadata = JSON.stringify(o.metadata);
      db.prepare(ADD).run(
        name,
        at,
        bucket,
        key,
        size,
        eTag,
        o.lastModified.getTime(),
        sequencer,
        contentType,
        metadata,
      );
    },
    // In a turn of its own: a listener that throws must not make the put fail that it is told of.
    announce: () => {
      for (const listener of listeners) queueMicrotask(listener);
    },
    pending: (limit, after = 0) => (db.prepare(PENDING).all(after, limit) as unknown as EventRow[]).map(eventOf),
    acknowledge: (id) => {
      db.prepare(ACKNOWLEDGE).run(id);
    },
    onPending: (listener) => {
      listeners.push(listener);
    },
  };
}

function eventOf(row: EventRow): ObjectEvent {
  return { id: row.id, name: row.name, at: new Date(row.at), object: infoOf(row) };
}
