/** Topics and subscriptions in SQLite: the statements. */
import type { Database } from '../../database/database.ts';

export interface Topic {
  readonly id: number;
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
}

export interface Subscription {
  readonly id: number;
  readonly topic: string;
  readonly name: string;
  readonly protocol: string;
  readonly endpoint: string;
  readonly attributes: Readonly<Record<string, string>>;
  /** Null once it is confirmed. */
  readonly token: string | null;
}

export interface TopicsStore {
  topics(): readonly Topic[];
  topic(name: string): Topic | undefined;
  createTopic(name: string, attributes: object): void;
  setTopicAttributes(name: string, attributes: object): void;
  deleteTopic(name: string): void;
  /** Of one topic, or all. */
  subscriptions(topic?: string): readonly Subscription[];
  subscription(name: string): Subscription | undefined;
  subscribe(topic: Topic, subscription: Omit<Subscription, 'id' | 'topic'>): void;
  setSubscriptionAttributes(name: string, attributes: object): void;
  confirm(name: string): void;
  unsubscribe(name: string): void;
}

interface Row {
  readonly attributes: string;
}

const SUBSCRIPTIONS = `
  SELECT s.id, t.name AS topic, s.name, s.protocol, s.endpoint, s.attributes, s.token
  FROM subscriptions s JOIN topics t ON t.id = s.topic_id`;

export function createTopicsStore(db: Database): TopicsStore {
  const read = <T>(row: unknown): T => {
    const { attributes, ...rest } = row as Row;
    return { ...rest, attributes: JSON.parse(attributes) as object } as T;
  };
  const write = (sql: string, ...values: (string | number | null)[]): void =>
    db.transaction(() => void db.prepare(sql).run(...values));
  const one = <T>(row: unknown): T | undefined => (row === undefined ? undefined : read<T>(row));
  return {
    topics: () =>
      db
        .prepare('SELECT * FROM topics ORDER BY name')
        .all()
        .map(read<Topic>),
    topic: (name) => one<Topic>(db.prepare('SELECT * FROM topics WHERE name = ?').get(name)),
    createTopic: (name, attributes) =>
      write('INSERT INTO topics (name, attributes) VALUES (?, ?)', name, JSON.stringify(attributes)),
    setTopicAttributes: (name, attributes) =>
      write('UPDATE topics SET attributes = ? WHERE name = ?', JSON.stringify(attributes), name),
    deleteTopic: (name) => write('DELETE FROM topics WHERE name = ?', name),
    subscriptions: (topic) =>
      (topic === undefined
        ? db.prepare(`${SUBSCRIPTIONS} ORDER BY s.id`).all()
        : db.prepare(`${SUBSCRIPTIONS} WHERE t.name = ? ORDER BY s.id`).all(topic)
      ).map(read<Subscription>),
    subscription: (name) => one<Subscription>(db.prepare(`${SUBSCRIPTIONS} WHERE s.name = ?`).get(name)),
    subscribe: ({ id }, { name, protocol, endpoint, attributes, token }) =>
      write(
        'INSERT INTO subscriptions (topic_id, name, protocol, endpoint, attributes, token) VALUES (?, ?, ?, ?, ?, ?)',
        id,
        name,
        protocol,
        endpoint,
        JSON.stringify(attributes),
        token,
      ),
    setSubscriptionAttributes: (name, attributes) =>
      write('UPDATE subscriptions SET attributes = ? WHERE name = ?', JSON.stringify(attributes), name),
    confirm: (name) => write('UPDATE subscriptions SET token = NULL WHERE name = ?', name),
    unsubscribe: (name) => write('DELETE FROM subscriptions WHERE name = ?', name),
  };
}
