/** What the workers that run batches are started with. */
import type { Batch } from './batch.ts';
import { moduleOf } from './function-names.ts';
import { isStandardSchema } from './schema.ts';
import { allSinks } from './settings.ts';

export interface WorkerNeeds {
  /** URLs of what a worker loads before it is asked for it. */
  readonly preload: readonly string[];
  /** Room for new objects, megabytes. */
  readonly youngMb: number;
}

/** The more room, the less often what is made is collected. A load of a table needs the memory itself. */
const YOUNG_MB = { besideTables: 24, else: 32 } as const;
/** What every run begins with. */
const FIRST = ['split', 'chunk'] as const;

export function workerNeeds(batches: readonly Batch[]): WorkerNeeds {
  const validators = batches.some(hasJsonSchema) ? ['ajv', 'ajv-formats'].map((name) => import.meta.resolve(name)) : [];
  return {
    preload: [...FIRST.map((file) => moduleOf(file).href), ...validators],
    youngMb: batches.some(loadsTable) ? YOUNG_MB.besideTables : YOUNG_MB.else,
  };
}

function hasJsonSchema({ definition: { schema } }: Batch): boolean {
  return schema !== undefined && !isStandardSchema(schema);
}

function loadsTable({ settings }: Batch): boolean {
  return settings.rejects.table !== undefined || allSinks(settings).some(({ kind }) => kind === 'table');
}
