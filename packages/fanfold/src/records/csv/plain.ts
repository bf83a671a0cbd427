/**
 * The short way for records without quotes, escapes and characters beyond ASCII, which is most of them: their delimiters are
 * found in the bytes, and their values are made straight from there, by a function that is generated for the columns. Whatever
 * it does not take goes the long way and comes to the same.
 */
import { NO_FIELDS } from './fields.ts';
import type { Place } from '../place.ts';
import type { CsvRecord } from './types.ts';

/** A column that is wanted as a member of what is built. */
export interface BuiltColumn {
  /** Among the fields. */
  readonly index: number;
  readonly name: string;
  /**
   * `text` as it stands. `integer` and `number`: digits, with a minus and a point as far as they go; a record in which the field
   * is anything else, or empty, is not built. @defaultValue 'text'
   */
  readonly as?: 'text' | 'integer' | 'number';
  /** Of a text: whether it is kept beside what is built, for whoever writes it again. @defaultValue false */
  readonly kept?: boolean;
}

/** Finds plain records and builds them. */
export interface PlainReader {
  /**
   * Reads one plain record after the other for as long as there are any.
   *
   * @param entries takes them in, as many as it may hold
   * @param text the same as the bytes, a character for each
   * @param line on which the first of them starts
   * @param base where the bytes begin in the file
   * @returns where the next record starts, which is not a plain one
   */
  read(
    entries: Place[],
    limit: number,
    bytes: Uint8Array,
    text: string,
    start: number,
    line: number,
    base: number,
  ): number;
}

export interface PlainReaderParams {
  /** How many a record has. */
  readonly fields: number;
  readonly columns: readonly BuiltColumn[];
  /** One ASCII character. */
  readonly delimiter: string;
  /** One, or null. */
  readonly quote: string | null;
  /** The largest record, bytes. */
  readonly most: number;
}

const LF = 10;
const CR = 13;
/** What decimals an exact division has. */
const POWERS: readonly number[] = Array.from({ length: 16 }, (_, exponent) => 10 ** exponent);
const MOST_DIGITS = 15;

type Build = (bytes: Uint8Array, text: string, start: number, end: number, ends: Int32Array) => object | undefined;

/** Texts that were kept, by the names of their columns. */
export type Kept = Readonly<Record<string, string>>;

export function createPlainReader({ fields, columns, delimiter, quote, most }: PlainReaderParams): PlainReader {
  const ends = new Int32Array(fields);
  const isStop = new Uint8Array(256).fill(1, 128);
  for (const code of [LF, CR, delimiter.charCodeAt(0), quote?.charCodeAt(0) ?? CR]) isStop[code] = 1;
  const between = delimiter.charCodeAt(0);
  const build = builderOf(fields, columns);
  // What stands as it is in any file with these delimiters and quotes.
  const keep = delimiter === ',' && quote === '"' ? keeperOf(columns) : undefined;

  /** Where a plain record's line ending starts, or -1; its delimiters are then in `ends`. */
  function scan(bytes: Uint8Array, start: number): number {
    const { length } = bytes;
    let found = 0;
    for (let at = start; at < length; at++) {
      const code = bytes[at] as number;
      if (isStop[code] === 0) continue;
      if (code === between) {
        if (found === fields - 1) return -1;
        ends[found++] = at;
      } else if (found !== fields - 1 || at === start) return -1;
      else if (code === LF) return at;
      else return code === CR && bytes[at + 1] === LF ? at : -1;
    }
    return -1;
  }

  return {
    read(entries, limit, bytes, text, start, line, base) {
      let at = start;
      let next = line;
      while (entries.length < limit) {
        const end = scan(bytes, at);
        if (end === -1 || end - at > most) break;
        const built = build(bytes, text, at, end, ends);
        if (built === undefined) break;
        const kept = keep === undefined ? undefined : keep(built);
        entries.push(new PlainRecord(built, kept, next++, base + at, end - at, bytes, text, at, delimiter));
        at = end + (bytes[end] === CR ? 2 : 1);
      }
      return at;
    },
  };
}

/** What was built, and the fields it was built from, made when they are asked for. */
export class PlainRecord implements CsvRecord {
  readonly built: object;
  readonly kept: Kept | undefined;
  readonly line: number;
  readonly byteOffset: number;
  readonly byteLength: number;
  /** In which it starts at `start`. */
  readonly bytes: Uint8Array;
  readonly start: number;
  readonly #text: string;
  readonly #delimiter: string;

  constructor(
    built: object,
    kept: Kept | undefined,
    line: number,
    byteOffset: number,
    byteLength: number,
    bytes: Uint8Array,
    text: string,
    start: number,
    delimiter: string,
  ) {
    this.built = built;
    this.kept = kept;
    this.line = line;
    this.byteOffset = byteOffset;
    this.byteLength = byteLength;
    this.bytes = bytes;
    this.start = start;
    this.#text = text;
    this.#delimiter = delimiter;
  }

