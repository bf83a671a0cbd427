/** What the owner of a batch writes, typed from the schema to `process` and on to the sinks. */
import type { ColumnRules } from './column-rules.ts';
import type { EncodingName } from '../records/index.ts';
import type { Objects } from '../ports/objects.ts';
import type { Tables } from '../ports/tables.ts';
import type { InputFormat } from './input/format.ts';
import type { Schema, RecordOf } from './schema.ts';
import type { TotalsDefinition } from './totals/definition.ts';

/** An output: what becomes one record of an object. */
export type Output = object;

export interface BatchDefinition<
  S extends Schema | undefined,
  Out extends Output,
  L extends Lookups = Lookups,
  F extends InputFormat = InputFormat,
> {
  /** The name of its state machine: letters, digits, `-` and `_`. */
  readonly name: string;
  readonly source: SourceDefinition<F>;
  /** What a record must look like. What does not is a reject. @defaultValue every record is let through, its fields as text */
  readonly schema?: S;
  /**
   * Columns, or members, that together tell a record from all others of its file. A record that has the values of an earlier
   * one is a reject that names the line of the first; one without a value in any of them is not compared. Values are
   * compared as the file has them. @defaultValue records may repeat each other
   */
  readonly unique?: readonly (keyof RecordOf<S, F> & string)[];
  readonly chunk?: ChunkDefinition;
  /** The most chunks at once. @defaultValue 4 */
  readonly concurrency?: number;
  /** What can be asked for records, in bulk and from a cache. */
  readonly lookups?: L & LookupsFor<L, RecordOf<S, F>>;
  /**
   * What is made of a record: one output, many, or none (undefined, null or an empty list: the record is filtered). What
   * it throws makes the record a reject; with a true `retryable` it is tried again first. Leave everything outside alone:
   * a record may be processed more than once (I3). @defaultValue the record itself
   */
  process?(record: RecordOf<S, F>, context: ProcessContext<L>): Processed<Out> | Promise<Processed<Out>>;
  /** Where outputs go. At least one. */
  readonly sinks: readonly Sink<Out>[];
  /** What is added up over the outputs, by name. */
  readonly totals?: { readonly [name: string]: TotalsDefinition<Out> };
  readonly rejects?: RejectsDefinition;
  /** More rejects than this fail the run, and nothing is published. @defaultValue none is allowed */
  readonly skipLimit?: SkipLimit;
  /**
   * What becomes of a chunk's items in tables when the chunk cannot be loaded whole: they stay; they are removed, and what
   * they had replaced is put back; or each is marked with `failed_run` and `failed_cause`. @defaultValue keep
   */
  readonly onChunkFailure?: OnChunkFailure;
  readonly notify?: NotifyDefinition;
}

export type Processed<Out> = Out | readonly Out[] | null | undefined;

