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

const waiting: Buffer[] = [];

export function createByteWriter(): ByteWriter {
  let buffer = waiting.pop() ?? Buffer.allocUnsafeSlow(FIRST_SIZE);
  let length = 0;

  const reserve = (bytes: number): void => {
    if (length + bytes <= buffer.length) return;
    const larger = Buffer.allocUnsafeSlow(Math.max(buffer.length * 2, length + bytes));
    buffer.copy(larger, 0, 0, length);
    buffer = larger;
  };
  const text = (text: string): void => {
    reserve(text.length * 3);
    length += buffer.write(text, length, 'utf8');
  };
  return {
    get length() {
      return length;
    },
    text,
    number(value) {
      if (!(value >= 0 && value <= LARGEST_INTEGER) || value !== Math.floor(value)) {
        text(String(value));
        return;
      }
      reserve(9);
      let end = length + 1;
      for (let rest = value; rest > 9; rest = (rest / 10) | 0) end++;
      const bytes = buffer;
      let rest = value;
      for (let at = end - 1; at >= length; at--) {
        const next = (rest / 10) | 0;
        bytes[at] = 48 + rest - next * 10;
        rest = next;
      }
      length = end;
    },
    plain(text, isPlain) {
      const chars = text.length;
      if (chars > LONGEST_BY_HAND) return false;
      reserve(chars);
      const bytes = buffer;
      const start = length;
      for (let at = 0; at < chars; at++) {
        const code = text.charCodeAt(at);
        if (code > 127 || isPlain[code] === 0) return false;
        bytes[start + at] = code;
      }
      length = start + chars;
      return true;
    },
    byte(code) {
      reserve(1);
      buffer[length++] = code;
    },
    rewind(to) {
      length = to;
    },
    bytes: () => buffer.subarray(0, length),
    release() {
      if (waiting.length < MOST_WAITING && buffer.length <= LARGEST_WAITING) waiting.push(buffer);
      buffer = Buffer.alloc(0);
      length = 0;
    },
  };
}
