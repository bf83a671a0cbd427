/** Batches: what the module of a batch imports. */
export type { RunAccount } from './account.ts';
export { type Batch, batch } from './batch.ts';
export type {
  BatchDefinition,
  ChunkDefinition,
  CsvStyle,
  HttpSink,
  Lookup,
  LookupContext,
  NotifyDefinition,
  ObjectSink,
  OnChunkFailure,
  ProcessContext,
  Recipient,
  RejectsDefinition,
  Sink,
  SkipLimit,
  SourceDefinition,
  TableSink,
} from './definition.ts';
export type { ColumnRules } from './column-rules.ts';
export { fromTable } from './from-table.ts';
export type { InputFormat } from './input/format.ts';
export type { TotalsDefinition, TotalsRecord, TotalsSink } from './totals/definition.ts';
export type { ObjectSchema, RecordOf, Schema, StandardSchema, TextRecord } from './schema.ts';
