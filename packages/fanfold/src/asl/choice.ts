/** Choice rules, compiled (ASL, Choice state). Operators are a table; And, Or and Not combine. */
import { isArray, isObject, type Json, type JsonObject } from '../json.ts';
import { compilePath, type Path } from './path/path.ts';
import { PathError } from './path/path-error.ts';
import type { Scope } from './scope.ts';
import { runtimeError } from './states-error.ts';
import { parseTimestamp } from './timestamp.ts';

export type Condition = (scope: Scope) => boolean;

/** A problem with one place of a rule; `pointer` is relative to the rule. */
export class ChoiceError extends SyntaxError {
  readonly pointer: string;

  constructor(pointer: string, problem: string) {
    super(problem);
    this.pointer = pointer;
  }
}

type Kind = 'string' | 'number' | 'boolean' | 'timestamp';

interface Operator {
  readonly kind: Kind;
  /** Compares the variable with the operand; both are of the kind (timestamps as milliseconds). */
  readonly test: (value: string | number | boolean, operand: string | number | boolean) => boolean;
}

const ORDERS: Readonly<Record<string, Operator['test']>> = {
  Equals: (a, b) => a === b,
  LessThan: (a, b) => a < b,
  LessThanEquals: (a, b) => a <= b,
  GreaterThan: (a, b) => a > b,
  GreaterThanEquals: (a, b) => a >= b,
};

const KINDS: Readonly<Record<string, Kind>> = { String: 'string', Numeric: 'number', Timestamp: 'timestamp' };

/** `StringEquals`, `NumericLessThan`, …: those that also come with `Path` at the end. */
const COMPARISONS: ReadonlyMap<string, Operator> = new Map([
  ...Object.entries(KINDS).flatMap(([prefix, kind]) =>
    Object.entries(ORDERS).map(([order, test]): [string, Operator] => [prefix + order, { kind, test }]),
  ),
  ['BooleanEquals', { kind: 'boolean', test: (a, b) => a === b }],
]);

const CHECKS: ReadonlyMap<string, (value: Json) => boolean> = new Map([
  ['IsNull', (value: Json): boolean => value === null],
  ['IsString', (value: Json): boolean => typeof value === 'string'],
  ['IsNumeric', (value: Json): boolean => typeof value === 'number'],
  ['IsBoolean', (value: Json): boolean => typeof value === 'boolean'],
  ['IsTimestamp', (value: Json): boolean => typeof value === 'string' && parseTimestamp(value) !== undefined],
]);

/** The fields of a rule that are not its test. */
const OTHERS: ReadonlySet<string> = new Set(['Variable', 'Next', 'Comment', 'Assign', 'Output']);

/** @throws ChoiceError */
export function compileChoiceRule(rule: Json, pointer = ''): Condition {
  if (!isObject(rule)) throw new ChoiceError(pointer, 'a choice rule must be an object');
  const tests = Object.keys(rule).filter((key) => !OTHERS.has(key));
  const [test] = tests;
  if (test === undefined || tests.length > 1)
    throw new ChoiceError(pointer, `a choice rule has exactly one comparison, not ${tests.length}`);
  const combine = COMBINATIONS.get(test);
  return combine ? combine(rule[test] as Json, `${pointer}/${test}`) : compileTest(rule, test, pointer);
}

const COMBINATIONS: ReadonlyMap<string, (operand: Json, pointer: string) => Condition> = new Map([
  [
    'And',
    (operand: Json, pointer: string): Condition => {
      const parts = compileRules(operand, pointer);
      return (scope) => parts.every((part) => part(scope));
    },
  ],
  [
    'Or',
    (operand: Json, pointer: string): Condition => {
      const parts = compileRules(operand, pointer);
      return (scope) => parts.some((part) => part(scope));
    },
  ],
  [
    'Not',
    (operand: Json, pointer: string): Condition => {
      const part = compileInner(operand, pointer);
      return (scope) => !part(scope);
    },
  ],
]);

/** Only the outermost rule says where to go on. */
function compileInner(rule: Json, pointer: string): Condition {
  if (isObject(rule) && Object.hasOwn(rule, 'Next'))
    throw new ChoiceError(pointer, "Field 'Next' is not supported in a rule inside of another");
  return compileChoiceRule(rule, pointer);
}

