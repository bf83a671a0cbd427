/** Starts the tables' thread; what it is to open it is told with its first message. Loads nothing, so that it can be done early. */
import { Worker } from 'node:worker_threads';

/** Room for new objects in the thread: bounds how much garbage it holds. Hardly any of a load's outlives its statement. */
const YOUNG_MB = 12;

const ENTRY = new URL(import.meta.url.endsWith('.ts') ? './tables-worker.ts' : './tables-worker.js', import.meta.url);

export function startTablesWorker(): Worker {
  return new Worker(ENTRY, { resourceLimits: { maxYoungGenerationSizeMb: YOUNG_MB } });
}
