/** Whatever an expression does, it ends, soon, in the same way each time, and says what it used up. */
import { describe, expect, test } from 'vitest';
import { threadTime } from '../../testing/thread-time.fixture.ts';
import { AWS_BOUNDS, compileJsonata, DEFAULT_BOUNDS, JsonataError, type JsonataBounds } from './index.ts';
import { scopeOf } from './scope.fixture.ts';

function evaluate(text: string, bounds: JsonataBounds = DEFAULT_BOUNDS): unknown {
  return compileJsonata(text).evaluate(scopeOf({}, {}, bounds));
}

function failure(text: string, bounds?: JsonataBounds): JsonataError {
  try {
    evaluate(text, bounds);
  } catch (error) {
    if (error instanceof JsonataError) return error;
    throw error;
  }
  throw new Error(`${text} did not fail`);
}

const GREEDY: readonly (readonly [text: string, bound: string])[] = [
  // Endless
  ['($f := function($n) { $f($n + 1) }; $f(0))', 'steps'],
  ['($f := function($n) { 1 + $f($n + 1) }; $f(0))', 'depth'],
  ['($f := function($n) { $map([1], function($x) { [$f($n)] }) }; $f(0))', 'depth'],
  ['($f := function() { {"a": $f()} }; $f())', 'depth'],
  // Large
  ['[1..1000000000]', 'items'],
  ['$count([1..10000000])', 'items'],
  ['$range(1, 1e12, 1)', 'items'],
  ['$range(-1e300, 1e300, 1)', 'items'],
  ["$pad('x', 1000000000)", 'text'],
  ["$pad('x', -1/0)", 'text'],
  ["$join($map([1..9000000], function($i) { 'xxxxxxxxxx' }))", 'items'],
  ["$reduce([1..40], function($a, $i) { $a & $a }, 'xxxxxxxx')", 'text'],
  ["$reduce([1..40], function($a, $i) { $replace($a, 'x', 'xxxx') }, 'x')", 'steps'],
  ["$reduce([1..40], function($a, $i) { $replace($a, /x/, '$0$0$0$0$0$0$0$0') }, 'xx')", 'steps'],
  ["$reduce([1..40], function($a, $i) { $join([$a, $a, $a]) }, 'xx')", 'steps'],
  ['$reduce([1..40], function($a, $i) { $append($a, $a) }, [1])', 'items'],
  ['$reduce([1..40], function($a, $i) { [$a, $a] }, [1])', 'items'],
  ["$split($pad('', 4000000, 'ab'), '')", 'items'],
  ["$map([1..1000], function($i) { $pad('x', 4000000) })", 'steps'],
  ["$encodeUrlComponent($pad('', 20000000, ' '))", 'text'],
  // Small to hold, large to look at
  ['$string($reduce([1..40], function($a, $i) { [[$a, $a]] }, [1]))', 'steps'],
  ['$reduce([1..40], function($a, $i) { [[$a, $a]] }, [1])', 'steps'],
  ["$reduce([1..40], function($a, $i) { {'a': $a, 'b': $a} }, {}).**", 'steps'],
  [
    "($x := $reduce([1..40], function($a, $i) { {'a': $a, 'b': $a} }, {}); $x = $reduce([1..40], function($a, $i) { {'a': $a, 'b': $a} }, {}))",
    'steps',
  ],
  ["$clone($reduce([1..40], function($a, $i) { {'a': $a, 'b': $a} }, {}))", 'steps'],
  ["$string($reduce([1..200], function($a, $i) { {'a': $a} }, $pad('', 30000000, 'a')), true)", 'steps'],
  // Deep data
  ['$reduce([1..100000], function($a, $i) { [[$a]] }, [1])', 'depth'],
  ['$string($reduce([1..100000], function($a, $i) { [[$a]] }, [1]))', 'depth'],
  ["$reduce([1..100000], function($a, $i) { {'a': $a} }, {}).**", 'depth'],
  ['$boolean($reduce([1..100000], function($a, $i) { [[$a]] }, [1]))', 'depth'],
  ['$spread($reduce([1..100000], function($a, $i) { [[$a]] }, [1]))', 'depth'],
  ['($a := $reduce([1..100000], function($a, $i) { [[$a]] }, [1]); $a.x)', 'depth'],
  ['($f := function() { $reduce([1..100000], function($a, $i) { [[$a]] }, [1]) }; $f() = $f())', 'depth'],
  ["$parse($pad('', 100000, '[') & $pad('', 100000, ']'))", 'depth'],
  // Circular: an object that is updated with itself
  ["{'a': 1} ~> |$|{'self': $}|", 'depth'],
  // Patterns
  ["$replace($pad('', 200000, 'a'), /a[^b]*b|a/, 'b')", 'steps'],
  // Loops inside of built-in functions
  ['$distinct($map([1..20000], function($i) { {"a": $i} }))', 'steps'],
  ["$formatInteger(1e15, 'I')", 'steps'],
  ["$formatNumber(1/0, '0e0')", 'steps'],
  ["$fromMillis(0, '[Y,1000000000]')", 'picture'],
  ["$formatNumber(1, $pad('', 100000, '0,'))", 'picture'],
  ["$parseInteger($pad('', 1000000, '1'), $pad('', 250, '0,'))", 'steps'],
];

