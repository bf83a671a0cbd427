/**
 * Cuts bytes into CSV records, window by window, synchronously. Knows no header: how many fields a record must have is
 * told with `expectFields`.
 *
 * Speed comes from doing nothing per byte in JavaScript: line endings, quotes and escapes are found by indexOf, and only
 * records that have a quote or an escape go through the scanner.
 */
import { RecordError } from '../record-error.ts';
import type { Place, Start } from '../place.ts';
import type { Encoding, EncodingName, View } from '../text/encoding.ts';
import { createFeed } from '../text/feed.ts';
import type { CsvDialect } from './dialect.ts';
import { type Fields, fitCount, NO_FIELDS, splitSpecial } from './fields.ts';
import { countLines, createFinder, type Finder } from './finder.ts';
import { type BuiltColumn, createPlainReader, type PlainReader } from './plain.ts';
import { addPlainPlaces } from './plain-places.ts';
import { type ScanDialect, type ScanState, scanDialect, scanRecord } from './scan.ts';
import type { CsvEntry, CsvReject, CsvRejectCode } from './types.ts';

/** How much of a record that is too large its reject shows, in characters. */
const SHOWN = 1000;

const LF = 10;
const CR = 13;

export interface CsvCutter {
  /** From now on a record with another number of fields is a reject. */
  expectFields(count: number): void;
  /** Takes in the next bytes. @param isLast whether the file ends with them */
  feed(bytes: Buffer, isLast: boolean): void;
  /**
   * The records that end in the bytes so far, at most `limit` of them.
   *
   * @throws RecordError UnterminatedQuote, RecordTooLarge, when such records are to fail
   */
  cut(limit?: number): CsvEntry[];
  /**
   * Where these records are, without looking into them.
   *
   * @throws RecordError as `cut`
   */
  cutPlaces(): Place[];
  /** Where the next record starts. */
  position(): Start;
  /** Known as soon as there was something to look at. */
  encoding(): Encoding['name'] | undefined;
}

export interface CsvCutterOptions {
  readonly dialect: CsvDialect;
  readonly encoding: EncodingName;
  readonly maxRecordBytes: number;
  readonly onLostRecord: 'fail' | 'reject';
  readonly start: Start;
  readonly build?: readonly BuiltColumn[];
}

/** A record that is too large, of which the end was not seen yet. */
interface Skipped {
  readonly place: Place;
  readonly raw: string;
  readonly lines: number;
  readonly state: ScanState;
  readonly quoteLine: number | undefined;
}

