/** Generated CSV files, in all dialects and broken at random, held against csv-parse as the oracle. */
import { parse } from 'csv-parse/sync';
import fc from 'fast-check';
import { expect } from 'vitest';
import type { CsvDialect } from '../../records/csv/dialect.ts';
import { openCsvPlaces, readCsv } from '../../records/csv/read.ts';
import type { CsvEntry, CsvOptions } from '../../records/csv/types.ts';
import { RecordError } from '../../records/record-error.ts';
import { gather, inPieces } from './streams.ts';

export interface CsvFile {
  readonly text: string;
  readonly dialect: Pick<
    CsvDialect,
    'delimiter' | 'quote' | 'escape' | 'newline' | 'comment' | 'blankLines' | 'missingFields' | 'extraFields'
  >;
  readonly encoding: 'utf-8' | 'utf-16le' | 'utf-16be' | 'latin1';
  readonly columns: number;
}

const LATIN = ['a', 'b', '1', ' ', 'é', '\0', 'x y', '#', "'", '"'];
const OTHERS = ['日', '\ufeff', '𝄞', '\u2028'];

/** Whole records, half records and stray characters by turns. */
export const csvFile: fc.Arbitrary<CsvFile> = fc
  .record({
    delimiter: fc.constantFrom(',', ';', '\t', '|', ' ', 'é', '::', ', '),
    quote: fc.constantFrom('"', '"', '"', "'", null),
    newline: fc.constantFrom('any' as const, 'lf' as const),
    escape: fc.constantFrom(null, null, null, '\\'),
    blankLines: fc.constantFrom('skip' as const, 'skip' as const, 'keep' as const),
    missingFields: fc.constantFrom('reject' as const, 'reject' as const, 'fill' as const),
    extraFields: fc.constantFrom('reject' as const, 'reject' as const, 'drop' as const),
    mark: fc.constantFrom('', '', '\ufeff'),
    comment: fc.constantFrom(null, null, '#', '//'),
    encoding: fc.constantFrom(
      'utf-8' as const,
      'utf-8' as const,
      'utf-16le' as const,
      'utf-16be' as const,
      'latin1' as const,
    ),
    columns: fc.integer({ min: 1, max: 4 }),
  })
  .chain(({ encoding, columns, mark, ...given }) => {
    // A comment may end in the middle of quotes: what follows is broken.
    const dialect = { ...given, comment: given.escape === null ? given.comment : null };
    const { delimiter, quote, escape, comment } = dialect;
    const letters = encoding === 'latin1' ? LATIN : [...LATIN, ...OTHERS];
    const newline = fc.constantFrom('\n', '\r\n', ...(dialect.newline === 'any' ? ['\r'] : []));
    const plain = fc
      .array(fc.constantFrom(...letters), { maxLength: 3 })
      .map((parts) => without(parts.join(''), [delimiter, quote, '\r', '\n', '\ufeff']));
    const inQuotes = (text: string): string =>
      escape === null
        ? text.replaceAll(quote ?? '', (quote ?? '') + (quote ?? ''))
        : text.replaceAll(escape, escape + escape).replaceAll(quote ?? '', escape + (quote ?? ''));
    const quoted = fc
      .array(fc.oneof(fc.constantFrom(...letters, delimiter, escape ?? ' '), newline), { maxLength: 4 })
      .map((parts) => (quote === null ? 'q' : quote + inQuotes(parts.join('')) + quote));
    const record = fc
      .tuple(fc.array(fc.oneof(plain, plain, quoted), { minLength: columns, maxLength: columns }), newline)
      .map(([fields, end]) => fields.join(delimiter) + end);
    const stray = fc.oneof(
      fc.constantFrom(...letters, delimiter, quote ?? '"', (quote ?? '"') + delimiter, (comment ?? '#') + 'c', '\n\n'),
      newline,
      plain,
      quoted,
    );
    // With an escape csv-parse takes no doubled quotes: what is broken may have some.
    const part = fc.oneof({ arbitrary: record, weight: 4 }, { arbitrary: stray, weight: escape === null ? 1 : 0 });
    // Behind a closing quote csv-parse takes a NUL for the end of the file, and a comment mark for a comment.
    const clean = (text: string): string =>
      quote === null ? text : text.split(quote).reduce((whole, rest) => `${whole}${quote}${unmarked(rest, comment)}`);
    return fc.array(part, { maxLength: 10 }).map((parts) => ({
      text: (encoding === 'latin1' ? '' : mark) + clean(parts.join('')),
      dialect,
      encoding,
      columns,
    }));
  });

/** Reads the file in pieces; a file that fails gives the code of its error. */
export async function readFile(file: CsvFile, size: number, windowBytes = size): Promise<CsvEntry[] | string> {
  const header = Array.from({ length: file.columns }, (_, index) => `c${index}`);
  const options: CsvOptions = { ...file.dialect, encoding: file.encoding, header, windowBytes };
  return gather(readCsv(inPieces(bytesOf(file), size), options)).catch((error: unknown) => {
    if (error instanceof RecordError) return error.code;
    throw error;
  });
}