  get kind(): 'record' {
    return 'record';
  }

  get quotedEmpty(): readonly number[] {
    return NO_FIELDS;
  }

  get fields(): readonly string[] {
    return this.#text.slice(this.start, this.start + this.byteLength).split(this.#delimiter);
  }
}

/** Kept, so that the chunks of a run share what the compiler has made of it. */
const generated = new Map<string, Build>();
const MOST_KEPT = 100;

function builderOf(fields: number, columns: readonly BuiltColumn[]): Build {
  const key = JSON.stringify([fields, columns]);
  const known = generated.get(key);
  if (known) return known;
  if (generated.size >= MOST_KEPT) generated.clear();
  const made = generate(fields, columns);
  generated.set(key, made);
  return made;
}

/**
 * A function for these columns and no others. What it makes is a plain object of one shape, yet made by a constructor: of object
 * literals V8 may decide that they live long, and puts them where they keep the window that they were cut out of in memory.
 */
function generate(fields: number, columns: readonly BuiltColumn[]): Build {
  const from = (index: number): string => (index === 0 ? 'start' : `ends[${index - 1}] + 1`);
  const to = (index: number): string => (index === fields - 1 ? 'end' : `ends[${index}]`);
  const numbers = columns.filter(({ as = 'text' }) => as !== 'text');
  const lines = numbers.map(({ index, as }) => {
    const value = `const v${index} = ${as}(bytes, ${from(index)}, ${to(index)});`;
    return `${value} if (v${index} !== v${index}) return undefined;`;
  });
  const values = columns.map(({ index, as = 'text' }) =>
    as === 'text' ? `text.slice(${from(index)}, ${to(index)})` : `v${index}`,
  );
  const members = columns.map(({ name }, at) =>
    name in Object.prototype
      ? `own(this, ${JSON.stringify(name)}, a${at});`
      : `this[${JSON.stringify(name)}] = a${at};`,
  );
  const body = `'use strict';
    function Built(${values.map((_, at) => `a${at}`).join(', ')}) { ${members.join('\n')} }
    Built.prototype = Object.prototype;
    return (bytes, text, start, end, ends) => { ${lines.join('\n')} return new Built(${values.join(', ')}); };`;
  // oxlint-disable-next-line no-new-func -- made of column names, as JSON, and of numbers alone
  return (new Function('integer', 'number', 'own', body) as (...made: readonly unknown[]) => Build)(
    integer,
    number,
    own,
  );
}

type Keep = (built: object) => Kept;

/** Made by a constructor of its own, as what is built. */
function keeperOf(columns: readonly BuiltColumn[]): Keep | undefined {
  const names = columns.filter(({ kept }) => kept === true).map(({ name }) => JSON.stringify(name));
  if (names.length === 0) return undefined;
  const body = `'use strict';
    function Kept(${names.map((_, at) => `a${at}`).join(', ')}) {
      ${names.map((name, at) => `this[${name}] = a${at};`).join('\n')}
    }
    return (built) => new Kept(${names.map((name) => `built[${name}]`).join(', ')});`;
  const known = keepers.get(body);
  if (known) return known;
  if (keepers.size >= MOST_KEPT) keepers.clear();
  // oxlint-disable-next-line no-new-func -- made of column names, as JSON, alone
  const made = (new Function(body) as () => Keep)();
  keepers.set(body, made);
  return made;
}

const keepers = new Map<string, Keep>();

function own(record: object, name: string, value: unknown): void {
  Object.defineProperty(record, name, { value, enumerable: true, configurable: true, writable: true });
}

/** NaN for what does not read as one, or may not be exact. */
function integer(bytes: Uint8Array, start: number, end: number): number {
  const isNegative = bytes[start] === 45;
  let at = isNegative ? start + 1 : start;
  if (at === end || end - at > MOST_DIGITS) return Number.NaN;
  let value = 0;
  for (; at < end; at++) {
    const digit = (bytes[at] as number) - 48;
    if (digit < 0 || digit > 9) return Number.NaN;
    value = value * 10 + digit;
  }
  return isNegative ? -value : value;
}

/** Both the digits and the power of ten are exact, so that one division rounds as reading the text does. */
function number(bytes: Uint8Array, start: number, end: number): number {
  const isNegative = bytes[start] === 45;
  let at = isNegative ? start + 1 : start;
  if (at === end || end - at > MOST_DIGITS) return Number.NaN;
  let value = 0;
  let point = -1;
  for (; at < end; at++) {
    const code = bytes[at] as number;
    if (code === 46 && point === -1) {
      point = at;
      continue;
    }
    const digit = code - 48;
    if (digit < 0 || digit > 9) return Number.NaN;
    value = value * 10 + digit;
  }
  if (point !== -1) {
    if (end - point === 1 || point === start || (isNegative && point === start + 1)) return Number.NaN;
    value /= POWERS[end - point - 1] as number;
  }
  return isNegative ? -value : value;
}
