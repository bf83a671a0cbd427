/**
 * Cuts the elements of one array (or the members of one object) out of a JSON document as its bytes come. Around them
 * the document is checked token by token, so that a pointer may lead past values of any size; each element is then
 * parsed on its own. A document that is not JSON fails as a whole: where its elements end is no longer sure.
 */
import { type Json, parseJson } from '../../json.ts';
import { quoteForMessage, RecordError } from '../record-error.ts';
import type { Start } from '../place.ts';
import type { EncodingName, View } from '../text/encoding.ts';
import { createFeed } from '../text/feed.ts';
import { createLineCounter } from '../text/newlines.ts';
import { MAX_NESTING } from '../limits.ts';
import { nestsDeeper, scalarEnd, skipSpace, stringEnd, valueEnd } from './scan.ts';
import type { JsonRecord } from './types.ts';

const MAX_DEPTH = 10_000;

/** What may come next. `first…`: the container may also end. */
type Expected = 'value' | 'first value' | 'key' | 'first key' | 'colon' | 'comma' | 'end';

/** A container that is open. */
interface Container {
  readonly close: ']' | '}';
  /** The pointer leads through it. */
  readonly isOnPath: boolean;
  /** The pointer leads to it: what is in it are the records. */
  readonly isTarget: boolean;
  /** Of the value that comes next or was last. */
  index: number;
  key: string;
  /** The pointer's next step was seen in it. */
  passed: boolean;
}

export interface ItemCutter {
  feed(bytes: Buffer, isLast: boolean): void;
  /**
   * The records that end in the bytes so far.
   *
   * @throws RecordError InvalidJson, InvalidEncoding, PointerNotFound, RecordTooLarge
   */
  cut(): JsonRecord[];
}

export interface ItemCutterOptions {
  readonly path: readonly string[];
  readonly encoding: EncodingName;
  readonly maxRecordBytes: number;
  readonly start: Start;
  /** The bytes are a run of the array's elements, without what is around it. */
  readonly isInside: boolean;
  /** Whether an object in the array's place gives its members. */
  readonly takesMembers: boolean;
}

