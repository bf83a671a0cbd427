/** Expressions reach data, and nothing else: no prototypes, no insides of functions, and they change nothing. */
import { afterEach, describe, expect, test } from 'vitest';
import type { Json } from '../../json.ts';
import { compileJsonata, JsonataError } from './index.ts';
import { deepFreeze, scopeOf } from './scope.fixture.ts';

const STATES: Json = deepFreeze(
  JSON.parse(
    '{"input": {"a": 1, "o": {"x": {"y": 1}}, "empty": [], "list": [1], "__proto__": {"own": true}, "constructor": "mine"}}',
  ) as Json,
);

function evaluate(text: string, states: Json = STATES): unknown {
  return compileJsonata(text).evaluate(scopeOf(states));
}

function outcome(text: string, states?: Json): unknown {
  try {
    return evaluate(text, states);
  } catch (error) {
    if (error instanceof JsonataError) return error.code || error.kind;
    throw error;
  }
}

afterEach(() => {
  expect(({} as Record<string, unknown>).polluted).toBeUndefined();
  expect(evaluate('$sum([1, 2]) & $string($map([1], $string)) & $uppercase("a") & $type($sum)')).toBe('31Afunction');
});

describe('nothing of JavaScript is there', () => {
  test.each([
    ["$states.constructor.constructor('return process')()", undefined],
    ['$states.o.constructor', undefined],
    ['$states.input.o.__proto__', undefined],
    ['$states.input.o.toString', undefined],
    ["$lookup($states.input.o, 'hasOwnProperty')", undefined],
    ['$states.input.list.length', undefined],
    ['$states.input.list.push', undefined],
    ['"abc".length', undefined],
    ['("abc").length', undefined],
    ['$sum.implementation', undefined],
    ['$sum.signature.definition', undefined],
    ['$spread($sum).implementation', undefined],
    ['$spread($sum)', 'result'],
    ['[$sum].*', undefined],
    ['$keys($sum)', undefined],
    ['$keys(function($x) { $x })', undefined],
    ['(function($x) { $x }).environment', undefined],
    ['(function($x) { $x }).body.type', undefined],
    ['$merge([$sum])', 'T0412'],
    ['$each($sum, function($v) { $v })', 'T0410'],
    ['$sift($sum, function($v) { true })', 'T0410'],
    ['$clone($sum)', 'T0410'],
    ['/a/("a").next.constructor', undefined],
    ['/a/.source', undefined],
    ['$match("a", /a/).constructor', undefined],
    ['$constructor', undefined],
    ['$__proto__', undefined],
    ['$toString()', 'T1006'],
    ['$hasOwnProperty("a")', 'T1006'],
    ['$eval("1")', 'T1006'],
    ['$states.input.o.`__lookupGetter__`("__proto__")', 'T1006'],
    ['process', undefined],
    ['globalThis.process', undefined],
  ])('%s', (text, expected) => {
    expect(outcome(text)).toEqual(expected);
  });
});

describe('keys that mean something to JavaScript are keys', () => {
  test.each([
    ['$states.input.`__proto__`.own', true],
    ['$states.input.constructor', 'mine'],
    ['$keys($states.input)', ['a', 'o', 'empty', 'list', '__proto__', 'constructor']],
    ['$parse(\'{"__proto__": {"polluted": 1}}\').`__proto__`.polluted', 1],
    ["$keys({'__proto__': 1, 'toString': 2, 'hasOwnProperty': 3})", ['__proto__', 'toString', 'hasOwnProperty']],
    ["$string({'__proto__': {'polluted': true}})", '{"__proto__":{"polluted":true}}'],
    ["$string($merge([{'__proto__': {'polluted': true}}]))", '{"__proto__":{"polluted":true}}'],
    [
      "$string({} ~> |$|{'__proto__': {'polluted': true}, 'constructor': 1}|)",
      '{"__proto__":{"polluted":true},"constructor":1}',
    ],
    ['($__proto__ := 5; $constructor := 6; [$__proto__, $constructor])', [5, 6]],
    ['$keys(["a", "constructor", "__proto__"]{$: $count($)})', ['a', 'constructor', '__proto__']],
    ['$states.input.o.x@$__proto__.{"v": $__proto__.y}', { v: 1 }],
    ['$states.input.o.x#$__proto__.{"i": $__proto__}', { i: 0 }],
  ])('%s', (text, expected) => {
    expect(evaluate(text)).toEqual(expected);
  });

  test('also in results', () => {
    const result = evaluate("{'__proto__': {'polluted': true}}") as object;
    expect(Object.keys(result)).toEqual(['__proto__']);
    expect(Object.getPrototypeOf(result)).toBe(Object.prototype);
  });
});

