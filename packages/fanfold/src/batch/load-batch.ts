/** Finds the module of a batch from within a function: the environment says where the batches of the project are. */
import { type Batch, isBatch } from './batch.ts';
import { BatchError } from './errors.ts';

/** Of the functions: a JSON list of the URLs of the modules of all batches. */
export const BATCHES_VARIABLE = 'FANFOLD_BATCHES';

const loaded = new Map<string, Promise<Batch>>();

/** @throws BatchError Fanfold.BadModule */
export function loadBatch(name: string): Promise<Batch> {
  const found = loaded.get(name) ?? find(name);
  loaded.set(name, found);
  return found;
}

async function find(name: string): Promise<Batch> {
  const urls = JSON.parse(process.env[BATCHES_VARIABLE] ?? '[]') as readonly string[];
  for (const url of urls) {
    const { default: exported } = (await import(url)) as { readonly default?: unknown };
    if (isBatch(exported) && exported.name === name) return exported;
  }
  throw new BatchError(
    'Fanfold.BadModule',
    `No module of the project exports the batch ${name} any more. Put it back, or stop the run.`,
  );
}
