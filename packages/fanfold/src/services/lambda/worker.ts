/**
 * What a worker thread starts with, by `thread.ts`. Most of what a new worker does would be to compile: what is compiled is kept,
 * and that is turned on before anything is loaded.
 */
import { enableCompileCache } from 'node:module';
import { workerData } from 'node:worker_threads';
import type { WorkerStart } from './start-worker.ts';

const { compileCache, preload } = workerData as WorkerStart;
if (compileCache !== undefined) enableCompileCache(compileCache);
await import('./worker-body.ts');
// What does not load fails whoever asks for it.
for (const module of preload) await import(module).catch(() => {});
