/**
 * The settings of a batch that are plain data. They are written into its state machine, so that a run keeps those that it
 * began with; what is code (schema, `process`, lookups, `when`) stays in the module of the batch.
 */
import type { CsvStyle, OnChunkFailure, SameFile } from './definition.ts';
import type { EncodingName } from '../records/index.ts';
import type { InputFormat } from './input/format.ts';
import type { ColumnRules } from './column-rules.ts';
import type { TotalsSettings } from './totals/settings.ts';

export interface BatchSettings {
  readonly source: {
    readonly bucket: string;
    readonly format: InputFormat;
    readonly delimiter: string;
    /** Around the fields of a CSV file. */
    readonly quote?: string;
    /** Of text without a byte order mark. */
    readonly encoding?: EncodingName;
    readonly maxRecordBytes?: number;
    /** Of a file without a header. */
    readonly columns?: readonly string[];
    /** JSON pointer to the records of a JSON document. */
    readonly pointer?: string;
    /** What is done about columns and cells that are not as the schema has them. */
    readonly rules?: ColumnRules;
    readonly sameFile: SameFile;
  };
  readonly chunk: { readonly records: number; readonly bytes: number };
  /** What no two records of a file may share. */
  readonly unique?: readonly string[];
  /** In the order of the batch's sinks. */
  readonly sinks: readonly SinkSettings[];
  readonly totals: readonly TotalsSettings[];
  readonly rejects: { readonly bucket: string; readonly object: string; readonly table?: string };
  readonly onChunkFailure: OnChunkFailure;
  readonly skipLimit: { readonly records?: number; readonly percent?: number };
}

export type SinkSettings = ObjectSinkSettings | TableSinkSettings | HttpSinkSettings;

export interface ObjectSinkSettings {
  readonly kind: 'object';
  readonly bucket: string;
  readonly object: string;
  readonly format: 'csv' | 'jsonl' | 'json';
  readonly columns?: readonly string[];
  readonly csv?: CsvStyle;
  readonly gzip: boolean;
}

export interface TableSinkSettings {
  readonly kind: 'table';
  readonly table: string;
  readonly columns?: readonly string[];
}

export interface HttpSinkSettings {
  readonly kind: 'http';
  readonly url: string;
  readonly method: 'POST' | 'PUT' | 'PATCH';
  readonly deliver: 'records' | 'output';
  readonly records: number;
  readonly format: 'csv' | 'jsonl' | 'json';
  readonly columns?: readonly string[];
  readonly csv?: CsvStyle;
  readonly headers: { readonly [name: string]: string | { readonly secret: string } };
  readonly timeoutSeconds: number;
}

/** All sinks: of the outputs, then those of each totals. */
export function allSinks({ sinks, totals }: Pick<BatchSettings, 'sinks' | 'totals'>): readonly SinkSettings[] {
  return [...sinks, ...totals.flatMap((own) => own.sinks)];
}
