/**
 * What a worker thread starts with, by `thread.ts`. Most of what a new worker does would be to compile: what is compiled is kept,
 * and that is turned on before anything is loaded.
 */
import { enableCompileCache } from 'node:module';
import { workerData } from 'node:worker_threads';
import type { WorkerSettings } from './protocol.ts';

const { compileCache } = workerData as WorkerSettings;
if (compileCache !== undefined) enableCompileCache(compileCache);
await import('./worker-body.ts');
