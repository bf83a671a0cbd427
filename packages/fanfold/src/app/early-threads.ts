/** The threads that nearly every project needs, started before what they are for is known. */
import type { Batch } from '../batch/batch.ts';
import { preloadedModules } from '../batch/preload.ts';
import { type EarlyThread, earlyThread } from '../early-thread.ts';
import { startTablesWorker } from '../services/dynamodb/start-worker.ts';
import { startFunctionsWorker } from '../services/lambda/start-worker.ts';
import { OBJECTS_MODULE } from '../services/s3/objects-module.ts';

/** Before the engine is loaded: the stores are opened as soon as it is. */
export function startTablesThread(): EarlyThread {
  return earlyThread(startTablesWorker());
}

/** Beside the stores: two threads that load their code keep a third one, on two processors, from loading its own. */
export function startBatchThread(batches: readonly Batch[]): EarlyThread {
  return earlyThread(startFunctionsWorker({ preload: [OBJECTS_MODULE.href, ...preloadedModules(batches)] }));
}
