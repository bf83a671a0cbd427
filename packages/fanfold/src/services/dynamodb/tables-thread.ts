/**
 * The main thread's end of the tables' thread. Requests of one event-loop turn travel together and so do their answers.
 * The thread keeps the process alive only while somebody waits for it.
 */
import { join } from 'node:path';
import type { Worker } from 'node:worker_threads';
import { FormatError } from '../../database/database.ts';
import { DiskError, isDiskFailure } from '../../database/disk-error.ts';
import { PassingMap } from '../../passing-map.ts';
import type { Answer, FromThread, OperationName, Operations, Request, ToThread } from './operations.ts';
import type { TableRecord } from './table-details.ts';
import { startTablesWorker } from './start-worker.ts';
import type { TablesPlace } from './tables-worker.ts';

export interface TablesThread {
  /** The tables that were there when it was opened. */
  readonly tables: readonly TableRecord[];
  /** @throws Error when the database refuses, or the thread has ended */
  request<Name extends OperationName>(
    name: Name,
    params: Operations[Name]['params'],
  ): Promise<Operations[Name]['answer']>;
  /** Ends it after what was asked of it. */
  close(): Promise<void>;
}

interface Waiting {
  readonly resolve: (value: Operations[OperationName]['answer']) => void;
  readonly reject: (error: Error) => void;
}

/** Bytes that are all of their memory are not copied: a load is megabytes at a time. */
function givenAway(message: ToThread): ArrayBuffer[] {
  if (message === 'close') return [];
  return message.flatMap((request) => {
    if (request.name !== 'putLines' && request.name !== 'batchWrite') return [];
    const { buffer, byteLength } = request.name === 'putLines' ? request.params.lines : request.params.body;
    return buffer instanceof ArrayBuffer && buffer.byteLength === byteLength ? [buffer] : [];
  });
}

/**
 * @param worker that was told nothing yet
 * @throws Error when the database cannot be opened
 */
export async function openTablesThread(
  place: TablesPlace,
  worker: Worker = startTablesWorker(),
): Promise<TablesThread> {
  worker.postMessage(place);
  const waiting = new PassingMap<number, Waiting>();
  const opened = Promise.withResolvers<readonly TableRecord[]>();
  const exited = Promise.withResolvers<void>();
  let queue: Request[] = [];
  let ids = 0;
  let ended: Error | undefined;
  let isOpen = false;
  let closing = false;

  const post = (message: ToThread): void => worker.postMessage(message, givenAway(message));
  const flush = (): void => {
    const requests = queue;
    queue = [];
    if (!ended && requests.length > 0) post(requests);
  };
  const settle = (answer: Answer): void => {
    const one = waiting.get(answer.id);
    waiting.delete(answer.id);
    if (answer.ok) one?.resolve(answer.value);
    else if (answer.disk) one?.reject(new DiskError(join(place.directory, 'tables.db'), answer.message));
    else one?.reject(new Error(`tables.db refused: ${answer.message}`));
  };
  const end = (error: Error): void => {
    if (ended) return;
    ended = error;
    opened.reject(error);
    for (const { reject } of waiting.values()) reject(error);
    waiting.clear();
  };

  worker.on('message', (message: FromThread) => {
    if ('tables' in message) {
      isOpen = true;
      opened.resolve(message.tables);
    } else message.forEach(settle);
    if (waiting.size === 0) worker.unref();
  });
  const failure = (cause: unknown): Error => threadEnded(place.directory, isOpen, cause);
  worker.on('error', (cause: unknown) => end(failure(cause)));
  worker.on('exit', (code) => {
    end(failure(new Error(`exit code ${code}`)));
    exited.resolve();
  });

  const request = <Name extends OperationName>(
    name: Name,
    params: Operations[Name]['params'],
  ): Promise<Operations[Name]['answer']> => {
    if (closing) return Promise.reject(new Error(`The tables of ${place.directory} are closed.`));
    if (ended) return Promise.reject(ended);
    const { promise, resolve, reject } = Promise.withResolvers<Operations[Name]['answer']>();
    const id = ids++;
    waiting.set(id, { resolve: resolve as Waiting['resolve'], reject });
    if (queue.length === 0) setImmediate(flush);
    queue.push({ id, name, params } as Request);
    worker.ref();
    return promise;
  };

  return {
    tables: await opened.promise,
    request,
    close: async () => {
      if (!ended && !closing) {
        closing = true;
        worker.ref();
        if (queue.length > 0) flush();
        post('close');
      }
      await exited.promise;
    },
  };
}

function threadEnded(directory: string, wasOpen: boolean, cause: unknown): Error {
  // Errors of another thread keep their name and cause, and lose their class.
  if (cause instanceof Error && cause.name === 'FormatError') return new FormatError(cause.message);
  const within = cause instanceof Error ? cause.cause : undefined;
  if (!wasOpen && isDiskFailure(within)) return new DiskError(join(directory, 'tables.db'), within);
  const reason = cause instanceof Error ? cause.message : String(cause);
  const message = wasOpen
    ? `The thread of ${directory}/tables.db has ended: ${reason}. What it had not answered may or may not be done; ` +
      'restart to use the tables again.'
    : `Cannot open the tables in ${directory}/tables.db: ${reason}`;
  return new Error(message, { cause });
}