export interface SourceDefinition<F extends InputFormat = InputFormat> {
  readonly bucket: string;
  /** What keys begin with. @defaultValue any key */
  readonly prefix?: string;
  /** What keys end with; a list: with one of these. @defaultValue that of the format, alone and with `.gz` or `.zst` behind it */
  readonly suffix?: string | readonly string[];
  /**
   * `jsonl`: a JSON value on each line; `json`: a list of values in one document; `parquet`: a record for each row. What
   * is compressed with gzip or zstd is told by its first bytes. @defaultValue csv
   */
  readonly format?: F;
  /** JSON pointer (RFC 6901) to the list of records in a JSON document. @defaultValue the document itself */
  readonly pointer?: string;
  /** Any text without a quote or a line ending. @defaultValue ',' */
  readonly delimiter?: string;
  /** What stands around the fields of CSV that have a delimiter in them: one ASCII character. @defaultValue '"' */
  readonly quote?: string;
  /**
   * Of a text file. A byte order mark goes before it, so that what is corrected elsewhere may be dropped again as UTF-8; rejects
   * are written as UTF-8 with such a mark. @defaultValue 'auto': by the byte order mark, UTF-8 without one
   */
  readonly encoding?: EncodingName;
  /** Largest record, in bytes: 1 to 67,108,864. @defaultValue 1,048,576 */
  readonly maxRecordBytes?: number;
  /** Names of the columns of a file without a header. @defaultValue the first record names them */
  readonly columns?: readonly string[];
  /**
   * Of CSV: what is done about columns that are missing, that nobody knows, or that were renamed, and about cells that hold
   * nothing. @defaultValue columns that the schema requires must be there, others are kept; cells are taken as they stand
   */
  readonly rules?: ColumnRules;
  /**
   * A file is complete when there is another one with this behind its name, such as `.done`, which the start of its run takes
   * away. @defaultValue a file is complete when it is there
   */
  readonly marker?: string;
  /** Key prefix that the file is moved to when its run has succeeded. @defaultValue it stays */
  readonly archive?: string;
  /** Key prefix that the file is moved to when its run has failed. @defaultValue it stays */
  readonly error?: string;
  /**
   * One run after the other, in the order in which the files have arrived: all of them (`sequential`), those of a folder, or
   * those of a key. @defaultValue runs go side by side
   */
  readonly order?: 'sequential' | 'folder' | 'key';
  /** What becomes of a file whose content was published before, told by its SHA-256. @defaultValue run */
  readonly sameFile?: SameFile;
}

export type SameFile = 'run' | 'skip' | 'fail';

/** Whichever is reached first ends a chunk. */
export interface ChunkDefinition {
  /** @defaultValue 20,000 */
  readonly records?: number;
  /** @defaultValue 8,388,608 */
  readonly bytes?: number;
  /** The most seconds for one chunk, at most 900. @defaultValue 900 */
  readonly timeoutSeconds?: number;
}

export interface ProcessContext<L extends Lookups = Lookups> {
  readonly batch: string;
  /** Of the run; the same whenever the record is processed again. */
  readonly run: string;
  /** Physical line of the input on which the record starts. */
  readonly line: number;
  /** Where the record starts in the input. */
  readonly byteOffset: number;
  /** What was found for this record. */
  readonly lookups: { readonly [Name in keyof L]: Found<L[Name]> | undefined };
  readonly objects: Objects;
  readonly tables: Tables;
  /** Aborted when the chunk's time is over or the execution was stopped. */
  readonly signal: AbortSignal;
}

/**
 * Something that is asked for many records at once: the keys of a few thousand records, each once, and what was found
 * is kept for the chunks to come.
 */
export interface Lookup<Record, Value> {
  /** What to ask for; undefined asks nothing for this record. */
  key(record: Record): string | undefined;
  /** Finds what there is for these keys; a key that is not among the answers has none. */
  load(keys: readonly string[], context: LookupContext): Promise<ReadonlyMap<string, Value>>;
  /**
   * All that there is, by its keys, where that is little: asked for once, when a run has asked for many keys. Undefined where it
   * is too much to be kept; the keys are then asked for as they come.
   *
   * @defaultValue keys are asked for as they come
   */
  all?(context: LookupContext): Promise<ReadonlyMap<string, Value> | undefined>;
}

export interface LookupContext {
  readonly objects: Objects;
  readonly tables: Tables;
  readonly signal: AbortSignal;
}

/** `never` for the record: any lookup fits, whatever it takes. */
export type Lookups = { readonly [name: string]: Lookup<never, unknown> };

type LookupsFor<L extends Lookups, Record> = { readonly [Name in keyof L]: Lookup<Record, Found<L[Name]>> };

type Found<L> = L extends Lookup<never, infer Value> ? Value : never;

export type OnChunkFailure = 'keep' | 'remove' | 'mark';

export type Sink<Out extends Output> = ObjectSink<Out> | TableSink<Out> | HttpSink<Out>;

