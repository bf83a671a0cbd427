/** A record of a CSV file that is well formed. */
export interface CsvRecord {
  readonly kind: 'record';
  /** As many as the header has names. */
  readonly fields: readonly string[];
  /** Physical line on which the record starts; the first line of the file is 1. A quoted newline counts as a line. */
  readonly line: number;
  /** Where the record starts in the file. */
  readonly byteOffset: number;
  /** Length of the record without its line ending. */
  readonly byteLength: number;
}

export type CsvRejectCode = 'TooFewFields' | 'TooManyFields' | 'QuoteInField' | 'TextAfterQuote' | 'InvalidUtf8';

/** A record that is not well formed. Reading goes on behind it. */
export interface CsvReject {
  readonly kind: 'reject';
  readonly code: CsvRejectCode;
  /** A sentence for people. */
  readonly reason: string;
  readonly line: number;
  readonly byteOffset: number;
  readonly byteLength: number;
  /** The record's text without its line ending. Bytes that are not UTF-8 show as U+FFFD; the exact ones are in the file. */
  readonly raw: string;
}

export type CsvEntry = CsvRecord | CsvReject;

export interface CsvOptions {
  /** One ASCII character, no quote and no line ending. @defaultValue ',' */
  readonly delimiter?: string;
  /** `first`: the first record names the columns. A list: the file has no header and these are its columns. @defaultValue 'first' */
  readonly header?: 'first' | readonly string[];
  /**
   * What the header must be: a list of names in this order, or a check that returns what is wrong with the names
   * (undefined: nothing). A header that does not pass is a RecordError.
   */
  readonly expectedHeader?: readonly string[] | ((names: readonly string[]) => string | undefined);
  /** Largest record, in bytes; bounds the memory a broken quote can take. @defaultValue 1,048,576 */
  readonly maxRecordBytes?: number;
  /** How much of the file is cut into records at a time, in bytes; one batch comes of it. @defaultValue 262,144 */
  readonly windowBytes?: number;
}
