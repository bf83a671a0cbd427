import { RecordError } from '../record-error.ts';

/** How a CSV file is written. */
export interface CsvDialect {
  /** Between fields: one character, or a short text. @defaultValue ',' */
  readonly delimiter: string;
  /** Around fields, one ASCII character; null: there is none, and a quote is text. Doubled inside quotes it is text. @defaultValue '"' */
  readonly quote: string | null;
  /**
   * One ASCII character that makes the next one text, inside and outside of quotes, and is dropped itself. It does not
   * keep a line ending outside of quotes from ending the record. @defaultValue null
   */
  readonly escape: string | null;
  /**
   * `any`: LF, CRLF and CR end a record, by turns if need be. `lf`: LF and CRLF do, a CR alone is text.
   * @defaultValue 'any'
   */
  readonly newline: 'any' | 'lf';
  /**
   * What is not as RFC 4180 has it: `strict` makes a reject of it. `lenient` takes a quote inside an unquoted field for text
   * and passes over blanks between a closing quote and the delimiter. @defaultValue 'strict'
   */
  readonly quotes: 'strict' | 'lenient';
  /** A record with fewer fields than the header: a reject, or the rest are empty. @defaultValue 'reject' */
  readonly missingFields: 'reject' | 'fill';
  /** A record with more fields than the header: a reject, or the rest are dropped. @defaultValue 'reject' */
  readonly extraFields: 'reject' | 'drop';
  /** Lines with nothing in them: passed over, or records of one empty field. @defaultValue 'skip' */
  readonly blankLines: 'skip' | 'keep';
  /** Lines that start with this are passed over. @defaultValue null */
  readonly comment: string | null;
  /** So many lines at the start of the file are passed over. @defaultValue 0 */
  readonly skipLines: number;
}

/** RFC 4180, strictly, with any line endings. */
export const RFC_4180: CsvDialect = {
  delimiter: ',',
  quote: '"',
  escape: null,
  newline: 'any',
  quotes: 'strict',
  missingFields: 'reject',
  extraFields: 'reject',
  blankLines: 'skip',
  comment: null,
  skipLines: 0,
};

/** As AWS Step Functions reads CSV items: a backslash escapes, short records are filled up, what is too much is dropped. */
export const STEP_FUNCTIONS_CSV: CsvDialect = {
  ...RFC_4180,
  escape: '\\',
  quotes: 'lenient',
  missingFields: 'fill',
  extraFields: 'drop',
};

/**
 * The dialect that the options describe.
 *
 * @throws RecordError BadOption
 */
export function checkDialect(options: Partial<CsvDialect>): CsvDialect {
  const given = Object.entries(options).filter(([name, value]) => value !== undefined && Object.hasOwn(RFC_4180, name));
  const dialect = { ...RFC_4180, ...Object.fromEntries(given) };
  checkDelimiter(dialect.delimiter, dialect);
  checkCharacter('quote', dialect.quote);
  checkCharacter('escape', dialect.escape);
  if (dialect.quote !== null && dialect.quote === dialect.escape) return { ...dialect, escape: null };
  if (dialect.comment === '') throw bad('The comment mark is empty. Use a text such as "#", or null.');
  if (!Number.isSafeInteger(dialect.skipLines) || dialect.skipLines < 0)
    throw bad(`The option skipLines is ${dialect.skipLines}. Use a whole number from 0.`);
  return dialect;
}

/**
 * Checks a delimiter: any text without a line ending, the quote or the escape in it.
 *
 * @throws RecordError BadOption
 */
export function checkDelimiter(
  delimiter: string,
  { quote, escape }: Pick<CsvDialect, 'quote' | 'escape'> = RFC_4180,
): string {
  const taken = ['\r', '\n', quote, escape].filter((char) => char !== null);
  if (delimiter !== '' && delimiter.isWellFormed() && !taken.some((char) => delimiter.includes(char))) return delimiter;
  throw bad(
    `The delimiter ${JSON.stringify(delimiter)} does not work. Use a character other than a quote or a line ending, such as "," or ";".`,
  );
}

function checkCharacter(name: string, char: string | null): void {
  if (char === null || (char.length === 1 && char >= ' ' && char <= '~' && char !== ' ')) return;
  throw bad(`The ${name} ${JSON.stringify(char)} does not work. Use one printable ASCII character, or null for none.`);
}

function bad(message: string): RecordError {
  return new RecordError('BadOption', message);
}
