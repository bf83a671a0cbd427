import type { Place, Start } from '../place.ts';
import type { EncodingName } from '../text/encoding.ts';
import type { CsvDialect } from './dialect.ts';
import type { BuiltColumn } from './plain.ts';

/** A record of a CSV file that is well formed. */
export interface CsvRecord extends Place {
  readonly kind: 'record';
  /** As many as the header has names. */
  readonly fields: readonly string[];
  /** Indexes of the fields that are empty in quotes (`""`); all other empty ones have nothing between their delimiters. */
  readonly quotedEmpty: readonly number[];
  /** Where the record was filled up to the header's number of fields: the index of the first that was not there. */
  readonly cutAt?: number;
  /** What the option `build` has made of it, where it has. */
  readonly built?: object;
}

export type CsvRejectCode =
  | 'TooFewFields'
  | 'TooManyFields'
  | 'QuoteInField'
  | 'TextAfterQuote'
  | 'InvalidEncoding'
  | 'UnterminatedQuote'
  | 'RecordTooLarge';

/** A record that is not well formed. Reading goes on behind it. */
export interface CsvReject extends Place {
  readonly kind: 'reject';
  readonly code: CsvRejectCode;
  /** A sentence for people. */
  readonly reason: string;
  /**
   * The record's text without its line ending. Bytes that are not valid show as U+FFFD; the exact ones are in the file.
   * Of a record that is too large, its start.
   */
  readonly raw: string;
  /** Of a record that is too short: the fields that are there. */
  readonly fields?: readonly string[];
  /** Of these, the indexes of those that are empty in quotes. */
  readonly quotedEmpty?: readonly number[];
}

export type CsvEntry = CsvRecord | CsvReject;

export interface CsvOptions extends Partial<CsvDialect> {
  /** @defaultValue 'auto': by the byte order mark, UTF-8 without one */
  readonly encoding?: EncodingName;
  /** `first`: the first record names the columns. A list: the file has no header and these are its columns. @defaultValue 'first' */
  readonly header?: 'first' | readonly string[];
  /**
   * What the header must be: a list of names in this order, or a check that returns what is wrong with the names
   * (undefined: nothing). A header that does not pass is a RecordError.
   */
  readonly expectedHeader?: readonly string[] | ((names: readonly string[]) => string | undefined);
  /**
   * Names that are blank or there twice: `fail`, `number` them (`a`, `a_1`; `column_3`) as far as is needed to have each once,
   * or `keep` them as they are. @defaultValue 'fail'
   */
  readonly unclearNames?: 'fail' | 'number' | 'keep';
  /** Largest record, in bytes; what is larger is never held in memory. @defaultValue 1,048,576 */
  readonly maxRecordBytes?: number;
  /**
   * A record whose end is in doubt (a quote that is never closed, a record that is too large) may hide many: `fail` stops
   * there, `reject` makes one reject of it and goes on behind it. @defaultValue 'fail'
   */
  readonly onLostRecord?: 'fail' | 'reject';
  /** How much of the file is cut into records at a time, in bytes; one batch comes of it. @defaultValue 65,536 */
  readonly windowBytes?: number;
  /**
   * Members to be made of records that have no quotes, and nothing that would make them rejects, straight from their bytes.
   * @defaultValue records have their fields alone
   */
  readonly build?: readonly BuiltColumn[];
  /** Where the bytes given begin in the file, for a part of one; `header` and `encoding` must then be given. */
  readonly start?: Start;
}
