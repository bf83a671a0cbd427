/** Compiles calls such as `States.Format('{}/{}', $.a, States.ArrayLength($.b))`. */
import type { Json } from '../../json.ts';
import { Cursor } from '../cursor.ts';
import { compilePath } from '../path/path.ts';
import type { Expression } from '../scope.ts';
import { argumentsOf } from './arguments.ts';
import { ARRAYS } from './arrays.ts';
import { DATA } from './data.ts';
import type { Intrinsic, Intrinsics } from './intrinsic.ts';
import { TEXTS } from './texts.ts';

const INTRINSICS: Intrinsics = { ...ARRAYS, ...TEXTS, ...DATA };

export const INTRINSIC_NAMES: readonly string[] = Object.keys(INTRINSICS);

/** How deep calls may stand in calls (AWS: ten). */
const MAX_DEPTH = 10;

/** @throws SyntaxError saying what is wrong and at which character */
export function compileIntrinsic(text: string): Expression {
  const cursor = new Cursor(text);
  const expression = parseCall(cursor, 1);
  cursor.space();
  if (!cursor.done) cursor.fail('unexpected character');
  return expression;
}

function parseCall(cursor: Cursor, depth: number): Expression {
  if (depth > MAX_DEPTH) return cursor.fail(`calls are nested more than ${MAX_DEPTH} deep`);
  const name = cursor.match(/States\.[A-Za-z0-9]+/y) ?? cursor.fail('an intrinsic function is missing');
  const intrinsic = Object.hasOwn(INTRINSICS, name) ? INTRINSICS[name] : undefined;
  if (!intrinsic) return cursor.fail(`there is no intrinsic function ${name}`);
  const args = parseArguments(cursor, name, depth);
  if (args.length < intrinsic.min || args.length > intrinsic.max)
    return cursor.fail(`${name} takes ${countOf(intrinsic)} arguments, not ${args.length},`);
  return (scope) =>
    intrinsic.run(
      argumentsOf(
        name,
        args.map((arg) => arg(scope)),
      ),
      scope,
    );
}

function countOf({ min, max }: Intrinsic): string {
  if (min === max) return String(min);
  return max === Number.POSITIVE_INFINITY ? `${min} or more` : `${min} to ${max}`;
}

function parseArguments(cursor: Cursor, name: string, depth: number): Expression[] {
  const args: Expression[] = [];
  cursor.expect('(');
  cursor.space();
  if (cursor.take(')')) return args;
  for (;;) {
    cursor.space();
    args.push(parseArgument(cursor, name === 'States.Format' && args.length === 0, depth));
    cursor.space();
    if (cursor.take(')')) return args;
    cursor.expect(',');
  }
}

const WORDS: Readonly<Record<string, Json>> = { true: true, false: false, null: null };

/** @param raw keep escapes: the template of States.Format undoes its own */
function parseArgument(cursor: Cursor, raw: boolean, depth: number): Expression {
  if (cursor.peek() === "'") {
    const text = parseText(cursor);
    const value = raw ? text : text.replace(/\\(.)/gs, '$1');
    return () => value;
  }
  if (cursor.peek() === '$') {
    const path = compilePath(readPath(cursor));
    return (scope) => path.read(scope);
  }
  const number = cursor.match(/-?\d+(\.\d+)?([eE][+-]?\d+)?/y);
  if (number !== undefined) {
    const value = Number(number);
    return Number.isFinite(value) ? () => value : cursor.fail('the number is too large');
  }
  const word = cursor.match(/(true|false|null)\b/y);
  if (word !== undefined) return () => WORDS[word] as Json;
  return parseCall(cursor, depth + 1);
}

/** In single quotes; a backslash escapes a quote, a brace or a backslash, and nothing else (ASL, intrinsic functions). */
function parseText(cursor: Cursor): string {
  return (
    cursor.match(/'(?:[^'\\]|\\['{}\\])*'/y) ??
    cursor.fail('the quote is not closed, or a character is escaped that needs no escape')
  ).slice(1, -1);
}

/** A path ends at a comma, a space or a parenthesis outside of brackets and quotes. */
function readPath(cursor: Cursor): string {
  return (
    cursor.match(/(?:[^,\s()['"]|\[(?:[^[\]'"]|'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"|\[[^\]]*\])*\])+/sy) ??
    cursor.fail('a path is missing')
  );
}
