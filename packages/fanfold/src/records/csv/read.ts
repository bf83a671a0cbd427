/**
 * Reads CSV from a stream of bytes, strictly as RFC 4180 has it unless a dialect says otherwise: quoted fields with
 * delimiters, line endings and doubled quotes in them; lines that end with LF, CRLF, CR by turns; a byte order mark, or
 * none; a final line ending, or none. Blank lines are skipped. What is not well formed is never mended by a guess: a broken
 * record comes as a reject, with its line, its place and its text, and reading goes on; a broken file is a RecordError.
 *
 * Fields are text, always. Memory stays within a few windows and one record, whatever the file's size.
 */
import { checkCount, MAX_RECORD_BYTES, WINDOW_BYTES } from '../limits.ts';
import type { Place } from '../place.ts';
import { RecordError } from '../record-error.ts';
import { checkEncoding, type Encoding } from '../text/encoding.ts';
import { windows } from '../text/windows.ts';
import { createCsvCutter, type CsvCutter } from './cutter.ts';
import { checkDialect } from './dialect.ts';
import { checkHeader, checkNames, headerNames, numberNames } from './header.ts';
import type { CsvEntry, CsvOptions } from './types.ts';

/** A CSV file whose header was read and checked. */
export interface CsvReader<Entry = CsvEntry> {
  readonly header: readonly string[];
  /** The one that was named, or found. */
  readonly encoding: Encoding['name'];
  /** The records and rejects in the file's order, many at a time. To be read once, and to its end or `return`ed. */
  readonly batches: AsyncGenerator<readonly Entry[], void, void>;
}

/**
 * Opens a CSV file: reads as far as the header and checks it.
 *
 * @throws RecordError for a bad option, an empty file, or a header that is missing, broken or not the one expected.
 *   The batches throw RecordError for a quote that is never closed and for a record larger than allowed, unless these are
 *   to be rejects
 */
export async function openCsv(source: AsyncIterable<Uint8Array>, options: CsvOptions = {}): Promise<CsvReader> {
  return open(source, options, (cutter) => cutter.cut());
}

/**
 * Opens a CSV file only to see where its records are: as `openCsv`, but nothing is taken apart, and broken records have a place
 * like others.
 *
 * @throws RecordError as `openCsv`
 */
export async function openCsvPlaces(
  source: AsyncIterable<Uint8Array>,
  options: CsvOptions = {},
): Promise<CsvReader<Place>> {
  return open(source, options, (cutter) => cutter.cutPlaces());
}

type Cut<Entry> = (cutter: CsvCutter) => readonly Entry[];

async function open<Entry>(
  source: AsyncIterable<Uint8Array>,
  options: CsvOptions,
  cut: Cut<Entry>,
): Promise<CsvReader<Entry>> {
  let head: Head | undefined;
  const batches = cutAll(source, options, cut, (found) => {
    head = found;
  });
  // The first batch is empty: it says that the head is known. A generator that has begun closes its source on return.
  await batches.next();
  return { ...(head as unknown as Head), batches };
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

/**
 * Reads a CSV file whose header is known, or a part of one. What comes cuts the records of a window when it is called, which is
 * once, and before the next one is asked for: until then nothing is made of their bytes, however many files are read at once.
 *
 * @throws RecordError as `openCsv`, also from what comes; an empty file has no records
 */
export async function* readCsvWindows(
  source: AsyncIterable<Uint8Array>,
  options: CsvOptions & { readonly header: readonly string[] },
): AsyncGenerator<() => CsvEntry[], void, void> {
  const cutter = csvCutter(options);
  cutter.expectFields(acceptHeader(options.header, 0, options).length);
  for await (const { bytes, last } of windows(source, windowSize(options)))
    yield () => {
      cutter.feed(bytes, last);
      return cutter.cut();
    };
}

/**
 * The cutter that the options describe.
 *
 * @throws RecordError BadOption
 */
export function csvCutter(options: CsvOptions): CsvCutter {
  const { start } = options;
  if (start !== undefined && start.byteOffset > 0 && typeof options.header !== 'object')
    throw new RecordError(
      'BadOption',
      'A part of a file has no header of its own. Give the names as the option header.',
    );
  return createCsvCutter({
    dialect: checkDialect(options),
    encoding: checkEncoding(options.encoding ?? 'auto'),
    maxRecordBytes: checkCount('maxRecordBytes', options.maxRecordBytes ?? MAX_RECORD_BYTES),
    onLostRecord: options.onLostRecord ?? 'fail',
    start: start ?? { line: 1, byteOffset: 0 },
    ...(options.build && { build: options.build }),
  });
}

/**
 * The names of the columns as the options have them, checked.
 *
 * @throws RecordError BlankHeaderName, DuplicateHeaderName, WrongHeader
 */
export function acceptHeader(names: readonly string[], line: number, options: CsvOptions): readonly string[] {
  const clear = options.unclearNames === 'number' ? numberNames(names) : names;
  if (options.unclearNames !== 'keep') checkNames(clear, line);
  checkHeader(clear, line, options.expectedHeader);
  return clear;
}

function windowSize({ windowBytes = WINDOW_BYTES }: CsvOptions): number {
  return checkCount('windowBytes', windowBytes);
}

type Head = Pick<CsvReader, 'header' | 'encoding'>;

async function* cutAll<Entry>(
  source: AsyncIterable<Uint8Array>,
  options: CsvOptions,
  cut: Cut<Entry>,
  onHead: (head: Head) => void,
): AsyncGenerator<readonly Entry[], void, void> {
  const cutter = csvCutter(options);
  const given = typeof options.header === 'object' ? acceptHeader(options.header, 0, options) : undefined;
  let isOpen = false;
  for await (const { bytes, last } of windows(source, windowSize(options))) {
    cutter.feed(bytes, last);
    if (!isOpen) {
      if (given) cutter.cut(0);
      const header = given ?? firstNames();
      const encoding = cutter.encoding();
      if (header && encoding) {
        isOpen = true;
        cutter.expectFields(header.length);
        onHead({ header, encoding });
        yield [];
      }
    }
    if (isOpen) {
      const entries = cut(cutter);
      if (entries.length > 0) yield entries;
    }
  }
  if (!isOpen)
    throw new RecordError('EmptyFile', 'The file is empty: it has no header. Write the header in its first line.');

  function firstNames(): readonly string[] | undefined {
    const [first] = cutter.cut(1);
    return first && acceptHeader(headerNames(first), first.line, options);
  }
}
