/** What is told of a file, in the original's words, and what of it was new. */

export interface ErrorDetail {
  /** The record's place among the file's records, from 1 on. */
  readonly row: number;
  /** Line of the file on which it starts. */
  readonly line: number;
  readonly message: string;
}

/** A record that says the same as an earlier one of its file. */
export interface Duplicate {
  readonly row: number;
  /** The row of the earlier one. */
  readonly of: number;
}

export interface Statistics {
  readonly totalRecordsProcessed: number;
  readonly totalInsertedRecords: number;
  readonly totalFailedRecords: number;
  readonly recordsFailedDueToValidation: number;
  readonly errorDetails: readonly ErrorDetail[];
  /** Of the inserted records, those whose key the table did not have, and those that took the place of others. */
  readonly newRecords: number;
  readonly replacedRecords: number;
  readonly duplicates: readonly Duplicate[];
}
