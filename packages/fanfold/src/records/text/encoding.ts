/**
 * The encodings of text files, each seen through a **view**: a string in which every character stands for a fixed number
 * of bytes, so that a position in it is a byte offset, and in which ASCII is itself. Records are cut in the view; only
 * what belongs to a record is decoded, and never with a replacement character.
 */
import { isAscii, isUtf8 } from 'node:buffer';
import { RecordError } from '../record-error.ts';

/** `auto`: by the byte order mark, UTF-8 without one. */
export type EncodingName = 'auto' | Encoding['name'];

export interface View {
  readonly text: string;
  /** The same in bytes, where each character is one and ASCII is what it is: of UTF-8. */
  readonly bytes?: Buffer;
  /** The text of a part; undefined when its bytes are not valid in the encoding. */
  decode(start: number, stop: number): string | undefined;
  /** The same for people's eyes: what is not valid shows as U+FFFD. */
  show(start: number, stop: number): string;
}

export interface Encoding {
  readonly name: 'utf-8' | 'utf-16le' | 'utf-16be' | 'latin1' | 'windows-1252';
  /** As people write it. */
  readonly title: string;
  /** Bytes for each character of a view. */
  readonly unit: 1 | 2;
  readonly mark: Buffer;
  view(bytes: Buffer): View;
  /** How a text looks in a view. @throws RecordError BadOption for what the encoding does not have */
  pattern(text: string): string;
}

const NO_MARK: Buffer = Buffer.alloc(0);
// oxlint-disable-next-line no-control-regex -- a character per byte, and the first half of them is ASCII
const NOT_ASCII = /[^\x00-\x7f]/;
const WINDOWS = new TextDecoder('windows-1252');

const ENCODINGS: { readonly [Name in Encoding['name']]: Encoding } = {
  'utf-8': {
    name: 'utf-8',
    title: 'UTF-8',
    unit: 1,
    mark: Buffer.from([0xef, 0xbb, 0xbf]),
    view: utf8View,
    pattern: (text) => Buffer.from(text).toString('latin1'),
  },
  'utf-16le': {
    name: 'utf-16le',
    title: 'UTF-16LE',
    unit: 2,
    mark: Buffer.from([0xff, 0xfe]),
    view: (bytes) => utf16View(bytes.toString('utf16le'), bytes.length % 2 === 1),
    pattern: (text) => text,
  },
  'utf-16be': {
    name: 'utf-16be',
    title: 'UTF-16BE',
    unit: 2,
    mark: Buffer.from([0xfe, 0xff]),
    view: (bytes) => {
      const even = Buffer.from(bytes.subarray(0, bytes.length - (bytes.length % 2)));
      return utf16View(even.swap16().toString('utf16le'), bytes.length % 2 === 1);
    },
    pattern: (text) => text,
  },
  latin1: {
    name: 'latin1',
    title: 'Latin-1',
    unit: 1,
    mark: NO_MARK,
    view: (bytes) => singleByteView(bytes.toString('latin1'), (text) => text),
    pattern: (text) => singleBytePattern(text, (code) => String.fromCharCode(code), 'Latin-1'),
  },
  'windows-1252': {
    name: 'windows-1252',
    title: 'Windows-1252',
    unit: 1,
    mark: NO_MARK,
    view: (bytes) => singleByteView(bytes.toString('latin1'), fromWindows),
    pattern: (text) => singleBytePattern(text, (code) => WINDOWS.decode(Uint8Array.of(code)), 'Windows-1252'),
  },
};

/** @throws RecordError BadOption for a name that is not known */
export function checkEncoding(name: string): EncodingName {
  if (name === 'auto' || Object.hasOwn(ENCODINGS, name)) return name as EncodingName;
  throw new RecordError(
    'BadOption',
    `The encoding ${JSON.stringify(name)} is not known. Use one of ${['auto', ...Object.keys(ENCODINGS)].join(', ')}.`,
  );
}

export function encodingOf(name: Encoding['name']): Encoding {
  return ENCODINGS[name];
}

/**
 * The encoding that the first bytes of a file tell.
 *
 * @param first the first three bytes, or all where there are fewer
 */
export function detectEncoding(first: Buffer): Encoding {
  return markedEncoding(first) ?? ENCODINGS['utf-8'];
}

/** The encoding that a byte order mark tells, where there is one. @param first as `detectEncoding` */
export function markedEncoding(first: Buffer): Encoding | undefined {
  return Object.values(ENCODINGS).find(({ mark }) => hasMark(first, mark));
}

export function hasMark(first: Buffer, mark: Buffer): boolean {
  return mark.length > 0 && first.subarray(0, mark.length).equals(mark);
}

function utf8View(bytes: Buffer): View {
  const text = bytes.toString('latin1');
  const ascii = isAscii(bytes);
  const utf8 = ascii || isUtf8(bytes);
  return {
    text,
    bytes,
    decode(start, stop) {
      if (!utf8 && !isUtf8(bytes.subarray(start, stop))) return undefined;
      // Text of its own: a slice keeps all of the window in memory for as long as somebody has a field of the record.
      return bytes.toString(ascii ? 'latin1' : 'utf8', start, stop);
    },
    show: (start, stop) => bytes.toString('utf8', start, stop),
  };
}

/** Half a character at the end of the file becomes half a surrogate pair: it makes its record invalid. */
function utf16View(whole: string, isOdd: boolean): View {
  const text = isOdd ? `${whole}\ud800` : whole;
  return {
    text,
    decode(start, stop) {
      const part = text.slice(start, stop);
      return part.isWellFormed() ? part : undefined;
    },
    show: (start, stop) => text.slice(start, stop).toWellFormed(),
  };
}

function singleByteView(text: string, decode: (part: string) => string): View {
  const part = (start: number, stop: number) => decode(text.slice(start, stop));
  return { text, decode: part, show: part };
}

function fromWindows(part: string): string {
  return NOT_ASCII.test(part) ? WINDOWS.decode(Buffer.from(part, 'latin1')) : part;
}

function singleBytePattern(text: string, decode: (code: number) => string, title: string): string {
  const codes = Array.from(text, (char) =>
    Array.from({ length: 256 }, (_, code) => code).find((c) => decode(c) === char),
  );
  if (!codes.includes(undefined)) return String.fromCharCode(...(codes as number[]));
  throw new RecordError('BadOption', `The text ${JSON.stringify(text)} cannot stand in a ${title} file.`);
}
