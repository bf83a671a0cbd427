/** The tables' own thread: the only one that reads and writes `tables.db`; another moves its log into it. A load of it never holds up the engine. */
import { once } from 'node:events';
import { join } from 'node:path';
import { type MessagePort, parentPort, receiveMessageOnPort } from 'node:worker_threads';
import { createCheckpoints } from '../../database/checkpoints.ts';
import { type Durability, openDatabase } from '../../database/database.ts';
import { yieldToMainThread } from '../../thread-priority.ts';
import { performBatch } from './batch.ts';
import type { FromThread, Request, ToThread } from './operations.ts';
import { createTableStore } from './sqlite-tables.ts';

/** Its first message; it is sent no other before it has answered. */
export interface TablesPlace {
  readonly directory: string;
  readonly durability: Durability;
}

const CACHE_KILOBYTES = 8192;
/** Pages of the log, 64 MB of them, where commits have to move it themselves: a load changes the same pages again and again. */
const LOGGED_PAGES = 16_384;

const port = parentPort;
if (!port) throw new Error('This module is the entry of a thread; use openLocalTables.');

yieldToMainThread();
const [{ directory, durability }] = (await once(port, 'message')) as [TablesPlace];
const path = join(directory, 'tables.db');
const migrations = new URL('./migrations/', import.meta.url);
const db = openDatabase({ path, durability, migrations, checkpoints: 'elsewhere' });
const checkpoints = createCheckpoints({
  db,
  path,
  onFailed: () => {
    db.prepare(`PRAGMA wal_autocheckpoint = ${LOGGED_PAGES}`).get();
  },
});
// Keys come in no order: the pages of the index are to stay at hand.
db.prepare(`PRAGMA cache_size = -${CACHE_KILOBYTES}`).get();
const store = createTableStore(db);

const post = (message: FromThread): void => port.postMessage(message);

/** At once: memory outside of its heap V8 collects late, when there are 64 MB of it. */
const giveBack = ({ buffer }: Uint8Array): void => {
  if (buffer instanceof ArrayBuffer && !buffer.detached) buffer.transfer(0);
};

let isClosed = false;
let isSweeping = false;

/** Little by little, between the requests. What the disk refuses now goes when the directory is next opened. */
const sweep = (): void => {
  isSweeping = false;
  if (isClosed) return;
  try {
    isSweeping = store.transaction(() => store.sweep());
    checkpoints.committed();
  } catch {
    return;
  }
  if (isSweeping) setImmediate(sweep);
};

/** What has come and was not taken up yet. */
const pending: ToThread[] = [];
let isAtWork = false;

/** What has come meanwhile goes into the same transactions. */
const gather = (from: MessagePort): { requests: readonly Request[]; isLast: boolean } => {
  const requests: Request[] = [];
  for (;;) {
    const message = pending.shift() ?? (receiveMessageOnPort(from)?.message as ToThread | undefined);
    if (message === undefined) return { requests, isLast: false };
    if (message === 'close') return { requests, isLast: true };
    requests.push(...message);
  }
};

/** At once, unless the log is so long that it has to begin anew first. */
const work = async (): Promise<void> => {
  isAtWork = true;
  while (pending.length > 0) {
    for (let wait = room(); wait; wait = room()) await wait;
    const { requests, isLast } = gather(port);
    if (requests.length > 0) post(performBatch(store, requests));
    checkpoints.committed();
    for (const request of requests) if (request.name === 'putLines') giveBack(request.params.lines);
    if (isLast) await close();
    else if (!isSweeping && requests.some(({ name }) => name === 'drop')) sweep();
  }
  isAtWork = false;
};

const room = (): Promise<void> | undefined => checkpoints.catchingUp() ?? checkpoints.crowded();

const close = async (): Promise<void> => {
  isClosed = true;
  await checkpoints.close();
  db.close();
  checkpoints.release();
  port.close();
};

port.on('message', (message: ToThread) => {
  pending.push(message);
  if (!isAtWork) void work();
});
post({ tables: store.tables() });
sweep();
