/** Where a record stands in its file. */
export interface Place {
  /** Physical line on which the record starts; the first line of the file is 1. A newline inside a record counts as a line. */
  readonly line: number;
  /** Where the record starts in the file. */
  readonly byteOffset: number;
  /** Length of the record without its line ending or separator. */
  readonly byteLength: number;
}

/** Where reading begins, for a part of a file. */
export interface Start {
  readonly line: number;
  readonly byteOffset: number;
}