describe('a transform changes its own copy only', () => {
  test.each([
    ["$states.input ~> |constructor.prototype|{'polluted': 'yes'}|", { a: 1 }],
    ["$states.input.o ~> |x|{'y': 2}|", { x: { y: 2 } }],
  ])('%s', (text, part) => {
    expect(evaluate(text)).toMatchObject(part);
  });

  test.each([
    ["{} ~> |$sum|{'implementation': 1}|"],
    ["{} ~> |$sum|{}, 'signature'|"],
    ["{} ~> |$states.input|{'a': 2}|"],
    ["{} ~> |$states.input|{}, 'a'|"],
    ["{} ~> |(function() { 1 })|{'body': 1}|"],
    ["($clone := function($x) { $x }; $states.input ~> |$states.input.o|{'x': 2}|)"],
    ["{'s': 'text'} ~> |s|{'a': 1}|"],
    ["{'l': [[1]]} ~> |l[0]|{'length': 0}|"],
  ])('%s', (text) => {
    expect(outcome(text)).toBe('D1010');
  });

  test('even where $clone is another function', () => {
    expect(evaluate("($clone := function($x) { $x }; $states.input ~> |o|{'z': 1}|).o.z")).toBe(1);
    expect(evaluate('$states.input.o.z')).toBeUndefined();
  });
});

test.each([
  ['$states.input.list[].x'],
  ['$states.input.list[]'],
  ['$states.input.empty{"a": $}'],
  ['$map([$states.input.empty], function($x) { $x{"a": $} })'],
  ['$states.input.a(1)'],
  ['$states.input.o(1)'],
  ['$append($states.input.list, 2)'],
  ['$sort($states.input.list)'],
  ['$reverse($states.input.list)'],
  ['$distinct($states.input.list)'],
])('%s does not touch its (frozen) input', (text) => {
  outcome(text);
  expect(STATES).toEqual(JSON.parse(JSON.stringify(STATES)));
});

describe("data that looks like the evaluator's own is data", () => {
  const disguised: Json = {
    input: {
      lambda: { _jsonata_lambda: true, arguments: [], body: { type: 'value', value: 1 }, environment: null },
      native: { _jsonata_function: true, implementation: 'x' },
      placeholder: { type: 'operator', value: '?' },
      flags: { tupleStream: true, sequence: true, outerWrapper: true, cons: true, keepSingleton: true, '@': 1 },
    },
  };

  test.each([
    ['$states.input.lambda()', 'T1006'],
    ['$states.input.native()', 'T1006'],
    ['$type($states.input.lambda)', 'object'],
    ['$type($states.input.native)', 'object'],
    ['$states.input.flags[sequence].cons', true],
    ['$states.input.flags.($.outerWrapper)', true],
    ['$states.input.flags{"k": tupleStream}', { k: true }],
    ['[$states.input.flags]^(cons).sequence', true],
    [
      '($f := function($a, $b) { [$a, $b] }; $f($states.input.placeholder, ?)(2))',
      [{ type: 'operator', value: '?' }, 2],
    ],
    ['{"_jsonata_lambda": true, "_jsonata_function": 1}', { _jsonata_lambda: true, _jsonata_function: 1 }],
  ])('%s', (text, expected) => {
    expect(outcome(text, disguised)).toEqual(expected);
  });
});

test('one evaluation does not see another', () => {
  evaluate('($sum := 1; $x := 2; $sum + $x)');
  expect(evaluate('$x')).toBeUndefined();
  expect(outcome('$map([[1]], $length)')).toBe('T0410');
  expect(() => evaluate('$map([1], $length)')).toThrow(/function "map"|function "length"/);
  const message = (text: string): string => {
    try {
      return String(evaluate(text));
    } catch (error) {
      return (error as Error).message;
    }
  };
  const before = message('$map([1], $length)');
  message('($quiet := $length; $quiet(1))');
  expect(message('$map([1], $length)')).toBe(before);
});
