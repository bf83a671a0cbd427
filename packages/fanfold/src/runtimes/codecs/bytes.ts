/**
 * Compact bytes, written and read from front to back: whole numbers, 7 bits a byte, lowest first; and texts. The texts
 * lie together behind the numbers, because it is the calls that cost when texts are short.
 */

/** The bytes of the last writer, for the next one: most are short-lived, and an allocation costs as much as their work. */
let spare: Buffer | undefined;
const LARGEST_SPARE = 65_536;
const NO_BYTES = Buffer.alloc(0);
/** Up to here a loop copies faster than a call. */
const SHORT = 64;

export class ByteWriter {
  #bytes: Buffer;
  #length = 0;
  #texts = '';

  /** @param size how many bytes of numbers are expected */
  constructor(size: number) {
    this.#bytes = spare && spare.length >= size ? spare : Buffer.allocUnsafe(Math.max(size, SHORT));
    spare = undefined;
  }

  /** @param value 0 to 255 */
  byte(value: number): void {
    if (this.#length === this.#bytes.length) this.#bytes = Buffer.concat([this.#bytes], 2 * this.#length + 16);
    this.#bytes[this.#length++] = value;
  }

  /** @param value a whole number from 0 to 2^53 - 1 */
  number(value: number): void {
    if (value < 128) this.byte(value);
    else this.#longNumber(value);
  }

  #longNumber(value: number): void {
    let rest = value;
    for (; rest >= 128; rest = Math.floor(rest / 128)) this.byte((rest % 128) + 128);
    this.byte(rest);
  }

  /** @param value a whole number between -2^52 and 2^52 */
  signed(value: number): void {
    this.number(value < 0 ? -2 * value - 1 : 2 * value);
  }

  /** Adds a text. Its length, in UTF-16 units, is for the caller to write. */
  text(text: string): void {
    this.#texts += text;
  }

  /** All that was written; the length of the numbers comes first. Nothing can be written any more. */
  take(): Buffer {
    const length = this.#length;
    this.number(length);
    const numbers = this.#bytes;
    const bytes = Buffer.allocUnsafe(this.#length + Buffer.byteLength(this.#texts));
    const prefix = this.#length - length;
    for (let i = 0; i < prefix; i++) bytes[i] = numbers[length + i] as number;
    if (length > SHORT) numbers.copy(bytes, prefix, 0, length);
    else for (let i = 0; i < length; i++) bytes[prefix + i] = numbers[i] as number;
    if (this.#texts !== '') bytes.write(this.#texts, this.#length);
    if (numbers.length <= LARGEST_SPARE) spare = numbers;
    this.#bytes = NO_BYTES;
    return bytes;
  }
}

export class ByteReader {
  readonly #bytes: Uint8Array;
  #place = 0;
  readonly #end: number;
  readonly #texts: string;
  #textPlace = 0;

  /** @param bytes what {@link ByteWriter.take} gave */
  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#end = this.number() + this.#place;
    this.#texts = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8', this.#end);
  }

  get atEnd(): boolean {
    return this.#place >= this.#end;
  }

  byte(): number {
    return this.#bytes[this.#place++] ?? 0;
  }

  number(): number {
    let value = 0;
    for (let weight = 1; ; weight *= 128) {
      const byte = this.byte();
      value += (byte % 128) * weight;
      if (byte < 128) return value;
    }
  }

  signed(): number {
    const value = this.number();
    return value % 2 === 1 ? -(value + 1) / 2 : value / 2;
  }

  /** @param length in UTF-16 units */
  text(length: number): string {
    this.#textPlace += length;
    return this.#texts.slice(this.#textPlace - length, this.#textPlace);
  }
}
