/**
 * Reads CSV as RFC 4180 has it, strictly, from a stream of bytes: quoted fields with delimiters, newlines and doubled
 * quotes in them; lines that end with LF, CRLF or both by turns; a byte order mark, or none; a final newline, or none.
 * Blank lines are skipped. What is not well formed is never mended by a guess: a broken record comes as a reject, with
 * its line, its place and its text, and reading goes on; a broken file is a RecordError.
 *
 * Fields are text, always. Memory stays within a few windows, whatever the file's size.
 */
import { RecordError } from '../record-error.ts';
import { createCsvCutter } from './cutter.ts';
import { checkHeader, headerNames } from './header.ts';
import { checkBytes, checkDelimiter } from './options.ts';
import type { CsvEntry, CsvOptions } from './types.ts';
import { windows } from '../text/windows.ts';

/** A CSV file whose header was read and checked. */
export interface CsvReader {
  readonly header: readonly string[];
  /** The records and rejects in the file's order, many at a time. To be read once, and to its end or `return`ed. */
  readonly batches: AsyncGenerator<readonly CsvEntry[], void, void>;
}

const MAX_RECORD_BYTES = 1_048_576;
const WINDOW_BYTES = 262_144;

/**
 * Opens a CSV file: reads as far as the header and checks it.
 *
 * @throws RecordError for a bad option, an empty file, or a header that is missing, broken or not the one expected.
 *   The batches throw RecordError for a quote that is never closed and for a record larger than allowed
 */
export async function openCsv(source: AsyncIterable<Uint8Array>, options: CsvOptions = {}): Promise<CsvReader> {
  let header: readonly string[] = [];
  const batches = cutAll(source, options, (names) => {
    header = names;
  });
  // The first batch is empty: it says that the header is known. A generator that has begun closes its source on return.
  await batches.next();
  return { header, batches };
}

/**
 * Reads a CSV file whose header the caller need not see.
 *
 * @throws RecordError as `openCsv`
 */
export async function* readCsv(
  source: AsyncIterable<Uint8Array>,
  options: CsvOptions = {},
): AsyncGenerator<readonly CsvEntry[], void, void> {
  const { batches } = await openCsv(source, options);
  yield* batches;
}

async function* cutAll(
  source: AsyncIterable<Uint8Array>,
  options: CsvOptions,
  onHeader: (names: readonly string[]) => void,
): AsyncGenerator<readonly CsvEntry[], void, void> {
  const windowBytes = checkBytes('windowBytes', options.windowBytes ?? WINDOW_BYTES);
  const cutter = createCsvCutter(
    checkDelimiter(options.delimiter ?? ','),
    checkBytes('maxRecordBytes', options.maxRecordBytes ?? MAX_RECORD_BYTES),
  );
  let header = typeof options.header === 'object' ? acceptHeader(options.header, 0) : undefined;
  if (header) yield [];

  for await (const { bytes, last } of windows(source, windowBytes)) {
    cutter.feed(bytes, last);
    if (!header) {
      const [first] = cutter.cut(1);
      if (first) {
        header = acceptHeader(headerNames(first), first.line);
        yield [];
      }
    }
    if (header) {
      const entries = cutter.cut();
      if (entries.length > 0) yield entries;
    }
    cutter.check();
  }
  if (!header)
    throw new RecordError('EmptyFile', 'The file is empty: it has no header. Write the header in its first line.');

  function acceptHeader(names: readonly string[], line: number): readonly string[] {
    checkHeader(names, line, options.expectedHeader);
    cutter.expectFields(names.length);
    onHeader(names);
    return names;
  }
}