describe('an expression that takes too much', () => {
  test.each(GREEDY)('%s: %s', (text, bound) => {
    const twice = (): void => {
      const first = failure(text);
      expect(first).toMatchObject({ kind: 'bound', bound });
      expect(failure(text).message).toBe(first.message);
    };
    expect(threadTime(twice)).toBeLessThan(5_000);
  });

  test.each([
    [
      'steps',
      /^Expression evaluation timeout: Check for infinite loop \(more than 2000000 steps\)$/,
      '($f := function() { $f() }; $f())',
    ],
    [
      'depth',
      /^Stack overflow error: .* Consider rewriting as tail-recursive \(more than 400 levels/,
      '($f := function() { 1 + $f() }; $f())',
    ],
    ['items', /^Expression evaluation memory limit exceeded: .* \(an array of more than 1000000 items\)$/, '[1..1e9]'],
  ])('names its bound: %s', (_, message, text) => {
    expect(failure(text).message).toMatch(message);
  });

  test('leaves nothing behind', () => {
    failure('($f := function() { 1 + $f() }; $f())');
    expect(evaluate('1 + 1')).toBe(2);
  });
});

test.each([
  ["$formatNumber(1, '#', {'grouping-separator': ''})"],
  ["$formatNumber(5, '#', {'zero-digit': '', 'decimal-separator': ''})"],
  ["$formatInteger(1/0, 'A')"],
  ["$formatInteger(-1/0, 'w')"],
])('%s fails in an ordinary way', (text) => {
  expect(['jsonata', 'internal']).toContain(failure(text).kind);
});

test.each([
  ["$match('aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!', /^(a+)+$/)", undefined],
  ["$replace('xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx', /(x+x+)+y/, '')", 'xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx'],
  ["$toMillis($pad('', 20000, 'one ') & '!', '[Yw][Mw][Dw][Hw][mw][sw][X]')", undefined],
  ["$length($replace($pad('', 100000, 'ab'), /(a|a)*b/, ''))", 0],
])('%s is matched in linear time', (text, result) => {
  expect(evaluate(text)).toEqual(result);
});

test('what is large but ordinary passes', () => {
  expect(evaluate('$sum($map([1..200000], function($v) { $v * 2 }))')).toBe(40_000_200_000);
  expect(evaluate('[1..800000] ~> $count()')).toBe(800_000);
  expect(evaluate("$length($join($map([1..50000], function($i) { 'line ' & $i }), '\\n'))")).toBe(538_893);
  expect(evaluate('$count($sort($map([1..50000], function($i) { $i * 7919 % 50021 })))')).toBe(50_000);
  expect(evaluate("$count($distinct($map([1..100000], function($i) { 'k' & $i })))")).toBe(100_000);
  expect(evaluate('$count($keys([1..30000]{$string($ % 10): $count($)}))')).toBe(10);
});

test('a large input that is passed on costs nothing, and a part of it next to nothing', () => {
  const rows = Array.from({ length: 300_000 }, (_, i) => ({ id: i, name: `row ${i}` }));
  const scope = scopeOf({ input: { rows } }, {}, { ...DEFAULT_BOUNDS, steps: 500_000 });
  expect(compileJsonata('$states.input').evaluate(scope)).toHaveProperty('rows', rows);
  expect(compileJsonata("{'all': $states.input.rows}").evaluate(scope)).toEqual({ all: rows });
});

describe("AWS's own bounds, where they were measured", () => {
  const recursion = (n: number): string => `($f := function($x) { $x <= 0 ? 0 : 1 + $f($x - 1) }; $f(${n}))`;
  const doubling = (n: number): string =>
    `($f := function($s, $n) { $n = 0 ? $s : $f($s & $s, $n - 1) }; $length($f('x', ${n})))`;

  test.each([
    [`1${'+1'.repeat(99)}`, 100],
    [`${'('.repeat(99)}1${')'.repeat(99)}`, 1],
    [`1${'~>$string'.repeat(99)}`, '1'],
    [recursion(31), 31],
    ['[1..873782] ~> $count()', 873_782],
    [doubling(22), 4_194_304],
  ])('%s passes', (text, result) => {
    expect(evaluate(text, AWS_BOUNDS)).toBe(result);
  });

  test.each([
    [`1${'+1'.repeat(100)}`, 'depth'],
    [`${'('.repeat(100)}1${')'.repeat(100)}`, 'depth'],
    [`${'['.repeat(100)}1${']'.repeat(100)}`, 'depth'],
    [`1${'~>$string'.repeat(100)}`, 'depth'],
    [recursion(32), 'depth'],
    ['[1..873783] ~> $count()', 'items'],
    [doubling(23), 'text'],
  ])('%s fails', (text, bound) => {
    const error = failure(text, AWS_BOUNDS);
    expect(error).toMatchObject({ kind: 'bound', bound });
    expect(error.message).not.toContain('(');
  });
});

test.each([
  ['('.repeat(100_000)],
  [`${'('.repeat(5_000)}1${')'.repeat(5_000)}`],
  [`1${'+1'.repeat(5_000)}`],
  [`${"{'a':".repeat(5_000)}1${'}'.repeat(5_000)}`],
  [`${'function($x){'.repeat(5_000)}1${'}'.repeat(5_000)}`],
  [`a${'.b[1]'.repeat(5_000)}`],
])('a text that nests too deep is refused', (text) => {
  expect(() => compileJsonata(text)).toThrow('The expression nests deeper than 1000 levels');
});

test('the deepest that is allowed fits the stack', () => {
  const deep = 'function($a) { $reduce([1..950], function($a, $i) { [[$a]] }, [1]) }';
  const text = `($d := ${deep}; $f := function($n) { $n = 0 ? $length($string($d(0))) : 0 + $f($n - 1) }; $f(125))`;
  expect(evaluate(text)).toBeGreaterThan(1_800);
  const maps = '($f := function($n) { $n = 0 ? 0 : [$sort([2, 1], function($x, $y) { $f($n - 1) })][0] }; $f(5))';
  expect(evaluate(maps)).toBeDefined();
});
