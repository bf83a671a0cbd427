/** The functions that AWS adds. The corner cases are those that others measured on AWS. */
import { describe, expect, test } from 'vitest';
import { compileJsonata, JsonataError } from './index.ts';
import { NOW, scopeOf } from './scope.fixture.ts';

function outcome(text: string): unknown {
  try {
    return compileJsonata(text).evaluate(scopeOf({}));
  } catch (error) {
    if (error instanceof JsonataError) return `${error.code}: ${error.message}`;
    throw error;
  }
}

const mismatch = (name: string, index: number): string =>
  `T0410: Argument ${index} of function "${name}" does not match function signature`;

describe.each([
  {
    name: 'partition',
    cases: [
      ['$partition([1, 2, 3, 4, 5], 2)', [[1, 2], [3, 4], [5]]],
      ['$partition([0], 1)', [[0]]],
      ['$partition([0], 5)', [[0]]],
      ['$partition([1, 2, 3, 4, 5], 2.9)', [[1, 2], [3, 4], [5]]],
      ['$partition([1, 2, 3])', [[1, 2, 3]]],
      ['$partition([1, 2], -0.5)', undefined],
      ['$partition([1, 2], 0)', undefined],
      ['$partition([], 2)', undefined],
      ['$partition($unknown, 2)', undefined],
      ['$partition([1, 2], -1)', 'D3137: Second argument must be zero or greater'],
      ['$partition(null, 2)', 'T0412: Argument 1 of function "partition" must be an array of undefined'],
      ["$partition('a', 2)", 'T0412: Argument 1 of function "partition" must be an array of undefined'],
      ["$partition([1], '2')", mismatch('partition', 2)],
      ['$partition([1], 1, 1)', mismatch('partition', 3)],
      ["$partition([{'a': 1}, 'b', null], 2)", [[{ a: 1 }, 'b'], [null]]],
    ],
  },
  {
    name: 'range',
    cases: [
      ['$range(0, 10, 3)', [0, 3, 6, 9]],
      ['$range(0, 10, 2)', [0, 2, 4, 6, 8, 10]],
      ['$range(10, 0, -2)', [10, 8, 6, 4, 2, 0]],
      ['$range(-1.7, 2, 1)', [-1, 0, 1, 2]],
      ['$range(5, 1, -1.5)', [5, 4, 3, 2, 1]],
      ['$range(3, 3, 1)', 3],
      ['$range(5, 1, 1)', undefined],
      ['$range(1, 5, 0)', undefined],
      ['$range(1, 5)', undefined],
      ['$range(1, 5, $unknown)', undefined],
      ['$range(1)', mismatch('range', 2)],
      ["$range('a', 5, 1)", mismatch('range', 1)],
      ['$range(1, 5, 1, 9)', mismatch('range', 4)],
      ['$count($range(-9223372036854775808, 9223372036854775807, 9223372036854775807))', 3],
    ],
  },
  {
    name: 'hash',
    cases: [
      ["$hash('Hello', 'MD5')", '8b1a9953c4611296a827abf8c47804d7'],
      ["$hash('Hello', 'SHA-1')", 'f7ff9e8b7bb2e09b70935a5d785e0cc5d9d0abf0'],
      ["$hash('Hello', 'SHA-256')", '185f8db32271fe25f561a6fc938b2e264306ec304eda518007d1764826381969'],
      [
        "$hash('Hello', 'SHA-384')",
        '3519fe5ad2c596efe3e276a6f351b8fc0b03db861782490d45f7598ebd0ab5fd5520ed102f38c4a5ec834e98668035fc',
      ],
      [
        "$hash('Hello', 'SHA-512')",
        '3615f80c9d293ed7402687f94b22d58e529b8cc7916f8fac7fddf7fbd5af4cf777d3d795a7a00a16bf7e7f3fb9561ee9baae480da9fe7a18769e71886b03f315',
      ],
      ["$hash('ñ', 'MD5')", '94e9342ecbb1458b6043ecd3bfcbc192'],
      ["$hash('a')", undefined],
      ["$hash($unknown, 'MD5')", undefined],
      ["$hash('a', 'md5')", "D3137: Hash algorithm 'md5' must be one of SHA-1, SHA-384, SHA-256, SHA-512, MD5"],
      ["$hash(42, 'MD5')", mismatch('hash', 1)],
      ["$hash('a', 5)", mismatch('hash', 2)],
      ['$hash()', mismatch('hash', 1)],
    ],
  },
  {
    name: 'random',
    cases: [
      ['$random()', 0.25],
      ['$random(42)', 0.7275636800328681],
      ['$random(0)', 0.730967787376657],
      ['$random(0.9)', 0.730967787376657],
      ['$random(7)', 0.7306990420600421],
      ['$random(-1) = $random(-1)', true],
      ["$random('seed')", mismatch('random', 1)],
      ['$random(1, 2)', mismatch('random', 2)],
      ['$shuffle([1, 2, 3, 4])', [3, 4, 2, 1]],
    ],
  },
  {
    name: 'uuid',
    cases: [
      ['$uuid()', '00000000-0000-4000-8000-000000000000'],
      ["$uuid('x')", mismatch('uuid', 1)],
    ],
  },
  {
    name: 'parse',
    cases: [
      ['$parse(\'{"a": 1, "b": [1, 2, 3]}\')', { a: 1, b: [1, 2, 3] }],
      ['$parse(\'{"a": {"b": ":"}}\').a.b', ':'],
      ['$parse(\'"\\\\\\":"\')', '":'],
      ["$parse('-0')", -0],
      ["$parse('1.0')", 1],
      ["$exists($parse('null'))", true],
      ['$map([\'{"a": 1}\', \'{"a": 2}\'], $parse).a', [1, 2]],
      ['$parse()', undefined],
      ['$parse(null)', mismatch('parse', 1)],
      ["$parse('{}', 1)", mismatch('parse', 2)],
      ...["''", "'  '", "'{'", "'[1] [2]'", '\'{"a": 1, "a": 2}\'', "'1e400'", "'NaN'"].map(
        (text) => [`$parse(${text})`, 'D3137: Invalid JSON'] as const,
      ),
    ],
  },
  {
    name: 'time',
    cases: [
      ['$now()', new Date(NOW).toISOString()],
      ["$now('[Y]')", '2023'],
      ['$millis()', NOW],
      ["$toMillis('12:00', '[H01]:[m01]')", Date.UTC(2023, 10, 14, 12)],
      ["$toMillis('2018-01-01T00:00:00')", Date.UTC(2018, 0, 1)],
      ["$toMillis('2018-01-01T00:00:00.5')", Date.UTC(2018, 0, 1, 0, 0, 0, 500)],
    ],
  },
  {
    name: 'texts as AWS has them',
    cases: [
      ["$base64decode('5pel5pysIGE=')", '日本 a'],
      ["$base64decode('YWJ')", 'ab'],
      ["$base64decode('!!')", 'D3137: Malformed Base64 passed to $base64decode(): "!!"'],
      ["$base64decode($base64encode('Ünï 日本 😀'))", 'Ünï 日本 😀'],
      ["$decodeUrlComponent('a+b%2Bc%20d')", 'a b+c d'],
      ['1/0', 'Infinity'],
      ['[-1/0, 0/0]', ['-Infinity', 'NaN']],
      ["$parseInteger('abc', '0')", 'NaN'],
    ],
  },
] as readonly { name: string; cases: readonly (readonly [string, unknown])[] }[])('$name', ({ cases }) => {
  test.each(cases)('%s', (text, expected) => {
    expect(outcome(text)).toEqual(expected);
  });
});
