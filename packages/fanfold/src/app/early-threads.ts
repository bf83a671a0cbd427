/** The threads that nearly every project needs, started before the engine is loaded. */
import type { Batch } from '../batch/batch.ts';
import { workerNeeds } from '../batch/worker-needs.ts';
import { type EarlyThread, earlyThread } from '../early-thread.ts';
import { startTablesWorker } from '../services/dynamodb/start-worker.ts';
import { startFunctionsWorker } from '../services/lambda/start-worker.ts';
import { OBJECTS_MODULE } from '../services/s3/objects-module.ts';

export interface EarlyThreads {
  readonly tables: EarlyThread;
  /** Where there is a batch that may run. */
  readonly batches?: EarlyThread;
  /** Ends those that were not taken. */
  close(): Promise<void>;
}

/** @param batches that may run */
export function startEarlyThreads(batches: readonly Batch[]): EarlyThreads {
  const own = earlyThread(startTablesWorker());
  const { preload, youngMb } = workerNeeds(batches);
  const ofBatches =
    batches.length > 0
      ? earlyThread(startFunctionsWorker({ preload: [OBJECTS_MODULE.href, ...preload], youngMb }))
      : undefined;
  return {
    tables: own,
    ...(ofBatches && { batches: ofBatches }),
    close: async () => {
      await Promise.all([own.close(), ofBatches?.close()]);
    },
  };
}
