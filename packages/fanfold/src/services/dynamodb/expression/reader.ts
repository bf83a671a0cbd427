/**
 * What the parsers of all expressions share: tokens, document paths, names and values that stand for others, and the
 * order in which DynamoDB tells what is wrong.
 */
import type { AttributeValue } from '../../../ports/tables.ts';
import { validationError } from '../validation.ts';
import { isReservedWord } from './reserved-words.ts';
import type { Names } from './names.ts';
import { type Path, showPath } from './syntax.ts';
import { type Token, tokensOf } from './tokens.ts';

/** What can be wrong with an expression whose syntax is right; of several, the first kind in the parser's order is told. */
export type Flaw =
  | 'parentheses'
  | 'function'
  | 'misuse'
  | 'section'
  | 'reserved'
  | 'operands'
  | 'overlap'
  | 'conflict'
  | 'types'
  | 'calls';

const LONGEST = 4096;
const MOST_OPERATORS = 300;
const LONGEST_PATH = 32;
const DEEPEST = 100;

export class Reader {
  readonly #text: string;
  readonly #parameter: string;
  readonly #names: Names;
  readonly #tokens: readonly Token[];
  readonly #flaws: Map<Flaw, string> = new Map();
  #at = 0;
  #operators = 0;
  #depth = 0;

  /**
   * @param parameter the member of the request, such as `ConditionExpression`
   * @throws ServiceError ValidationException
   */
  constructor(parameter: string, text: string, names: Names) {
    this.#parameter = parameter;
    this.#text = text;
    this.#names = names;
    const size = Buffer.byteLength(text);
    if (size > LONGEST) this.refuse(`Expression size has exceeded the maximum allowed size; expression size: ${size}`);
    this.#tokens = tokensOf(text);
    if (this.#tokens.length === 1) this.refuse('The expression can not be empty;');
  }

  get token(): Token {
    return this.#tokens[this.#at] as Token;
  }

  next(): Token {
    const { token } = this;
    if (token.kind !== 'end') this.#at += 1;
    return token;
  }

  isSign(...signs: readonly string[]): boolean {
    return this.token.kind === 'sign' && signs.includes(this.token.text);
  }

  /** Keywords may have any case. */
  isWord(...words: readonly string[]): boolean {
    return this.token.kind === 'name' && words.includes(this.token.text.toUpperCase());
  }

  takeSign(sign: string): boolean {
    return this.isSign(sign) && this.next() !== undefined;
  }

  takeWord(word: string): boolean {
    return this.isWord(word) && this.next() !== undefined;
  }

  expectSign(sign: string): void {
    if (!this.takeSign(sign)) this.syntaxError();
  }

  expectWord(word: string): void {
    if (!this.takeWord(word)) this.syntaxError();
  }

  /** Whether a name with a parenthesis behind it comes now. */
  isCall(): boolean {
    const behind = this.#tokens[this.#at + 1];
    return this.token.kind === 'name' && behind?.kind === 'sign' && behind.text === '(';
  }

  path(): Path {
    const path: (string | number)[] = [this.#pathName()];
    while (this.isSign('.', '[')) {
      if (this.next().text === '.') {
        path.push(this.#pathName());
        continue;
      }
      if (this.token.kind !== 'number') this.syntaxError();
      path.push(Number(this.next().text));
      this.expectSign(']');
    }
    if (path.length > LONGEST_PATH)
      this.refuse('The document path has too many nesting elements; nesting elements: ' + path.length);
    return path;
  }

  value(): AttributeValue {
    const { kind, text } = this.token;
    if (kind !== ':value') this.syntaxError();
    this.next();
    const found = this.#names.value(text);
    if (found) return found;
    this.flaw('operands', `An expression attribute value used in expression is not defined; attribute value: ${text}`);
    return { NULL: true };
  }

  /** Counts an operator or function, of which an expression has 300 at most. */
  operator(): void {
    this.#operators += 1;
    if (this.#operators > MOST_OPERATORS)
      this.refuse(
        `The expression contains more than the maximum allowed number of operators; maximum: ${MOST_OPERATORS}`,
      );
  }

  /** Reads what is inside of something else. */
  nested<T>(read: () => T): T {
    this.#depth += 1;
    if (this.#depth > DEEPEST) this.refuse('The expression has exceeded the maximum allowed nesting depth;');
    const found = read();
    this.#depth -= 1;
    return found;
  }

  flaw(kind: Flaw, message: string): void {
    if (!this.#flaws.has(kind)) this.#flaws.set(kind, message);
  }

  /** Ends the reading. @throws ServiceError ValidationException */
  finish(order: readonly Flaw[]): void {
    if (this.token.kind !== 'end') this.syntaxError();
    const first = order.find((kind) => this.#flaws.has(kind));
    if (first) this.refuse(this.#flaws.get(first) as string);
  }

  syntaxError(): never {
    const { text } = this.token;
    const from = this.#tokens[Math.max(0, this.#at - 1)]?.start ?? 0;
    const to = this.#tokens[Math.min(this.#tokens.length - 1, this.#at + 1)]?.end ?? this.#text.length;
    return this.refuse(`Syntax error; token: ${JSON.stringify(text)}, near: "${this.#text.slice(from, to)}"`);
  }

  refuse(message: string): never {
    throw validationError(`Invalid ${this.#parameter}: ${message}`);
  }

  #pathName(): string {
    const { kind, text } = this.token;
    if (kind === '#name') {
      this.next();
      const found = this.#names.name(text);
      if (found !== undefined) return found;
      this.flaw(
        'operands',
        `An expression attribute name used in the document path is not defined; attribute name: ${text}`,
      );
      return text;
    }
    if (kind !== 'name' || text.startsWith('_')) this.syntaxError();
    this.next();
    if (isReservedWord(text)) this.flaw('reserved', `Attribute name is a reserved keyword; reserved keyword: ${text}`);
    return text;
  }
}

/** Notes where two of the paths meet: one inside of the other, or one through a list and the other through a map. */
export function checkPaths(reader: Reader, paths: readonly Path[]): void {
  const root: Node = { children: new Map() };
  for (const path of paths) insert(reader, root, path);
}

interface Node {
  readonly children: Map<string | number, Node>;
  /** The path that ends here. */
  end?: Path;
  /** Any path that goes through here. */
  through?: Path;
}

function insert(reader: Reader, root: Node, path: Path): void {
  let node = root;
  const clash = (kind: 'overlap' | 'conflict', other: Path): void =>
    reader.flaw(
      kind,
      `Two document paths ${kind} with each other; must remove or rewrite one of these paths; ` +
        `path one: ${showPath(other)}, path two: ${showPath(path)}`,
    );
  for (const step of path) {
    if (node.end) clash('overlap', node.end);
    const [other] = node.children.keys();
    if (other !== undefined && typeof other !== typeof step) clash('conflict', node.through as Path);
    let child = node.children.get(step);
    if (!child) {
      child = { children: new Map() };
      node.children.set(step, child);
    }
    node.through ??= path;
    node = child;
  }
  const other = node.end ?? node.through;
  if (other) clash('overlap', other);
  node.end ??= path;
}