export function createItemCutter(options: ItemCutterOptions): ItemCutter {
  const { maxRecordBytes, start, isInside } = options;
  const path = isInside ? [] : options.path;
  const feed = createFeed(options.encoding, start.byteOffset);
  const open: Container[] = [];
  let expected: Expected = 'value';
  let found = false;
  const lines = createLineCounter(start.line);
  let view: View = { text: '', decode: () => '', show: () => '' };
  let text = '';
  let at = 0;
  let records: JsonRecord[] = [];
  if (isInside) enter(']', true, true, 'value');

  function cut(): JsonRecord[] {
    records = [];
    const next = feed.view();
    if (!next) return records;
    view = next;
    ({ text } = view);
    at = 0;
    lines.view(text);
    while (advance());
    lines.at(at);
    feed.consume(at);
    if (feed.isLast()) checkEnd();
    else if (feed.waiting() > maxRecordBytes) throw tooLarge(feed.waiting());
    return records;
  }

  /** Takes the next token. Returns whether there was one. */
  function advance(): boolean {
    at = skipSpace(text, at);
    if (at >= text.length) return false;
    const char = text[at] as string;
    switch (expected) {
      case 'first value':
        return char === ']' ? leave() : value(char);
      case 'value':
        return value(char);
      case 'first key':
        return char === '}' ? leave() : key(char);
      case 'key':
        return key(char);
      case 'colon':
        return punctuation(char, ':', 'value');
      case 'comma': {
        const { close } = open.at(-1) as Container;
        if (char === close && !isEndOfPart()) return leave();
        return punctuation(char, ',', close === ']' ? 'value' : 'key');
      }
      case 'end':
        throw invalid(`${quoteForMessage(char)} stands behind the end of the document`);
      default:
        return expected satisfies never;
    }
  }

  function isEndOfPart(): boolean {
    return isInside && open.length === 1;
  }

  function value(char: string): boolean {
    const inside = open.at(-1);
    if (inside?.close === ']') inside.index++;
    const isOnPath = leadsOn(inside);
    if (isOnPath && open.length === path.length && !found) return enterTarget(char);
    if (inside?.isTarget) return record(inside);
    if (char === '{') return enter('}', isOnPath, false, 'first key');
    if (char === '[') return enter(']', isOnPath, false, 'first value');
    const end = char === '"' ? stringEnd(text, at) : scalarEnd(text, at, feed.isLast());
    if (end === -1) return again(inside, isOnPath);
    parse(at, end);
    return valueDone(end);
  }

  /** The value ends in bytes that are still to come: it is looked at again when they are there. */
  function again(inside: Container | undefined, isOnPath: boolean): false {
    if (inside?.close === ']') inside.index--;
    if (inside && isOnPath) inside.passed = false;
    return false;
  }

  /** Whether the value that comes next is on the pointer's path. */
  function leadsOn(inside: Container | undefined): boolean {
    if (inside === undefined) return true;
    const step = path[open.length - 1];
    if (!inside.isOnPath || step === undefined) return false;
    if (step !== (inside.close === ']' ? String(inside.index) : inside.key)) return false;
    if (inside.passed)
      throw invalid(`the name ${quoteForMessage(step)}, which the pointer goes through, is there twice`);
    inside.passed = true;
    return true;
  }

  function enterTarget(char: string): boolean {
    found = true;
    if (char === '[') return enter(']', true, true, 'first value');
    if (char === '{' && options.takesMembers) return enter('}', true, true, 'first key');
    const wanted = options.takesMembers ? 'an array or an object' : 'an array';
    throw new RecordError(
      'PointerNotFound',
      `${pointer()} leads to ${quoteForMessage(view.show(at, at + 20))} in line ${lines.at(at)}, not to ${wanted}. Name the one that holds the records.`,
      lines.at(at),
    );
  }

  function enter(close: ']' | '}', isOnPath: boolean, isTarget: boolean, next: Expected): true {
    if (open.length >= MAX_DEPTH) throw invalid(`it is nested deeper than ${MAX_DEPTH} levels`);
    open.push({ close, isOnPath, isTarget, index: -1, key: '', passed: false });
    expected = next;
    at++;
    return true;
  }

  function leave(): true {
    open.pop();
    return valueDone(at + 1);
  }

  function valueDone(end: number): true {
    at = end;
    expected = open.length === 0 ? 'end' : 'comma';
    return true;
  }

  function key(char: string): boolean {
    if (char !== '"') throw invalid(`a name in quotes is expected, not ${quoteForMessage(char)}`);
    const end = stringEnd(text, at);
    if (end === -1) return false;
    const inside = open.at(-1) as Container;
    // Most names are of no interest, but all must be valid.
    inside.key = parse(at, end).value as string;
    at = end;
    expected = 'colon';
    return true;
  }

  function punctuation(char: string, wanted: string, next: Expected): true {
    if (char !== wanted) throw invalid(`${JSON.stringify(wanted)} is expected, not ${quoteForMessage(char)}`);
    at++;
    expected = next;
    return true;
  }

  function record(inside: Container): boolean {
    const end = valueEnd(text, at, feed.isLast());
    if (end === -1) return again(inside, false);
    const byteLength = feed.bytes(at, end);
    if (byteLength > maxRecordBytes) throw tooLarge(byteLength);
    const place = { line: lines.at(at), byteOffset: feed.offset() + feed.bytes(0, at), byteLength };
    const parsed = parse(at, end);
    records.push({ kind: 'record', ...parsed, ...(inside.close === '}' && { key: inside.key }), ...place });
    return valueDone(end);
  }

  function parse(from: number, end: number): { readonly value: Json; readonly text: string } {
    const part = view.decode(from, end);
    if (part === undefined)
      throw new RecordError(
        'InvalidEncoding',
        `The document is not valid ${feed.encoding().title} in line ${lines.at(from)}, at byte ${byteAt(from)}. Save it as UTF-8.`,
        lines.at(from),
        { settings: 'Or name its encoding.' },
      );
    if (nestsDeeper(part, MAX_NESTING)) throw invalid(`a value is nested deeper than ${MAX_NESTING} levels`);
    try {
      return { value: parseJson(part), text: part };
    } catch (error) {
      throw invalid(part === '' ? `${quoteForMessage(text[from] ?? '')} is no value` : (error as Error).message);
    }
  }

  function checkEnd(): void {
    if (isInside ? open.length === 1 && expected === 'comma' : expected === 'end') {
      if (found || isInside) return;
      throw new RecordError(
        'PointerNotFound',
        `${pointer()} leads nowhere: the document has no such place. Check the names in the pointer.`,
      );
    }
    throw invalid(
      feed.offset() === start.byteOffset && text.trim() === '' ? 'it is empty' : 'it ends before it is complete',
    );
  }

  function byteAt(position: number): number {
    return feed.offset() + feed.bytes(0, position);
  }

  function pointer(): string {
    return `The pointer ${JSON.stringify(path.map((step) => `/${step.replaceAll('~', '~0').replaceAll('/', '~1')}`).join(''))}`;
  }

  function invalid(what: string): RecordError {
    return new RecordError(
      'InvalidJson',
      `The document is not JSON: in line ${lines.at(at)}, at byte ${byteAt(at)}, ${what}. Correct the file.`,
      lines.at(at),
    );
  }

  function tooLarge(bytes: number): RecordError {
    return new RecordError(
      'RecordTooLarge',
      `The value that starts in line ${lines.at(at)} is too large: at least ${bytes} bytes, at most ${maxRecordBytes} are allowed. Check that the pointer leads to the array of records.`,
      lines.at(at),
      { settings: 'Or raise maxRecordBytes.' },
    );
  }

  return { feed: feed.push, cut };
}
