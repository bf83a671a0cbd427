/** A place in a text that is being read, with what hand-written parsers need of it. */
export class Cursor {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  get done(): boolean {
    return this.#at >= this.#text.length;
  }

  peek(): string | undefined {
    return this.#text[this.#at];
  }

  next(): string | undefined {
    const character = this.#text[this.#at];
    if (character !== undefined) this.#at += 1;
    return character;
  }

  take(expected: string): boolean {
    if (!this.#text.startsWith(expected, this.#at)) return false;
    this.#at += expected.length;
    return true;
  }

  expect(expected: string): void {
    if (!this.take(expected)) this.fail(`"${expected}" is missing`);
  }

  /** What is next, where it fits. @param pattern must be sticky (`y`) */
  ahead(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.#at;
    return pattern.exec(this.#text)?.[0] || undefined;
  }

  /** As `ahead`, and goes behind it. @param pattern must be sticky (`y`) */
  match(pattern: RegExp): string | undefined {
    const found = this.ahead(pattern);
    this.#at += found?.length ?? 0;
    return found;
  }

  space(): void {
    this.match(/\s+/y);
  }

  /** @throws SyntaxError with the problem, the place and the text */
  fail(problem: string): never {
    throw new SyntaxError(`${problem} at character ${this.#at + 1} of '${this.#text}'`);
  }
}
