import type { SinkSettings } from '../settings.ts';

/** What is plain data of totals. */
export interface TotalsSettings {
  readonly name: string;
  readonly by: readonly string[];
  readonly count: string;
  readonly sum: readonly Column[];
  readonly min: readonly Column[];
  readonly max: readonly Column[];
  readonly sinks: readonly SinkSettings[];
}

export interface Column {
  readonly name: string;
  /** Of an output. */
  readonly member: string;
}

/** All columns of the records, in their order. */
export function totalsColumns({ by, count, sum, min, max }: TotalsSettings): readonly string[] {
  return [...by, count, ...[...sum, ...min, ...max].map(({ name }) => name)];
}
