/** Object-created events, kept in the index until somebody acknowledges them (I4, I5). */
import type { Database } from '../../database/database.ts';
import type { ObjectEvent, ObjectEventName, ObjectEvents, ObjectInfo } from '../../ports/objects.ts';
import { type InfoRow, infoOf } from './object-row.ts';

export interface EventLog extends ObjectEvents {
  /** Adds an event to the transaction that is open. */
  add(name: ObjectEventName, at: number, object: ObjectInfo, writer?: string): void;
  /** Tells the listeners. After the commit, never inside it (I2). */
  announce(): void;
}

interface EventRow extends InfoRow {
  readonly id: number;
  readonly name: ObjectEventName;
  readonly at: number;
  readonly writer: string | null;
}

const ADD = `
  INSERT INTO events (name, at, bucket, key, size, etag, modified, sequencer, content_type, metadata, version, writer)
  VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`;
const PENDING = 'SELECT * FROM events WHERE id > ? ORDER BY id LIMIT ?';
const ACKNOWLEDGE = 'DELETE FROM events WHERE id = ?';

/** @param now milliseconds since the epoch */
export function createEventLog(db: Database, now: () => number): EventLog {
  const listeners: (() => void)[] = [];
  /** The id of the last event that was added since it was opened. Whoever has seen it need not look again. */
  let newest = Infinity;
  const log: EventLog = {
    add: (name, at, o, writer) => {
      const { bucket, key, size, eTag, sequencer, contentType } = o;
      const metadata = JSON.stringify(o.metadata);
      const { lastInsertRowid } = db
        .prepare(ADD)
        .run(
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
          o.versionId ?? null,
          writer ?? null,
        );
      newest = Number(lastInsertRowid);
    },
    // In a turn of its own: a listener that throws must not make the put fail that it is told of.
    announce: () => {
      for (const listener of listeners) queueMicrotask(listener);
    },
    pending: (limit, after = 0) =>
      after >= newest ? [] : (db.prepare(PENDING).all(after, limit) as unknown as EventRow[]).map(eventOf),
    acknowledge: (id) => {
      db.prepare(ACKNOWLEDGE).run(id);
    },
    raise: (objects) => {
      db.transaction(() => {
        for (const { name, object } of objects) log.add(name, now(), object);
      });
      log.announce();
    },
    onPending: (listener) => {
      listeners.push(listener);
    },
  };
  return log;
}

function eventOf(row: EventRow): ObjectEvent {
  const { id, name, at, writer } = row;
  return { id, name, at: new Date(at), object: infoOf(row), ...(writer !== null && { writer }) };
}
