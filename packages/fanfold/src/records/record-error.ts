/** What is wrong with a whole file, so that reading it cannot go on. One broken record is a reject, never this. */
export type RecordErrorCode =
  | 'BadOption'
  | 'EmptyFile'
  | 'BrokenHeader'
  | 'BlankHeaderName'
  | 'DuplicateHeaderName'
  | 'WrongHeader'
  | 'UnterminatedQuote'
  | 'RecordTooLarge'
  | 'InvalidEncoding'
  | 'InvalidJson'
  | 'PointerNotFound'
  | 'BrokenCompression'
  | 'BrokenParquet'
  | 'BadManifest'
  | 'BrokenRecord';

export interface RecordErrorOptions extends ErrorOptions {
  /** A sentence more: which settings of the reader would help. */
  readonly settings?: string;
}

/** A failure of a whole file. The message says what, where, the value and the next move. */
export class RecordError extends Error {
  override readonly name = 'RecordError';
  readonly code: RecordErrorCode;
  /** 1-based physical line, where there is one. */
  readonly line: number | undefined;
  /** The message without the settings that would help: for whoever reads by fixed ones. */
  readonly plainMessage: string;

  constructor(code: RecordErrorCode, message: string, line?: number, options: RecordErrorOptions = {}) {
    const { settings, ...rest } = options;
    super(settings === undefined ? message : `${message} ${settings}`, rest);
    this.code = code;
    this.line = line;
    this.plainMessage = message;
  }
}

/** A text for a message: quoted, control characters escaped, cut behind 80 characters. */
export function quoteForMessage(text: string): string {
  return JSON.stringify(text.length > 80 ? `${text.slice(0, 80)}…` : text);
}