export interface ObjectSink<Out extends Output> {
  /** The key; `{file}`, `{stem}`, `{run}` and `{batch}` stand for the input's name, that without its ending, the run and the batch. */
  readonly object: string;
  /** @defaultValue the source's bucket */
  readonly bucket?: string;
  /** `jsonl`: a JSON value on each line; `json`: one list. @defaultValue csv */
  readonly format?: 'csv' | 'jsonl' | 'json';
  /** What is written of an output, in this order; needed for CSV, and to leave members out of JSON. */
  readonly columns?: readonly (keyof Out & string)[];
  /** How CSV is written. */
  readonly csv?: CsvStyle;
  /** @defaultValue false */
  readonly gzip?: boolean;
  /** Which outputs go here. @defaultValue all */
  when?(output: Out): boolean;
}

/** How a CSV file is written, where one that reads it wants it otherwise than RFC 4180 has it. */
export interface CsvStyle {
  /** Whether the first line names the columns. @defaultValue true */
  readonly header?: boolean;
  /** @defaultValue '\r\n' */
  readonly newline?: '\n' | '\r\n';
  /** Which cells of records are quoted: those that need it, or all. Names in the header are quoted where they need it. @defaultValue needed */
  readonly quote?: 'needed' | 'all';
}

export interface TableSink<Out extends Output> {
  /** The table; what has an output's key is replaced. */
  readonly table: string;
  /** What is kept of an output. @defaultValue all */
  readonly columns?: readonly (keyof Out & string)[];
  /** Which outputs go here. @defaultValue all */
  when?(output: Out): boolean;
}

/**
 * An HTTP endpoint. Requests carry an `Idempotency-Key`, the same whenever they are sent again. Redirects are not followed.
 * What an endpoint has taken cannot be taken back: it is told last but for the objects, once nothing can be rejected any more.
 */
export interface HttpSink<Out extends Output> {
  /** `https://` or `http://`. */
  readonly url: string;
  /** @defaultValue POST */
  readonly method?: 'POST' | 'PUT' | 'PATCH';
  /** `records`: requests with a few outputs each, in their order. `output`: one request with all of them. @defaultValue records */
  readonly deliver?: 'records' | 'output';
  /** The most outputs in a request, where `deliver` is `records`. @defaultValue 100 */
  readonly records?: number;
  /** `json`: a list; `jsonl`: a JSON value on each line. @defaultValue json */
  readonly format?: 'csv' | 'jsonl' | 'json';
  /** What is sent of an output. @defaultValue all; needed for CSV */
  readonly columns?: readonly (keyof Out & string)[];
  /** How CSV is written. */
  readonly csv?: CsvStyle;
  /** Name -> value. A secret is named by the environment variable of the engine that holds it: it is never stored. */
  readonly headers?: { readonly [name: string]: string | { readonly secret: string } };
  /** Of one request. @defaultValue 30 */
  readonly timeoutSeconds?: number;
  /** Which outputs go here. @defaultValue all */
  when?(output: Out): boolean;
}

export interface RejectsDefinition {
  /**
   * A table that gets an item for each reject too, whether the run succeeds or not. Its key is `id`, or `run` and behind it
   * `offset` as a number; items have `file`, `line`, `code`, `reason`, `field`, `record` and `text` beside these.
   */
  readonly table?: string;
  /** The key, with the places of a sink. @defaultValue 'rejects/{batch}/{run}/{file}' */
  readonly object?: string;
  /** @defaultValue the source's bucket */
  readonly bucket?: string;
}

/** Over the whole file. Both may be given; both hold. */
export interface SkipLimit {
  readonly records?: number;
  /** Of all records, from 0 to 100. */
  readonly percent?: number;
}

/** An address, or a topic by its name or ARN, which gets a message in JSON with `batch`, `run`, `file`, `state` and more. */
export type Recipient = string | { readonly topic: string };

export interface NotifyDefinition {
  /** Sender. @defaultValue the project's `mail.from` */
  readonly from?: string;
  /** Whom to tell of a run that has succeeded. */
  readonly success?: readonly Recipient[];
  /** Whom to tell of a run that has failed. */
  readonly failure?: readonly Recipient[];
  /**
   * The mail of a run that has succeeded has links to what it has published, and to its rejects, that whoever has them can
   * open for so many seconds: 1 to 604,800. @defaultValue no links
   */
  readonly linkSeconds?: number;
}