function compileRules(operand: Json, pointer: string): Condition[] {
  if (!isArray(operand) || operand.length === 0)
    throw new ChoiceError(pointer, 'a list of rules that is not empty is needed');
  return operand.map((rule, i) => compileInner(rule, `${pointer}[${i}]`));
}

function compileTest(rule: JsonObject, test: string, pointer: string): Condition {
  const variable = pathOf(rule['Variable'], `${pointer}/Variable`);
  const operand = rule[test] as Json;
  const at = `${pointer}/${test}`;
  if (test === 'IsPresent') {
    const wanted = booleanOf(operand, at);
    return (scope) => (readIfPresent(variable, scope) !== undefined) === wanted;
  }
  const check = CHECKS.get(test);
  if (check) {
    const wanted = booleanOf(operand, at);
    return (scope) => check(readVariable(variable, scope)) === wanted;
  }
  if (test === 'StringMatches') return compileMatches(variable, operand, at);
  const direct = COMPARISONS.get(test);
  if (direct) {
    const expected = ofKind(operand, direct.kind);
    if (expected === undefined) throw new ChoiceError(at, `a ${direct.kind} is needed`);
    return (scope) => compare(direct, readVariable(variable, scope), expected);
  }
  const indirect = test.endsWith('Path') ? COMPARISONS.get(test.slice(0, -'Path'.length)) : undefined;
  if (!indirect) throw new ChoiceError(at, `there is no comparison ${test}`);
  const path = pathOf(operand, at);
  return (scope) => {
    const expected = ofKind(readVariable(path, scope), indirect.kind);
    return expected !== undefined && compare(indirect, readVariable(variable, scope), expected);
  };
}

function compare(operator: Operator, value: Json, expected: string | number | boolean): boolean {
  const actual = ofKind(value, operator.kind);
  return actual !== undefined && operator.test(actual, expected);
}

/** The value as its kind is compared, or undefined when it is of another kind. */
function ofKind(value: Json, kind: Kind): string | number | boolean | undefined {
  if (kind === 'timestamp') return typeof value === 'string' ? parseTimestamp(value) : undefined;
  return typeof value === kind ? (value as string | number | boolean) : undefined;
}

/** `*` stands for any run of characters, `\*` for a star and `\\` for a backslash. Linear: no backtracking into earlier stars. */
function compileMatches(variable: Path, operand: Json, pointer: string): Condition {
  if (typeof operand !== 'string') throw new ChoiceError(pointer, 'a string is needed');
  const parts = (operand.match(/\\.|\*|[^\\*]+|\\/gs) ?? []).reduce<string[]>(
    (done, token) => {
      if (token === '*') return [...done, ''];
      const literal = token.length === 2 && token.startsWith('\\') ? token.slice(1) : token;
      return [...done.slice(0, -1), (done.at(-1) ?? '') + literal];
    },
    [''],
  );
  return (scope) => {
    const value = readVariable(variable, scope);
    return typeof value === 'string' && matchesParts(value, parts);
  };
}

function matchesParts(text: string, parts: readonly string[]): boolean {
  const first = parts[0] as string;
  const last = parts.at(-1) as string;
  if (parts.length === 1) return text === first;
  if (text.length < first.length + last.length || !text.startsWith(first) || !text.endsWith(last)) return false;
  let at = first.length;
  for (const part of parts.slice(1, -1)) {
    const found = text.indexOf(part, at);
    if (found < 0 || found + part.length > text.length - last.length) return false;
    at = found + part.length;
  }
  return true;
}

function pathOf(value: Json | undefined, pointer: string): Path {
  if (typeof value !== 'string') throw new ChoiceError(pointer, 'a JSONPath is needed');
  try {
    return compilePath(value);
  } catch (error) {
    throw new ChoiceError(pointer, (error as Error).message);
  }
}

function booleanOf(value: Json, pointer: string): boolean {
  if (typeof value !== 'boolean') throw new ChoiceError(pointer, 'true or false is needed');
  return value;
}

function readIfPresent(path: Path, scope: Scope): Json | undefined {
  try {
    return path.read(scope);
  } catch (error) {
    if (error instanceof PathError) return undefined;
    throw error;
  }
}

function readVariable(path: Path, scope: Scope): Json {
  const value = readIfPresent(path, scope);
  if (value === undefined)
    throw runtimeError(`Invalid path '${path.text}': The choice state's condition path references an invalid value.`);
  return value;
}