/** Reads it with values built from the bytes, and where its records are: both are to say the same as reading it does. */
export async function expectOtherWays(file: CsvFile, found: readonly CsvEntry[] | string, size: number): Promise<void> {
  const header = Array.from({ length: file.columns }, (_, index) => `c${index}`);
  const options: CsvOptions = { ...file.dialect, encoding: file.encoding, header, windowBytes: size };
  const build = header.map((name, index) => ({ index, name }));
  const failed = (error: unknown): string => (error as RecordError).code;
  const built = await gather(readCsv(inPieces(bytesOf(file), size), { ...options, build })).catch(failed);
  if (typeof built === 'string') {
    expect(built).toBe(found);
    return;
  }
  for (const entry of built)
    if (entry.kind === 'record' && entry.built) expect(Object.values(entry.built)).toEqual(entry.fields);
  const plain = built.map((entry) => {
    if (entry.kind === 'reject') return entry;
    const { kind, fields, quotedEmpty, cutAt, line, byteOffset, byteLength } = entry;
    return { kind, fields, quotedEmpty, cutAt, line, byteOffset, byteLength };
  });
  expect(plain).toEqual(found);
  const { batches } = await openCsvPlaces(inPieces(bytesOf(file), size), options);
  expect(await gather(batches)).toEqual(
    plain.map(({ line, byteOffset, byteLength }) => ({ line, byteOffset, byteLength })),
  );
}

export function bytesOf({ text, encoding }: CsvFile): Buffer {
  if (encoding === 'latin1') return Buffer.from(text, 'latin1');
  if (encoding === 'utf-8') return Buffer.from(text);
  const bytes = Buffer.from(text, 'utf16le');
  return encoding === 'utf-16be' ? bytes.swap16() : bytes;
}

/** What csv-parse reads is what was read; what it cannot read has a reject, or failed as a whole. */
export function expectAsOracle(file: CsvFile, found: readonly CsvEntry[] | string): void {
  const theirs = oracle(file);
  if (theirs === undefined) {
    expect(typeof found === 'string' || found.some(({ kind }) => kind === 'reject')).toBe(true);
    return;
  }
  expect(found).toHaveLength(theirs.length);
  theirs.forEach((fields, index) => {
    const entry = found[index] as CsvEntry;
    const wanted = fitted(fields, file);
    if (wanted) expect(entry).toMatchObject({ kind: 'record', fields: wanted });
    else expect(entry).toMatchObject({ code: fields.length < file.columns ? 'TooFewFields' : 'TooManyFields' });
  });
}

/** The fields as the dialect takes them; undefined for a record that it makes a reject of. */
function fitted(fields: readonly string[], { columns, dialect }: CsvFile): readonly string[] | undefined {
  if (fields.length === columns) return fields;
  if (fields.length > columns) return dialect.extraFields === 'drop' ? fields.slice(0, columns) : undefined;
  if (dialect.missingFields === 'reject') return undefined;
  return Array.from({ length: columns }, (_, index) => fields[index] ?? '');
}

/** Every entry is at its place: the line it says, and bytes that are its own text. */
export function expectPlaces(file: CsvFile, found: readonly CsvEntry[] | string): void {
  if (typeof found === 'string') return;
  const bytes = bytesOf(file);
  const decode = (part: Buffer): string => {
    if (file.encoding === 'latin1') return part.toString('latin1');
    if (file.encoding === 'utf-8') return part.toString();
    return (file.encoding === 'utf-16be' ? Buffer.from(part).swap16() : part).toString('utf16le');
  };
  const lines = file.dialect.newline === 'any' ? /\r\n|\n|\r/ : /\n/;
  let end = 0;
  for (const entry of found) {
    expect(entry.byteOffset).toBeGreaterThanOrEqual(end);
    expect(decode(bytes.subarray(0, entry.byteOffset)).split(lines)).toHaveLength(entry.line);
    end = entry.byteOffset + entry.byteLength;
    if (entry.kind === 'reject') expect(decode(bytes.subarray(entry.byteOffset, end))).toBe(entry.raw);
  }
}

function oracle({ text, dialect }: CsvFile): string[][] | undefined {
  try {
    return parse(text, {
      bom: true,
      delimiter: dialect.delimiter,
      quote: dialect.quote,
      escape: dialect.escape ?? dialect.quote,
      comment: dialect.comment,
      comment_no_infix: true,
      record_delimiter: dialect.newline === 'any' ? ['\r\n', '\n', '\r'] : ['\r\n', '\n'],
      relax_column_count: true,
      skip_empty_lines: dialect.blankLines === 'skip',
    });
  } catch {
    return undefined;
  }
}

function unmarked(text: string, comment: string | null): string {
  const mark = ['\0', comment].find((start) => start !== null && text.startsWith(start));
  return mark ? unmarked(text.slice(mark.length), comment) : text;
}

function without(text: string, taken: readonly (string | null)[]): string {
  return taken.reduce<string>((rest, part) => (part === null ? rest : rest.replaceAll(part, '')), text);
}
