/**
 * Cuts bytes into the lines of a JSON Lines file. Only a line feed ends a line (a carriage return before it is white
 * space to JSON; U+2028 is a character like any other). Lines of nothing but white space are skipped.
 */
import { parseJson } from '../../json.ts';
import type { JsonEntry, JsonReject, JsonRejectCode } from '../json/types.ts';
import { nestsDeeper } from '../json/scan.ts';
import { MAX_NESTING } from '../limits.ts';
import type { Place, Start } from '../place.ts';
import { type EncodingName, type View } from '../text/encoding.ts';
import { createFeed } from '../text/feed.ts';

/** How much of a line that is too large its reject shows, in characters. */
const SHOWN = 1000;
const LF = 10;
const NOT_BLANK = /[^ \t\r]/;

export interface LineCutter {
  feed(bytes: Buffer, isLast: boolean): void;
  /** The lines that end in the bytes so far. */
  cut(): JsonEntry[];
  /** Where these lines are, without looking into them. */
  cutPlaces(): Place[];
}

export interface LineCutterOptions {
  readonly encoding: EncodingName;
  readonly maxRecordBytes: number;
  readonly start: Start;
}

export function createLineCutter({ encoding, maxRecordBytes, start }: LineCutterOptions): LineCutter {
  const feed = createFeed(encoding, start.byteOffset);
  let line = start.line;
  /** The line that is too large and whose end was not seen yet. */
  let skipping: { readonly place: Place; readonly raw: string } | undefined;

  function cutInto(entries: (JsonEntry | Place)[], take: typeof entry | typeof place): void {
    const view = feed.view();
    if (!view) return;
    const { text } = view;
    let at = 0;
    while (at < text.length) {
      if (!skipping && text.charCodeAt(at) === LF) {
        line++;
        at++;
        continue;
      }
      const newline = text.indexOf('\n', at);
      if (newline === -1 && !feed.isLast()) break;
      const stop = newline === -1 ? text.length : newline;
      const found = skipping ? skipped(feed.bytes(at, stop)) : take(view, at, stop);
      if (found) entries.push(found);
      line++;
      at = stop + 1;
    }
    const consumed = Math.min(at, text.length);
    const rest = feed.bytes(consumed, text.length);
    if (skipping || rest > maxRecordBytes) skip(view, consumed, rest);
    feed.consume(skipping ? text.length : consumed);
    if (skipping && feed.isLast()) entries.push(skipped(0));
  }

  /** What is left of a line that is too large is counted and let go. */
  function skip(view: View, from: number, rest: number): void {
    if (skipping) {
      skipping = { ...skipping, place: { ...skipping.place, byteLength: skipping.place.byteLength + rest } };
      return;
    }
    const byteOffset = feed.offset() + feed.bytes(0, from);
    skipping = { place: { line, byteOffset, byteLength: rest }, raw: shown(view, from) };
  }

  function skipped(rest: number): JsonReject {
    const { place, raw } = skipping as NonNullable<typeof skipping>;
    skipping = undefined;
    return tooLarge({ ...place, byteLength: place.byteLength + rest }, raw);
  }

  function placeOf(from: number, stop: number): Place {
    return { line, byteOffset: feed.offset() + feed.bytes(0, from), byteLength: feed.bytes(from, stop) };
  }

  function place(view: View, from: number, newline: number): Place | undefined {
    return NOT_BLANK.test(view.text.slice(from, newline)) ? placeOf(from, endOf(view, from, newline)) : undefined;
  }

  function entry(view: View, from: number, newline: number): JsonEntry | undefined {
    const stop = endOf(view, from, newline);
    const place = placeOf(from, stop);
    if (place.byteLength > maxRecordBytes) return tooLarge(place, shown(view, from));
    const text = view.decode(from, stop);
    if (text === undefined)
      return reject('InvalidEncoding', `The line is not valid ${feed.encoding().title}.`, place, view.show(from, stop));
    if (!NOT_BLANK.test(text)) return undefined;
    if (nestsDeeper(text, MAX_NESTING))
      return reject('NestedTooDeep', `The line is nested deeper than ${MAX_NESTING} levels.`, place, text);
    try {
      return { kind: 'record', value: parseJson(text), text: text.trim(), ...place };
    } catch (error) {
      return reject('InvalidJson', `The line is not JSON: ${(error as Error).message}.`, place, text);
    }
  }

  function shown(view: View, from: number): string {
    return view.show(from, from + Math.min(SHOWN, Math.floor(maxRecordBytes / feed.encoding().unit)));
  }

  function tooLarge(place: Place, raw: string): JsonReject {
    const size = `${place.byteLength} bytes, at most ${maxRecordBytes} are allowed`;
    return reject('RecordTooLarge', `The line is too large: ${size}.`, place, raw);
  }

  function taken<Entry>(take: typeof entry | typeof place): Entry[] {
    const entries: (JsonEntry | Place)[] = [];
    cutInto(entries, take);
    return entries as Entry[];
  }

  return { feed: feed.push, cut: () => taken(entry), cutPlaces: () => taken(place) };
}

/** Without the carriage return before the line feed. */
function endOf({ text }: View, from: number, newline: number): number {
  return newline > from && text[newline - 1] === '\r' ? newline - 1 : newline;
}

function reject(code: JsonRejectCode, reason: string, place: Place, raw: string): JsonReject {
  return { kind: 'reject', code, reason, raw, ...place };
}