export function createCsvCutter(options: CsvCutterOptions): CsvCutter {
  const { dialect, maxRecordBytes, onLostRecord } = options;
  const { delimiter } = dialect;
  const crEnds = dialect.newline === 'any';
  const skipsBlank = dialect.blankLines !== 'keep';
  const feed = createFeed(options.encoding, options.start.byteOffset);
  let fieldCount: number | undefined;
  let line = options.start.line;
  let toSkip = options.start.byteOffset === 0 ? dialect.skipLines : 0;
  let scanning: ScanDialect | undefined;
  let comment: string | null = null;
  let skipped: Skipped | undefined;
  let plain: PlainReader | undefined;

  function cut(limit = Number.POSITIVE_INFINITY): CsvEntry[] {
    const entries: CsvEntry[] = [];
    cutInto(entries, entry, limit, plain && passPlain);
    return entries;
  }

  function cutPlaces(): Place[] {
    const places: Place[] = [];
    cutInto(places, place, Number.POSITIVE_INFINITY, dialect.comment === null ? passPlaces : undefined);
    return places;
  }

  /**
   * @param take what is made of a record
   * @param pass takes in the records that stand before the first one that wants a closer look; returns where that starts
   */
  function cutInto(
    entries: (CsvEntry | Place)[],
    take: typeof entry | typeof place,
    limit: number,
    pass: typeof passPlain | undefined,
  ): void {
    const view = feed.view();
    if (!view) return;
    const { text } = view;
    const { length } = text;
    const last = feed.isLast();
    const { unit, pattern } = feed.encoding();
    if (scanning === undefined) {
      scanning = scanDialect(dialect, pattern);
      comment = dialect.comment === null ? null : pattern(dialect.comment);
    }
    const base = feed.offset();
    const find = createFinder(text, dialect);
    let start = 0;
    if (skipped) start = endSkipped(view, scanning, entries);

    while (start < length && entries.length < limit) {
      if (skipsBlank && toSkip === 0) {
        start = passBlank(text, start);
        if (start >= length) break;
      }
      if (pass && toSkip === 0) {
        const before = entries.length;
        start = pass(entries, view, start, find, limit);
        line += entries.length - before;
        if (start >= length || entries.length >= limit) break;
      }
      let end = find.lineEnd(start);
      const isPassedOver = toSkip > 0 || (comment !== null && text.startsWith(comment, start));
      const isSpecial = !isPassedOver && find.hasSpecial(start, end);
      if (isSpecial) {
        const scan = scanRecord(text, start, scanning, last);
        if (scan.kind === 'incomplete') {
          const quoteLine = scan.openQuote === -1 ? undefined : line + countLines(text, start, scan.openQuote, crEnds);
          if (last) {
            entries.push(unterminated(view, start, quoteLine));
            line += countLines(text, start, length, crEnds);
            start = length;
          } else if ((length - start) * unit > maxRecordBytes) {
            startSkipping(view, start, scan.at, scan.state, quoteLine);
            start = scan.at;
          }
          break;
        }
        end = scan.end;
      }
      // A CR at the end of a window may be half of a CRLF; a comment mark may be cut.
      if (!last && (end === length || (end === length - 1 && crEnds && text[end] === '\r'))) {
        if ((length - start) * unit <= maxRecordBytes) break;
        const scan = scanRecord(text, start, scanning, last);
        if (isPassedOver || scan.kind === 'complete') throw tooLarge(placeOf(start, length), undefined);
        startSkipping(view, start, scan.at, scan.state, undefined);
        start = scan.at;
        break;
      }
      const ending = text.charCodeAt(end) === 13 && text.charCodeAt(end + 1) === 10 ? 2 : 1;
      const stop = !crEnds && end > start && end < length && text.charCodeAt(end - 1) === 13 ? end - 1 : end;
      if (!isPassedOver && (stop > start || dialect.blankLines === 'keep'))
        entries.push(take(view, start, stop, base + start * unit, feed.bytes(start, stop), isSpecial));
      if (toSkip > 0) toSkip--;
      line += isSpecial ? 1 + countLines(text, start, end, crEnds) : 1;
      start = end + ending;
    }
    if (start > 0 || entries.length < limit) feed.consume(Math.min(start, length));
  }

  function passPlain(entries: Place[], { bytes, text }: View, start: number, _find: Finder, limit: number): number {
    return plain && bytes ? plain.read(entries, limit, bytes, text, start, line, feed.offset()) : start;
  }

  function passPlaces(places: Place[], { text }: View, start: number, find: Finder): number {
    const { unit } = feed.encoding();
    return addPlainPlaces(places, { text, find, start, line, base: feed.offset(), unit, most: maxRecordBytes, crEnds });
  }

  /** Counts the lines from there on that have nothing in them. A CR at the end of a window may be half of a CRLF. */
  function passBlank(text: string, from: number): number {
    let start = from;
    for (;;) {
      const code = text.charCodeAt(start);
      if (code === LF) start++;
      else if (code === CR && text.charCodeAt(start + 1) === LF) start += 2;
      else if (code === CR && crEnds && start + 1 < text.length) start++;
      else return start;
      line++;
    }
  }

  /** @throws RecordError RecordTooLarge, as for a record that is read */
  function place(view: View, start: number, _stop: number, byteOffset: number, byteLength: number): Place {
    const found = { line, byteOffset, byteLength };
    if (byteLength > maxRecordBytes) lost('RecordTooLarge', found, shown(view, start), undefined);
    return found;
  }

  function entry(
    view: View,
    start: number,
    stop: number,
    byteOffset: number,
    byteLength: number,
    isSpecial: boolean,
  ): CsvEntry {
    if (byteLength > maxRecordBytes)
      return lost('RecordTooLarge', { line, byteOffset, byteLength }, shown(view, start), undefined);
    const raw = view.decode(start, stop);
    if (raw === undefined) {
      const reason = `The record is not valid ${feed.encoding().title}.`;
      return reject('InvalidEncoding', reason, { line, byteOffset, byteLength }, view.show(start, stop));
    }
    const plain: Fields = isSpecial
      ? splitSpecial(raw, dialect)
      : { kind: 'fields', fields: raw.split(delimiter), quotedEmpty: NO_FIELDS };
    const found = fieldCount === undefined ? plain : fitCount(plain, fieldCount, dialect);
    if (found.kind === 'broken')
      return { ...reject(found.code, found.reason, { line, byteOffset, byteLength }, raw), ...found.there };
    const { fields, quotedEmpty, cutAt } = found;
    return cutAt === undefined
      ? { kind: 'record', fields, quotedEmpty, line, byteOffset, byteLength }
      : { kind: 'record', fields, quotedEmpty, cutAt, line, byteOffset, byteLength };
  }

  /** Begins to let go of a record that is too large to be held. */
  function startSkipping(view: View, start: number, at: number, state: ScanState, quoteLine: number | undefined): void {
    if (onLostRecord === 'fail') throw tooLarge(placeOf(start, view.text.length), quoteLine);
    const raw = shown(view, start);
    skipped = { place: placeOf(start, at), raw, lines: countLines(view.text, start, at, crEnds), state, quoteLine };
  }

  /** Goes on to the end of the record that is let go. Returns where the next one starts. */
  function endSkipped(view: View, scanning: ScanDialect, entries: (CsvEntry | Place)[]): number {
    const { place, raw, lines, state, quoteLine } = skipped as Skipped;
    const { text } = view;
    const scan = scanRecord(text, 0, scanning, feed.isLast(), state);
    const isOpen = scan.kind === 'incomplete';
    const at = isOpen ? (feed.isLast() ? text.length : scan.at) : scan.end;
    const through = { ...place, byteLength: place.byteLength + feed.bytes(0, at) };
    const passed = lines + countLines(text, 0, at, crEnds);
    if (isOpen && !feed.isLast()) {
      const opened = quoteLine ?? (scan.openQuote === -1 ? undefined : line + lines);
      skipped = { place: through, raw, lines: passed, state: scan.state, quoteLine: opened };
      return at;
    }
    skipped = undefined;
    entries.push(lost(isOpen ? 'UnterminatedQuote' : 'RecordTooLarge', through, raw, quoteLine));
    line += passed + 1;
    return at + (text.startsWith('\r\n', at) ? 2 : 1);
  }

  function unterminated(view: View, start: number, quoteLine: number | undefined): CsvReject {
    const stop = view.text.length;
    return lost('UnterminatedQuote', placeOf(start, stop), view.show(start, stop), quoteLine);
  }

  function lost(
    code: 'UnterminatedQuote' | 'RecordTooLarge',
    place: Place,
    raw: string,
    quoteLine: number | undefined,
  ): CsvReject {
    const error = code === 'UnterminatedQuote' ? unclosed(place, quoteLine) : tooLarge(place, quoteLine);
    if (onLostRecord === 'fail') throw error;
    return reject(code, error.message, place, raw);
  }

  function tooLarge(place: Place, quoteLine: number | undefined): RecordError {
    const [hint, settings] =
      quoteLine === undefined
        ? ['Check the line endings.', 'Or raise maxRecordBytes.']
        : [`The quote opened in line ${quoteLine} is probably never closed.`, 'If it is, raise maxRecordBytes.'];
    const size = `at least ${place.byteLength} bytes, at most ${maxRecordBytes} are allowed`;
    const message = `The record that starts in line ${place.line} is too large: ${size}. ${hint}`;
    return new RecordError('RecordTooLarge', message, place.line, { settings });
  }

  function placeOf(start: number, stop: number): Place {
    return { line, byteOffset: feed.offset() + feed.bytes(0, start), byteLength: feed.bytes(start, stop) };
  }

  function shown(view: View, start: number): string {
    return view.show(start, start + Math.min(SHOWN, Math.floor(maxRecordBytes / feed.encoding().unit)));
  }

  return {
    cut,
    cutPlaces,
    feed: feed.push,
    expectFields: (count) => {
      fieldCount = count;
      const { build } = options;
      if (build && isSimple(dialect))
        plain = createPlainReader({
          fields: count,
          columns: build,
          delimiter,
          quote: dialect.quote,
          most: maxRecordBytes,
        });
    },
    position: () => ({ line, byteOffset: feed.offset() }),
    encoding: () => scanning && feed.encoding().name,
  };
}

/** Whether the plain way knows of all that may stand in a record. */
function isSimple({ delimiter, escape, comment }: CsvDialect): boolean {
  return delimiter.length === 1 && delimiter <= '\x7f' && escape === null && comment === null;
}

function unclosed({ line }: Place, quoteLine = line): RecordError {
  return new RecordError(
    'UnterminatedQuote',
    `The quote opened in line ${quoteLine} is never closed: the file ends inside the quoted field of the record that starts in line ${line}. Close the quote, or double it if it is text.`,
    quoteLine,
  );
}

function reject(code: CsvRejectCode, reason: string, place: Place, raw: string): CsvReject {
  return { kind: 'reject', code, reason, raw, ...place };
}
