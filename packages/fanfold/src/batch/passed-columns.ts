/**
 * Columns that an output may have just as its input has them, side by side in both: what stands between the first and the last
 * of them is copied as it is where `process` has changed none of them.
 */
import type { BuiltColumn } from '../records/index.ts';
import type { SinkSettings } from './settings.ts';

/** Columns of an output that are next to each other in the input too. */
export interface PassedColumns {
  readonly names: readonly string[];
  /** Of the first, among the columns of the output. */
  readonly at: number;
  /** Of the first, among the fields of the input. */
  readonly field: number;
}

/** A lone column is as quickly written as copied. */
const FEWEST = 2;

/** @param columns of the output. @param build what is made of the input's */
export function passedColumns(columns: readonly string[], build: readonly BuiltColumn[]): readonly PassedColumns[] {
  const fields = new Map(
    build.flatMap(({ name, index, as = 'text' }) =>
      as === 'text' && !(name in Object.prototype) ? [[name, index] as const] : [],
    ),
  );
  const passed: PassedColumns[] = [];
  for (let at = 0; at < columns.length;) {
    const field = fields.get(columns[at] as string);
    let end = at + 1;
    if (field !== undefined) while (fields.get(columns[end] ?? '') === field + end - at) end++;
    if (field !== undefined && end - at >= FEWEST) passed.push({ names: columns.slice(at, end), at, field });
    at = end;
  }
  return passed;
}

/** What is made of the input's columns, with the texts kept that these sinks may pass on. */
export function keepPassed(build: readonly BuiltColumn[], sinks: readonly SinkSettings[]): readonly BuiltColumn[] {
  const columns = sinks.flatMap((sink) =>
    sink.kind === 'object' && sink.format === 'csv' ? [sink.columns ?? []] : [],
  );
  const kept = new Set(columns.flatMap((own) => passedColumns(own, build).flatMap(({ names }) => names)));
  return kept.size === 0 ? build : build.map((column) => (kept.has(column.name) ? { ...column, kept: true } : column));
}
