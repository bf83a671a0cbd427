import type { PlainRecord } from '../records/index.ts';

/**
 * Text as UTF-8 in one buffer that grows, written field by field: no texts are joined, and what was written last can be taken
 * back. Buffers are used again: the next chunk finds them as large as the last one has left them.
 */
export interface ByteWriter {
  /** Bytes so far. */
  readonly length: number;
  text(text: string): void;
  /** In digits. */
  number(value: number): void;
  /** Whether the text was written: it is ASCII, and has none of the characters that `isPlain` is 0 for. */
  plain(text: string, isPlain: Uint8Array): boolean;
  /** @param code of an ASCII character */
  byte(code: number): void;
  /** Fields of a plain record as they stand there, with the commas between them. @param first which is the first of them, from 0 */
  fields(record: PlainRecord, first: number, count: number): void;
  /** As they are: a few. */
  literal(bytes: Uint8Array): void;
  /** Takes back what is behind. @param length as it was */
  rewind(length: number): void;
  /** Valid until the writer is released. */
  bytes(): Buffer;
  /** Gives the buffer back. */
  release(): void;
}

const FIRST_SIZE = 262_144;
/** Buffers that wait for the next writer, and how large they may be. */
const MOST_WAITING = 8;
const LARGEST_WAITING = 16_777_216;
/** Beyond this Node's own encoder is faster. */
const LONGEST_BY_HAND = 256;
const LARGEST_INTEGER = 999_999_999;
const COMMA = 44;

/** After so long without a chunk they are given up, milliseconds: what comes next, such as a load, needs the memory. */
const LONGEST_WAIT = 150;

const waiting: Buffer[] = [];
let givingUp: NodeJS.Timeout | undefined;

/** At once: memory outside of its heap V8 collects late. */
function giveUp(): void {
  for (const { buffer } of waiting.splice(0)) if (buffer instanceof ArrayBuffer) buffer.transfer(0);
}

export function createByteWriter(): ByteWriter {
  return new Bytes(waiting.pop() ?? Buffer.allocUnsafeSlow(FIRST_SIZE));
}

/** A class, so that the writers of all chunks share what the compiler has made of the first one. */
class Bytes implements ByteWriter {
  length = 0;
  #buffer: Buffer;

  constructor(buffer: Buffer) {
    this.#buffer = buffer;
  }

  text(text: string): void {
    const buffer = this.#reserve(text.length * 3);
    this.length += buffer.write(text, this.length, 'utf8');
  }

  number(value: number): void {
    if (!(value >= 0 && value <= LARGEST_INTEGER) || value !== Math.floor(value)) {
      this.text(String(value));
      return;
    }
    const bytes = this.#reserve(9);
    const start = this.length;
    let end = start + 1;
    for (let rest = value; rest > 9; rest = (rest / 10) | 0) end++;
    let rest = value;
    for (let at = end - 1; at >= start; at--) {
      const next = (rest / 10) | 0;
      bytes[at] = 48 + rest - next * 10;
      rest = next;
    }
    this.length = end;
  }

  plain(text: string, isPlain: Uint8Array): boolean {
    const chars = text.length;
    if (chars > LONGEST_BY_HAND) return false;
    const bytes = this.#reserve(chars);
    const start = this.length;
    for (let at = 0; at < chars; at++) {
      const code = text.charCodeAt(at);
      if (code > 127 || isPlain[code] === 0) return false;
      bytes[start + at] = code;
    }
    this.length = start + chars;
    return true;
  }

  byte(code: number): void {
    const bytes = this.#reserve(1);
    bytes[this.length++] = code;
  }

  fields({ bytes: from, start, byteLength }: PlainRecord, first: number, count: number): void {
    const bytes = this.#reserve(byteLength);
    const end = start + byteLength;
    let at = start;
    for (let before = first; before > 0; at++) if (from[at] === COMMA) before--;
    let length = this.length;
    let left = count;
    for (; at < end; at++) {
      const code = from[at] as number;
      if (code === COMMA && --left === 0) break;
      bytes[length++] = code;
    }
    this.length = length;
  }

  literal(given: Uint8Array): void {
    const count = given.length;
    const bytes = this.#reserve(count);
    const start = this.length;
    for (let at = 0; at < count; at++) bytes[start + at] = given[at] as number;
    this.length = start + count;
  }

  rewind(length: number): void {
    this.length = length;
  }

  bytes(): Buffer {
    return this.#buffer.subarray(0, this.length);
  }

  release(): void {
    if (waiting.length < MOST_WAITING && this.#buffer.length <= LARGEST_WAITING) waiting.push(this.#buffer);
    givingUp ??= setTimeout(giveUp, LONGEST_WAIT).unref();
    givingUp.refresh();
    this.#buffer = Buffer.alloc(0);
    this.length = 0;
  }

  #reserve(bytes: number): Buffer {
    const buffer = this.#buffer;
    return this.length + bytes <= buffer.length ? buffer : this.#grow(bytes);
  }

  #grow(bytes: number): Buffer {
    const larger = Buffer.allocUnsafeSlow(Math.max(this.#buffer.length * 2, this.length + bytes));
    this.#buffer.copy(larger, 0, 0, this.length);
    this.#buffer = larger;
    return larger;
  }
}
