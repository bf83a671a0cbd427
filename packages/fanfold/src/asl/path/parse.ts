/** Reads the text of a JSONPath. Recursive descent over one cursor; filters nest at most {@link MAX_DEPTH} deep. */
import { RE2JS, RE2JSSyntaxException } from 're2js';
import type { Json } from '../../json.ts';
import { Cursor } from '../cursor.ts';
import type { Comparison, Filter, Operand, PathRoot, Segment } from './segment.ts';

const MAX_DEPTH = 50;

/** @throws SyntaxError */
export function parsePath(text: string): { readonly root: PathRoot; readonly segments: readonly Segment[] } {
  const cursor = new Cursor(text);
  cursor.expect('$');
  const root = parseRoot(cursor);
  const segments = parseSegments(cursor);
  // Published definitions have blanks at the end, and run on AWS.
  cursor.space();
  if (!cursor.done) cursor.fail('unexpected character');
  if (segments.at(-1)?.kind === 'descent') cursor.fail('a path must not end with ".."');
  return { root, segments };
}

function parseRoot(cursor: Cursor): PathRoot {
  if (cursor.take('$')) return { kind: 'context' };
  const name = cursor.match(/[\p{L}_][\p{L}\p{N}_]*/uy);
  return name === undefined ? { kind: 'input' } : { kind: 'variable', name };
}

function parseSegments(cursor: Cursor): Segment[] {
  const segments: Segment[] = [];
  for (;;) {
    if (cursor.take('..')) {
      segments.push({ kind: 'descent' });
      segments.push(cursor.peek() === '[' ? parseBracket(cursor) : parseDotted(cursor));
    } else if (cursor.take('.')) {
      // AWS's own documentation writes `$.abc.['def ghi']`.
      segments.push(cursor.peek() === '[' ? parseBracket(cursor) : parseDotted(cursor));
    } else if (cursor.peek() === '[') {
      segments.push(parseBracket(cursor));
    } else {
      return segments;
    }
  }
}

