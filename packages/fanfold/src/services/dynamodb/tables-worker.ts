/** The tables' own thread: the only one that has `tables.db` open. A load of it never holds up the engine. */
import { join } from 'node:path';
import { type MessagePort, parentPort, receiveMessageOnPort, workerData } from 'node:worker_threads';
import { type Durability, openDatabase } from '../../database/database.ts';
import { yieldToMainThread } from '../../thread-priority.ts';
import { performBatch } from './batch.ts';
import type { FromThread, Request, ToThread } from './operations.ts';
import { createTableStore } from './sqlite-tables.ts';

export interface TablesWorkerData {
  readonly directory: string;
  readonly durability: Durability;
}

const CACHE_KILOBYTES = 16_384;
/** Pages of the log, 64 MB of them: a load changes the same pages again and again, and each goes to the file once. */
const LOGGED_PAGES = 16_384;

const port = parentPort;
if (!port) throw new Error('This module is the entry of a thread; use openLocalTables.');

yieldToMainThread();
const { directory, durability } = workerData as TablesWorkerData;
const migrations = new URL('./migrations/', import.meta.url);
const db = openDatabase({ path: join(directory, 'tables.db'), durability, migrations });
// Keys come in no order: the pages of the index are to stay at hand.
db.prepare(`PRAGMA cache_size = -${CACHE_KILOBYTES}`).get();
db.prepare(`PRAGMA wal_autocheckpoint = ${LOGGED_PAGES}`).get();
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
  } catch {
    return;
  }
  if (isSweeping) setImmediate(sweep);
};

/** What has come meanwhile goes into the same transactions. */
const gather = (from: MessagePort, first: ToThread): { requests: readonly Request[]; isLast: boolean } => {
  const requests: Request[] = [];
  for (let message: ToThread | undefined = first; message; message = receiveMessageOnPort(from)?.message) {
    if (message === 'close') return { requests, isLast: true };
    requests.push(...message);
  }
  return { requests, isLast: false };
};

port.on('message', (message: ToThread) => {
  const { requests, isLast } = gather(port, message);
  if (requests.length > 0) post(performBatch(store, requests));
  for (const request of requests) if (request.name === 'putLines') giveBack(request.params.lines);
  if (isLast) {
    isClosed = true;
    db.close();
    port.close();
  } else if (!isSweeping && requests.some(({ name }) => name === 'drop')) sweep();
});
post({ tables: store.tables() });
sweep();
