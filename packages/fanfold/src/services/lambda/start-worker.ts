/** Starts a worker of functions; which they are it is told with its first message. Loads nothing, so that it can be done early. */
import { getCompileCacheDir } from 'node:module';
import { dirname } from 'node:path';
import { Worker } from 'node:worker_threads';

/** `workerData` of a worker of functions. */
export interface WorkerStart {
  /** The folder where modules are kept compiled. @defaultValue nothing is kept */
  readonly compileCache?: string;
  /** URLs of modules that it loads before it is asked for them. */
  readonly preload: readonly string[];
}

export interface StartWorkerParams {
  /** @defaultValue no limit */
  readonly memoryMb?: number | undefined;
  /** URLs of modules. @defaultValue none */
  readonly preload?: readonly string[] | undefined;
}

/** Room for new objects in a worker: bounds how much garbage it holds. */
const YOUNG_MB = 24;

const ENTRY = new URL(import.meta.url.endsWith('.ts') ? './worker.ts' : './worker.js', import.meta.url);

export function startFunctionsWorker({ memoryMb, preload = [] }: StartWorkerParams): Worker {
  const compileCache = compileCacheFolder();
  const workerData: WorkerStart = { preload, ...(compileCache !== undefined && { compileCache }) };
  return new Worker(ENTRY, {
    workerData,
    // The engine's own may hold secrets.
    env: {},
    resourceLimits: {
      maxYoungGenerationSizeMb: YOUNG_MB,
      ...(memoryMb !== undefined && { maxOldGenerationSizeMb: memoryMb }),
    },
  });
}

/** Of this process; a thread does not have it by itself. Node names the folder inside it that is for this version of Node. */
function compileCacheFolder(): string | undefined {
  const folder = getCompileCacheDir();
  return folder === undefined ? undefined : dirname(folder);
}
