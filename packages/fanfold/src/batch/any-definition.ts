import type { BatchDefinition, Output, Sink } from './definition.ts';
import { isStandardSchema, type Schema } from './schema.ts';
import type { TotalsDefinition } from './totals/definition.ts';

/** A definition whose types are of no interest any more: it is given only what it was made for. */
export type AnyDefinition = Omit<BatchDefinition<Schema | undefined, Output>, 'process' | 'sinks' | 'totals'> & {
  readonly process?: (record: never, context: never) => unknown;
  readonly sinks: readonly Sink<never>[];
  readonly totals?: { readonly [name: string]: AnyTotals };
};

/** Of outputs that are of no interest any more. */
export type AnyTotals = Omit<TotalsDefinition<Readonly<Record<string, number>>>, 'when'> & {
  readonly when?: (output: never) => boolean;
};

/** The columns of records that go out as they came in. */
export function schemaColumns({ schema, process }: AnyDefinition): readonly string[] | undefined {
  if (process || !schema || isStandardSchema(schema)) return undefined;
  return Object.keys(schema.properties ?? {});
}
