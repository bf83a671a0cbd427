/**
 * Reads JSON, or JSON with comments and trailing commas, and remembers where everything stands. What is wrong is said as
 * AWS's parser (Jackson) says it, since ValidateStateMachineDefinition passes that on.
 */
import { type Json, setKey } from '../../json.ts';
import { fail, ok, type Result } from '../../result.ts';
import type { Finding } from '../finding.ts';
import { createLocator, findPlace, type Place } from './places.ts';
import type { Pointer, Position, Source } from './source.ts';
import { MAX_LEVELS, MAX_NOTED, tooDeep, unreadable } from './unreadable.ts';

export interface JsonOptions {
  /** Take `//` and `/* *\/` comments, and commas before closing brackets. */
  readonly comments?: boolean;
}

/** A byte order mark at the start is skipped. */
export function readJson(text: string, options: JsonOptions = {}): Result<Source, Finding> {
  const reader = new Reader(text, options.comments ?? false);
  const locate = createLocator(text);
  try {
    const { json, place } = reader.document();
    return ok({
      json,
      duplicates: reader.duplicates,
      rounded: reader.rounded,
      positionOf: (pointer) => {
        const found = findPlace(place, pointer);
        return found && locate(found.offset);
      },
    });
  } catch (error) {
    if (!(error instanceof Misread)) throw error;
    const source = describePlace(text, locate(error.end));
    const opened = error.opened === undefined ? '' : ` (start marker at ${describePlace(text, locate(error.opened))})`;
    const message = `${error.message}${opened}\n at ${source}`;
    return fail((error.deep ? tooDeep : unreadable)(message, locate(error.start), source));
  }
}

/** The most characters of the text that a message shows. */
const MAX_EXCERPT = 500;

function describePlace(text: string, { line, column }: Position): string {
  const rest = text.length - MAX_EXCERPT;
  const excerpt = `"${text.slice(0, MAX_EXCERPT)}"${rest > 0 ? `[truncated ${rest} chars]` : ''}`;
  return `[Source: (String)${excerpt}; line: ${line}, column: ${column}]`;
}

/** Why reading ends. Offsets: what is wrong starts at `start`, and the reader had come to `end`. */
class Misread extends Error {
  readonly start: number;
  readonly end: number;
  /** Where the bracket stands that is not closed. */
  readonly opened: number | undefined;
  readonly deep: boolean;

  constructor(message: string, start: number, end: number, more: { opened?: number; deep?: boolean } = {}) {
    super(message);
    this.start = start;
    this.end = end;
    this.opened = more.opened;
    this.deep = more.deep ?? false;
  }
}

interface Read {
  readonly json: Json;
  readonly place: Place;
}

const VALUE = "(JSON String, Number, Array, Object or token 'null', 'true' or 'false')";
const WORDS: ReadonlyMap<string, Json> = new Map<string, Json>([
  ['true', true],
  ['false', false],
  ['null', null],
]);
const ESCAPES: ReadonlyMap<string, string> = new Map([
  ['"', '"'],
  ['\\', '\\'],
  ['/', '/'],
  ['b', '\b'],
  ['f', '\f'],
  ['n', '\n'],
  ['r', '\r'],
  ['t', '\t'],
]);

class Reader {
  readonly duplicates: Pointer[] = [];
  readonly rounded: Pointer[] = [];
  readonly #text: string;
  readonly #comments: boolean;
  readonly #pointer: (string | number)[] = [];
  /** Offsets of the brackets that are open. */
  readonly #open: number[] = [];
  #at = 0;

  constructor(text: string, comments: boolean) {
    this.#text = text;
    this.#comments = comments;
  }

