/** Queues and messages in SQLite: the statements. What comes in was checked before; callers hold the transaction. */
import type { Database } from '../../database/database.ts';

export interface QueueRow {
  readonly id: number;
  readonly name: string;
  readonly attributes: string;
  readonly tags: string;
  readonly created_at: number;
  readonly modified_at: number;
  readonly purged_at: number | null;
}

export interface MessageRow {
  readonly id: number;
  readonly queue_id: number;
  readonly message_id: string;
  readonly body: string;
  readonly attributes: string | null;
  readonly sent_at: number;
  readonly visible_at: number;
  readonly receive_count: number;
  readonly first_received_at: number | null;
  readonly receipt: string | null;
  readonly group_id: string | null;
  readonly deduplication_id: string | null;
  readonly dead_letter_source: string | null;
}

export interface NewMessage {
  readonly messageId: string;
  readonly body: string;
  readonly attributes: string | null;
  readonly sentAt: number;
  readonly visibleAt: number;
  readonly groupId: string | null;
  readonly deduplicationId: string | null;
}

export interface Given {
  readonly message_id: string;
  readonly sequence: number;
}

const INSERT = `
  INSERT INTO messages (queue_id, message_id, body, attributes, sent_at, visible_at, group_id, deduplication_id)
  VALUES (?, ?, ?, ?, ?, ?, ?, ?) RETURNING id`;
/** Of a group nothing is given out while any of its messages is out or delayed. */
const NEXT_FIFO = `
  SELECT * FROM messages INDEXED BY messages_by_arrival
  WHERE queue_id = ?1 AND visible_at <= ?2 AND group_id NOT IN
    (SELECT group_id FROM messages WHERE queue_id = ?1 AND visible_at > ?2)
  ORDER BY id LIMIT ?3`;
const NEXT = 'SELECT * FROM messages WHERE queue_id = ? AND visible_at <= ? ORDER BY visible_at, id LIMIT ?';
const RECEIVE = `
  UPDATE messages SET visible_at = ?, receive_count = receive_count + 1, receipt = ?,
    first_received_at = coalesce(first_received_at, ?)
  WHERE id = ?`;
const BURY = `
  UPDATE messages SET queue_id = ?, visible_at = ?, receive_count = 0, first_received_at = NULL, receipt = NULL,
    dead_letter_source = ?
  WHERE id = ?`;
const COUNTS = `
  SELECT count(*) FILTER (WHERE visible_at <= ?2) AS visible,
    count(*) FILTER (WHERE visible_at > ?2 AND receipt IS NOT NULL) AS inFlight,
    count(*) FILTER (WHERE visible_at > ?2 AND receipt IS NULL) AS delayed
  FROM messages WHERE queue_id = ?1`;
const REMEMBER = `
  INSERT INTO deduplication (queue_id, key, message_id, sequence, until) VALUES (?, ?, ?, ?, ?)
  ON CONFLICT (queue_id, key) DO UPDATE SET message_id = excluded.message_id, sequence = excluded.sequence, until = excluded.until`;

export interface MessageCounts {
  readonly visible: number;
  readonly inFlight: number;
  readonly delayed: number;
}

export interface MessageStore {
  queues(): readonly QueueRow[];
  createQueue(name: string, attributes: string, now: number): QueueRow;
  setAttributes(queue: number, attributes: string, now: number): void;
  setTags(queue: number, tags: string): void;
  deleteQueue(queue: number): void;
  purge(queue: number, now: number): void;
  /** @returns its place in the order of arrival */
  insert(queue: number, message: NewMessage): number;
  /** What can be received at this time, in order. */
  next(queue: number, params: { readonly fifo: boolean; readonly now: number; readonly limit: number }): MessageRow[];
  receive(id: number, params: { readonly until: number; readonly receipt: string; readonly now: number }): void;
  /** Moves a message that was received too often. */
  bury(id: number, params: { readonly into: number; readonly from: string; readonly now: number }): void;
  message(id: number): MessageRow | undefined;
  hide(id: number, until: number): void;
  delete(id: number): void;
  /** Deletes what was sent before, and forgets the keys whose time is over. */
  expire(queue: number, sentBefore: number, now: number): void;
  /** When the next message that is out or delayed comes back. */
  nextVisible(queue: number, now: number): number | undefined;
  counts(queue: number, now: number): MessageCounts;
  given(queue: number, key: string, now: number): Given | undefined;
  remember(queue: number, key: string, given: Given, until: number): void;
}

export function createMessageStore(db: Database): MessageStore {
  const run = (sql: string, ...values: (string | number | null)[]): void => void db.prepare(sql).run(...values);
  return {
    queues: () => db.prepare('SELECT * FROM queues ORDER BY name').all() as unknown as QueueRow[],
    createQueue: (name, attributes, now) =>
      db
        .prepare('INSERT INTO queues (name, attributes, created_at, modified_at) VALUES (?, ?, ?, ?) RETURNING *')
        .get(name, attributes, now, now) as unknown as QueueRow,
    setAttributes: (queue, attributes, now) =>
      run('UPDATE queues SET attributes = ?, modified_at = ? WHERE id = ?', attributes, now, queue),
    setTags: (queue, tags) => run('UPDATE queues SET tags = ? WHERE id = ?', tags, queue),
    deleteQueue: (queue) => run('DELETE FROM queues WHERE id = ?', queue),
    purge: (queue, now) => {
      run('DELETE FROM messages WHERE queue_id = ?', queue);
      run('UPDATE queues SET purged_at = ? WHERE id = ?', now, queue);
    },
    insert: (queue, { messageId, body, attributes, sentAt, visibleAt, groupId, deduplicationId }) => {
      const row = db
        .prepare(INSERT)
        .get(queue, messageId, body, attributes, sentAt, visibleAt, groupId, deduplicationId) as { id: number };
      return row.id;
    },
    next: (queue, { fifo, now, limit }) =>
      db.prepare(fifo ? NEXT_FIFO : NEXT).all(queue, now, limit) as unknown as MessageRow[],
    receive: (id, { until, receipt, now }) => run(RECEIVE, until, receipt, now, id),
    bury: (id, { into, from, now }) => run(BURY, into, now, from, id),
    message: (id) => db.prepare('SELECT * FROM messages WHERE id = ?').get(id) as MessageRow | undefined,
    hide: (id, until) => run('UPDATE messages SET visible_at = ? WHERE id = ?', until, id),
    delete: (id) => run('DELETE FROM messages WHERE id = ?', id),
    expire: (queue, sentBefore, now) => {
      run('DELETE FROM messages WHERE queue_id = ? AND sent_at <= ?', queue, sentBefore);
      run('DELETE FROM deduplication WHERE until <= ?', now);
    },
    nextVisible: (queue, now) => {
      const sql = 'SELECT min(visible_at) AS at FROM messages WHERE queue_id = ? AND visible_at > ?';
      return (db.prepare(sql).get(queue, now) as { at: number | null }).at ?? undefined;
    },
    counts: (queue, now) => db.prepare(COUNTS).get(queue, now) as unknown as MessageCounts,
    given: (queue, key, now) =>
      db
        .prepare('SELECT message_id, sequence FROM deduplication WHERE queue_id = ? AND key = ? AND until > ?')
        .get(queue, key, now) as Given | undefined,
    remember: (queue, key, { message_id, sequence }, until) => run(REMEMBER, queue, key, message_id, sequence, until),
  };
}
