/** Checkpoints a database in a thread of its own, so that the thread that commits never waits for the disk to be synced. */
import { closeSync, openSync } from 'node:fs';
import { Worker } from 'node:worker_threads';
import type { CheckpointWorkerData, FromCheckpointWorker, ToCheckpointWorker } from './checkpoint-worker.ts';

export interface Checkpointer {
  /** Moves what it can from the log into the database. Not before the last one has ended. @throws what the disk refuses */
  checkpoint(): Promise<void>;
  close(): Promise<void>;
  /** To be called once the database is closed: who closes any descriptor of its file drops all locks that SQLite has on it. */
  release(): void;
}

/** Starts the thread. It does not keep the process alive. */
export function startCheckpointer(path: string): Checkpointer {
  const entry = import.meta.url.endsWith('.ts') ? './checkpoint-worker.ts' : './checkpoint-worker.js';
  // Windows wants one that may be written.
  const file = openSync(path, 'r+');
  const workerData: CheckpointWorkerData = { path, file };
  const worker = new Worker(new URL(entry, import.meta.url), { workerData });
  worker.unref();
  const exited = Promise.withResolvers<void>();
  let asked: PromiseWithResolvers<void> | undefined;
  let ended: Error | undefined;

  const settle = (error: Error | undefined): void => {
    const waiting = asked;
    asked = undefined;
    if (error) waiting?.reject(error);
    else waiting?.resolve();
  };
  const end = (cause: unknown): void => {
    ended ??= new Error(`The thread that checkpoints ${path} has ended: ${String(cause)}`, { cause });
    settle(ended);
  };
  worker.on('message', (refused: FromCheckpointWorker) =>
    settle(refused ? Object.assign(new Error(refused.message), refused) : undefined),
  );
  worker.on('error', end);
  worker.on('exit', (code) => {
    end(`exit code ${code}`);
    exited.resolve();
  });

  const post = (message: ToCheckpointWorker): void => worker.postMessage(message);
  return {
    checkpoint: async () => {
      if (ended) throw ended;
      asked = Promise.withResolvers<void>();
      post('checkpoint');
      return asked.promise;
    },
    close: async () => {
      worker.ref();
      post('close');
      await exited.promise;
    },
    release: () => closeSync(file),
  };
}
