/**
 * A Value is JSON that moves through an execution: immutable, and held as text, in parsed form, or both, each made on
 * demand. Passing a value on moves the reference; what came in as text leaves as the same text, white space included.
 */
import { type Json, parseJson, utf8Length } from '../json.ts';

/** A text, how to come by it, or the items of an array that is not joined yet. */
type Text = string | (() => string) | readonly Value[];

export class Value {
  #text: Text | undefined;
  #json: Json | undefined;
  #bytes: number | undefined;

  private constructor(text: Text | undefined, json: Json | undefined) {
    this.#text = text;
    this.#json = json;
  }

  /** From JSON text, which must be valid: outside text is checked with {@link Value.parse}. */
  static ofText(text: string): Value {
    return new Value(text, undefined);
  }

  static ofJson(json: Json): Value {
    return new Value(undefined, json);
  }

  /** From outside text. @throws SyntaxError when it is not JSON */
  static parse(text: string): Value {
    return new Value(text, parseJson(text));
  }

  /** A value whose text lies elsewhere and is read when first asked for. `load` must give the same text each time. */
  static lazy(load: () => string): Value {
    return new Value(load, undefined);
  }

  /** The JSON array of the given values, joined as texts; nothing is parsed. */
  static array(items: readonly Value[]): Value {
    return new Value(items, undefined);
  }

  get text(): string {
    if (typeof this.#text === 'string') return this.#text;
    if (typeof this.#text === 'function') this.#text = this.#text();
    else if (this.#text) this.#text = `[${this.#text.map((item) => item.text).join(',')}]`;
    else this.#text = JSON.stringify(this.#json);
    return this.#text;
  }

  /**
   * Makes the text now where it is made from the parsed form; a text that lies elsewhere stays there.
   * @throws RangeError when the value is nested too deeply for that, or too long
   */
  write(): void {
    this.#text ??= JSON.stringify(this.#json);
  }

  /** Whether the text is here and has at most so many UTF-16 units; one that lies elsewhere is not read for it. */
  isShort(units: number): boolean {
    return typeof this.#text !== 'function' && this.text.length <= units;
  }

  /** The parsed form. Shared: never change it. */
  get json(): Json {
    if (this.#json === undefined) this.#json = parseJson(this.text);
    return this.#json;
  }

  /** Length of the text in UTF-8 bytes, the measure of AWS's payload limit. */
  get bytes(): number {
    this.#bytes ??= utf8Length(this.text);
    return this.#bytes;
  }

  /**
   * Whether the text is longer than so many UTF-8 bytes. Text that lies elsewhere is not read for it, unless it is that of an
   * item: it was measured when it was made.
   */
  exceeds(bytes: number): boolean {
    const text = this.#text;
    // A unit is three bytes at most.
    if (typeof text === 'string') return text.length * 3 > bytes && (text.length > bytes || this.bytes > bytes);
    if (typeof text !== 'object') return false;
    let sum = bracketUnits(text);
    return sum > bytes || text.some((item) => (sum += item.bytes) > bytes);
  }

  /** Length of the text in UTF-16 units. Nothing is joined for it. */
  get units(): number {
    if (typeof this.#text !== 'object') return this.text.length;
    return this.#text.reduce((sum, item) => sum + item.units, bracketUnits(this.#text));
  }

  toJSON(): Json {
    return this.json;
  }
}

/** The brackets and commas of an array. */
function bracketUnits(items: readonly Value[]): number {
  return 2 + Math.max(items.length - 1, 0);
}

export const EMPTY_OBJECT: Value = Value.ofText('{}');
