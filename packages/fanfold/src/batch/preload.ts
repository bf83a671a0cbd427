/** What the workers that run batches load before they are asked for it. */
import type { Batch } from './batch.ts';
import { moduleOf } from './function-names.ts';
import { isStandardSchema } from './schema.ts';

/** What every run begins with. */
const FIRST = ['split', 'chunk'] as const;

/** @returns URLs of modules */
export function preloadedModules(batches: readonly Batch[]): readonly string[] {
  const validators = batches.some(hasJsonSchema) ? ['ajv', 'ajv-formats'].map((name) => import.meta.resolve(name)) : [];
  return [...FIRST.map((file) => moduleOf(file).href), ...validators];
}

function hasJsonSchema({ definition: { schema } }: Batch): boolean {
  return schema !== undefined && !isStandardSchema(schema);
}