function parseDotted(cursor: Cursor): Segment {
  if (cursor.take('*')) return { kind: 'wildcard' };
  const name = cursor.match(/[^.[\]\s()*'",=<>!&|?@]+/uy);
  if (name === undefined) return cursor.fail('a property name is missing');
  if (cursor.peek() === '(') return cursor.fail('functions are not supported');
  return { kind: 'names', names: [name] };
}

function parseBracket(cursor: Cursor): Segment {
  cursor.expect('[');
  cursor.space();
  const segment = parseBracketInside(cursor);
  cursor.space();
  cursor.expect(']');
  return segment;
}

function parseBracketInside(cursor: Cursor): Segment {
  if (cursor.take('*')) return { kind: 'wildcard' };
  if (cursor.take('?')) {
    cursor.space();
    cursor.expect('(');
    const filter = parseOr(cursor, 0);
    cursor.expect(')');
    return { kind: 'filter', filter };
  }
  const quote = cursor.peek();
  if (quote === "'" || quote === '"') return { kind: 'names', names: parseList(cursor, () => parseQuoted(cursor)) };
  const from = parseInteger(cursor);
  cursor.space();
  if (cursor.take(':')) {
    cursor.space();
    return { kind: 'slice', from: from ?? null, to: parseInteger(cursor) ?? null };
  }
  if (from === undefined) return cursor.fail('an index, a name in quotes, "*" or a filter is missing');
  const indexes = [from];
  while (cursor.take(',')) {
    cursor.space();
    indexes.push(parseInteger(cursor) ?? cursor.fail('an index is missing'));
    cursor.space();
  }
  return { kind: 'indexes', indexes };
}

function parseList<T>(cursor: Cursor, parse: () => T): T[] {
  const items = [parse()];
  cursor.space();
  while (cursor.take(',')) {
    cursor.space();
    items.push(parse());
    cursor.space();
  }
  return items;
}

function parseInteger(cursor: Cursor): number | undefined {
  const digits = cursor.match(/-?\d{1,10}/y);
  return digits === undefined ? undefined : Number(digits);
}

function parseQuoted(cursor: Cursor): string {
  const quote = cursor.peek();
  if (quote !== "'" && quote !== '"') return cursor.fail('a name in quotes is missing');
  cursor.expect(quote);
  let text = '';
  for (;;) {
    const next = cursor.next();
    if (next === undefined) return cursor.fail('the quote is not closed');
    if (next === quote) return text;
    text += next === '\\' ? (cursor.next() ?? cursor.fail('the quote is not closed')) : next;
  }
}

function parseOr(cursor: Cursor, depth: number): Filter {
  const parts = parseJoined(cursor, '||', () => parseAnd(cursor, depth));
  return parts.length === 1 && parts[0] ? parts[0] : { kind: 'or', parts };
}

function parseAnd(cursor: Cursor, depth: number): Filter {
  const parts = parseJoined(cursor, '&&', () => parseTerm(cursor, depth));
  return parts.length === 1 && parts[0] ? parts[0] : { kind: 'and', parts };
}

function parseJoined(cursor: Cursor, joint: string, parse: () => Filter): Filter[] {
  const parts = [parse()];
  for (;;) {
    cursor.space();
    if (!cursor.take(joint)) return parts;
    parts.push(parse());
  }
}

function parseTerm(cursor: Cursor, depth: number): Filter {
  if (depth > MAX_DEPTH) return cursor.fail('the filter is nested too deep');
  cursor.space();
  if (cursor.take('!')) return { kind: 'not', part: parseTerm(cursor, depth + 1) };
  if (cursor.take('(')) {
    const inner = parseOr(cursor, depth + 1);
    cursor.space();
    cursor.expect(')');
    return inner;
  }
  const left = parseOperand(cursor, depth);
  cursor.space();
  const operator = cursor.match(/==|!=|<=|>=|=~|<|>|in\b|nin\b/y) as Comparison | undefined;
  if (operator === undefined) return { kind: 'exists', operand: left };
  cursor.space();
  const right = operator === '=~' ? parsePattern(cursor) : parseRight(cursor, depth);
  return { kind: 'compare', operator, left, right };
}

function parseOperand(cursor: Cursor, depth: number): Operand {
  if (depth > MAX_DEPTH) return cursor.fail('the filter is nested too deep');
  if (cursor.take('@')) return { kind: 'path', from: '@', segments: parseSegments(cursor) };
  if (cursor.take('$')) return { kind: 'path', from: '$', segments: parseSegments(cursor) };
  return { kind: 'literal', value: parseLiteral(cursor, depth) };
}

function parseRight(cursor: Cursor, depth: number): Operand {
  const value = parseWord(cursor);
  return value === undefined ? parseOperand(cursor, depth) : { kind: 'literal', value };
}

/** A text without quotes, which AWS takes on the right side: `[?(@.Name==/eggs/like)]`. Numbers and `true` are no texts. */
function parseWord(cursor: Cursor): string | undefined {
  const word = cursor.ahead(/[^\s'"()[\]{}&|,=<>!@$][^'"()[\]{}&|,]*/y)?.trimEnd();
  if (word === undefined || LITERAL.test(word)) return undefined;
  cursor.expect(word);
  return word;
}

const LITERAL = /^(?:-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null)$/;
const WORDS: Readonly<Record<string, Json>> = { true: true, false: false, null: null };

function parseLiteral(cursor: Cursor, depth: number): Json {
  if (depth > MAX_DEPTH) return cursor.fail('the filter is nested too deep');
  const quote = cursor.peek();
  if (quote === "'" || quote === '"') return parseQuoted(cursor);
  if (cursor.take('[')) {
    cursor.space();
    if (cursor.take(']')) return [];
    const items = parseList(cursor, () => parseWord(cursor) ?? parseLiteral(cursor, depth + 1));
    cursor.expect(']');
    return items;
  }
  const number = cursor.match(/-?\d+(\.\d+)?([eE][+-]?\d+)?/y);
  if (number !== undefined) return Number(number);
  const word = cursor.match(/true|false|null/y);
  if (word !== undefined) return WORDS[word] as Json;
  return cursor.fail('a value is missing');
}

/** `/…/flags`, run by a linear engine: a pattern from outside cannot stall the step. */
function parsePattern(cursor: Cursor): Operand {
  cursor.expect('/');
  let source = '';
  for (;;) {
    const next = cursor.next();
    if (next === undefined) return cursor.fail('the pattern is not closed');
    if (next === '/') break;
    source += next === '\\' && cursor.peek() === '/' ? cursor.next() : next;
  }
  const flags = cursor.match(/[a-z]*/y) ?? '';
  const pattern = compilePattern(cursor, source, flags.includes('i') ? RE2JS.CASE_INSENSITIVE : 0);
  return { kind: 'pattern', test: (text) => pattern.matcher(text).matches() };
}

function compilePattern(cursor: Cursor, source: string, flags: number): RE2JS {
  try {
    return RE2JS.compile(source, flags);
  } catch (error) {
    if (!(error instanceof RE2JSSyntaxException)) throw error;
    return cursor.fail(`the pattern is not valid (${error.message})`);
  }
}