  document(): Read {
    if (this.#text.startsWith('\uFEFF')) this.#at = 1;
    this.#space();
    if (this.#at >= this.#text.length) throw new Misread('No content to map due to end-of-input', 0, this.#at);
    const read = this.#value();
    this.#space();
    if (this.#at < this.#text.length) this.#unexpected('expected the end of the text');
    return read;
  }

  #value(): Read {
    const offset = this.#at;
    const first = this.#text[offset];
    if (first === '{' || first === '[') return this.#inside(offset, first);
    if (first === '"') return { json: this.#string('a string value'), place: { offset } };
    const number = this.#match(/-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?(?![\w.+-])/y);
    if (number !== undefined) return { json: this.#number(number, offset), place: { offset } };
    return { json: this.#word(), place: { offset } };
  }

  #inside(offset: number, bracket: '{' | '['): Read {
    if (this.#open.length >= MAX_LEVELS)
      throw new Misread(`The JSON is nested more than ${MAX_LEVELS} levels deep`, offset, offset + 1, { deep: true });
    this.#open.push(offset);
    this.#at += 1;
    const read = bracket === '{' ? this.#object(offset) : this.#array(offset);
    this.#open.pop();
    return read;
  }

  #object(offset: number): Read {
    const json: Record<string, Json> = {};
    const members = new Map<string, Place>();
    for (let first = true; !this.#closes('}', 'Object', first); first = false) {
      const at = this.#at;
      if (this.#text[at] !== '"') this.#unexpected('was expecting double-quote to start field name', 'Object');
      const name = this.#string('a field name');
      this.#space();
      if (this.#text[this.#at] !== ':')
        this.#unexpected('was expecting a colon to separate field name and value', 'Object');
      this.#at += 1;
      this.#space();
      this.#pointer.push(name);
      if (members.has(name)) this.#note(this.duplicates);
      const read = this.#value();
      this.#pointer.pop();
      setKey(json, name, read.json);
      members.set(name, { ...read.place, offset: at });
    }
    return { json, place: { offset, members } };
  }

  #array(offset: number): Read {
    const json: Json[] = [];
    const items: Place[] = [];
    while (!this.#closes(']', 'Array', items.length === 0)) {
      this.#pointer.push(items.length);
      const read = this.#value();
      this.#pointer.pop();
      json.push(read.json);
      items.push(read.place);
    }
    return { json, place: { offset, items } };
  }

  /** Takes what stands between members: whether it was the closing bracket. */
  #closes(bracket: '}' | ']', what: 'Object' | 'Array', first: boolean): boolean {
    this.#space();
    if (!first && this.#text[this.#at] !== bracket) {
      if (this.#text[this.#at] !== ',') this.#unexpected(`was expecting comma to separate ${what} entries`, what);
      this.#at += 1;
      this.#space();
      if (this.#text[this.#at] === bracket && !this.#comments)
        this.#unexpected(
          bracket === '}' ? 'was expecting double-quote to start field name' : `expected a valid value ${VALUE}`,
          what,
        );
    }
    if (this.#text[this.#at] !== bracket) {
      if (this.#at >= this.#text.length) this.#ends(what);
      return false;
    }
    this.#at += 1;
    return true;
  }

  #string(what: string): string {
    const start = this.#at;
    let text = '';
    this.#at += 1;
    for (;;) {
      // oxlint-disable-next-line no-control-regex -- JSON allows none of these
      text += this.#match(/[^"\\\u0000-\u001f]+/y) ?? '';
      const next = this.#text[this.#at];
      if (next === undefined)
        throw new Misread(
          `Unexpected end-of-input: was expecting closing quote for ${what === 'a field name' ? 'name' : what}`,
          start,
          this.#at,
        );
      this.#at += 1;
      if (next === '"') break;
      if (next !== '\\')
        throw new Misread(
          `Illegal unquoted character ((CTRL-CHAR, code ${next.charCodeAt(0)})): has to be escaped using backslash to be included in ${what}`,
          this.#at - 1,
          this.#at,
        );
      text += this.#escape();
    }
    if (!text.isWellFormed())
      throw new Misread(
        `Half of a surrogate pair stands alone in ${what}: such text cannot be stored`,
        start,
        this.#at,
      );
    return text;
  }

  #escape(): string {
    const start = this.#at - 1;
    const next = this.#text[this.#at] ?? '';
    this.#at += next.length;
    if (next === 'u') {
      const digits = this.#match(/[0-9a-fA-F]{4}/y);
      if (digits !== undefined) return String.fromCharCode(Number.parseInt(digits, 16));
      throw new Misread('expected four hex-digits for character escape sequence', start, this.#at);
    }
    const escaped = ESCAPES.get(next);
    if (escaped !== undefined) return escaped;
    if (next === '') throw new Misread('Unexpected end-of-input in character escape sequence', start, this.#at);
    throw new Misread(`Unrecognized character escape ${named(next)}`, start, this.#at);
  }

  #number(digits: string, start: number): number {
    const number = Number(digits);
    if (!Number.isFinite(number)) throw new Misread(`Numeric value (${digits}) out of range`, start, this.#at);
    if (!/[.eE]/.test(digits) && !Number.isSafeInteger(number) && BigInt(number) !== BigInt(digits))
      this.#note(this.rounded);
    return number;
  }

  #word(): Json {
    const start = this.#at;
    const word = this.#match(/[\p{L}_$][\p{L}\p{N}_$]*/uy);
    const value = word === undefined ? undefined : WORDS.get(word);
    if (value !== undefined) return value;
    if (word !== undefined) throw new Misread(`Unrecognized token '${word}': was expecting ${VALUE}`, start, this.#at);
    const digits = this.#match(/[-+.]?\d[\w.+-]*|-/y);
    if (digits !== undefined) throw new Misread(`Invalid numeric value: '${digits}'`, start, this.#at);
    return this.#unexpected(`expected a valid value ${VALUE}`);
  }

  #note(places: Pointer[]): void {
    if (places.length < MAX_NOTED) places.push([...this.#pointer]);
  }

  #space(): void {
    for (;;) {
      this.#match(/[ \t\n\r]+/y);
      if (!this.#comments || !this.#comment()) return;
    }
  }

  #comment(): boolean {
    const start = this.#at;
    if (this.#match(/\/\/[^\n\r]*/y) !== undefined) return true;
    if (!this.#text.startsWith('/*', start)) return false;
    const end = this.#text.indexOf('*/', start + 2);
    if (end < 0) throw new Misread('Unexpected end-of-input in a comment', start, this.#text.length);
    this.#at = end + 2;
    return true;
  }

  #match(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#text)?.[0];
    if (found !== undefined) this.#at += found.length;
    return found;
  }

  #unexpected(wanted: string, inside?: 'Object' | 'Array'): never {
    const start = this.#at;
    if (start >= this.#text.length) this.#ends(inside);
    const character = String.fromCodePoint(this.#text.codePointAt(start) as number);
    const problem =
      character === '/' && /[/*]/.test(this.#text[start + 1] ?? '')
        ? "maybe a (non-standard) comment? (not recognized as one since Feature 'ALLOW_COMMENTS' not enabled for parser)"
        : wanted;
    throw new Misread(`Unexpected character (${named(character)}): ${problem}`, start, start + character.length);
  }

  /** @throws Misread */
  #ends(inside?: 'Object' | 'Array'): never {
    const end = this.#text.length;
    const opened = this.#open.at(-1);
    if (opened === undefined) throw new Misread('Unexpected end-of-input', end, end);
    const what = inside ?? (this.#text[opened] === '{' ? 'Object' : 'Array');
    throw new Misread(`Unexpected end-of-input: expected close marker for ${what}`, end, end, { opened });
  }
}

/** `'q' (code 113)`. */
function named(character: string): string {
  const code = character.codePointAt(0) as number;
  return `'${character}' (code ${code}${code > 255 ? ` / 0x${code.toString(16)}` : ''})`;
}
