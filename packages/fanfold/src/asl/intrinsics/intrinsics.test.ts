/** The results of each function stand in test/cases/intrinsics; here are its edges, and what it refuses. */
import { describe, expect, it } from 'vitest';
import type { Json } from '../../json.ts';
import { scopeOf, thrownBy } from '../../testing/scope.fixture.ts';
import { PathError } from '../path/path-error.ts';
import { StatesError } from '../states-error.ts';
import { compileIntrinsic } from './compile.ts';

const INPUT: Json = {
  list: [1, 2, 3],
  text: 'a,b',
  object: { k: 1 },
  n: 2,
  long: 'x'.repeat(10_001),
  'a)b': { "c'd": 7 },
};

function run(call: string, random = 0.5): Json {
  return compileIntrinsic(call)(scopeOf(INPUT, { random, context: { Execution: { Name: 'run' } } }));
}

describe('gives', () => {
  const cases: readonly (readonly [string, Json])[] = [
    ['States.Array()', []],
    ['States.Array( 1 , -2.5e1,true,false,null )', [1, -25, true, false, null]],
    ['States.ArrayPartition($.list, 5)', [[1, 2, 3]]],
    ['States.ArrayPartition(States.Array(), 2)', []],
    ['States.ArrayPartition($.list, 1.6)', [[1, 2], [3]]],
    ["States.ArrayContains($.list, '1')", false],
    ['States.ArrayRange(1, 3.4, 1)', [1, 2, 3]],
    ['States.ArrayRange(0, -4, -2)', [0, -2, -4]],
    ['States.ArrayRange(5, 1, 1)', []],
    ['States.ArrayGetItem($.list, 0)', 1],
    ['States.ArrayLength(States.Array())', 0],
    ['States.ArrayUnique(States.Array(1, 1.0, true, null, null))', [1, true, null]],
    ["States.Format('plain')", 'plain'],
    ["States.Format('{}{}', null, $.object)", 'null{"k":1}'],
    ["States.Format('{}', '{}')", '{}'],
    ["States.Format('{} {}', $$.Execution.Name, $.list[-1])", 'run 3'],
    ["States.StringSplit('a--b-', '-')", ['a', 'b']],
    ["States.StringSplit('abc', '')", ['abc']],
    ["States.StringSplit('', ',')", []],
    ["States.StringSplit('1.2|3', '.|')", ['1', '2', '3']],
    ["States.Base64Encode('')", ''],
    ["States.Base64Encode('é😀')", 'w6nwn5iA'],
    ["States.Base64Decode('w6nwn5iA')", 'é😀'],
    ["States.Base64Decode('YQ')", 'a'],
    ["States.Hash('', 'MD5')", 'd41d8cd98f00b204e9800998ecf8427e'],
    ["States.Hash('abc', 'SHA-1')", 'a9993e364706816aba3e25717850c26c9cd0d89d'],
    [
      "States.Hash('abc', 'SHA-384')",
      'cb00753f45a35e8bb5a03d699ac65007272c32ab0eded1631a8b605a43ff5bed8086072ba1e7cc2358baeca134c825a7',
    ],
    ['States.StringToJson(\'[1, {\\"a\\": null}]\')'.replaceAll('\\"', '"'), [1, { a: null }]],
    ["States.StringToJson('')", null],
    ['States.StringToJson(\'"x"\')', 'x'],
    ['States.JsonToString($.object)', '{"k":1}'],
    ["States.JsonToString('x')", '"x"'],
    ['States.MathAdd(1.49, 1.5)', 3],
    ['States.MathAdd(-1.5, -0.4)', -1],
    ['States.UUID()', '00000000-0000-4000-8000-000000000000'],
    ["States.Array('it\\'s', 'a\\\\b', '\\{\\}')", ["it's", 'a\\b', '{}']],
    ["States.Array('a, b)', 'c(')", ['a, b)', 'c(']],
    ["States.Array($['a)b'][\"c'd\"], $.list[?(@ > 1)], $.list[0:2])", [7, [2, 3], [1, 2]]],
  ];
  it.each(cases)('%s', (call, value) => {
    expect(run(call)).toEqual(value);
  });
});

describe('fails with States.IntrinsicFailure', () => {
  const cases: readonly (readonly [string, string])[] = [
    ['States.ArrayPartition($.text, 1)', 'States.ArrayPartition: argument 1 must be an array'],
    ["States.ArrayPartition($.list, '1')", 'States.ArrayPartition: argument 2 must be a number'],
    ['States.ArrayPartition($.list, 0)', 'the chunk size must be a positive number'],
    ['States.ArrayPartition($.list, -1)', 'the chunk size must be a positive number'],
    ['States.ArrayContains($.object, 1)', 'argument 1 must be an array'],
    ['States.ArrayRange(1, 9, 0)', 'the step must not be zero'],
    ['States.ArrayRange(1, 9, 0.4)', 'the step must not be zero'],
    ['States.ArrayRange(1, 1001, 1)', 'would give 1001 items; at most 1000 are allowed'],
    ['States.ArrayRange(0, 1e300, 1)', 'at most 1000 are allowed'],
    ['States.ArrayGetItem($.list, 3)', 'there is no item 3'],
    ['States.ArrayGetItem($.list, -1)', 'there is no item -1'],
    ['States.ArrayLength($.object)', 'argument 1 must be an array'],
    ['States.ArrayUnique($.text)', 'argument 1 must be an array'],
    ["States.Format('{}')", 'argument 2 is missing'],
    ["States.Format('{}', 1, 2)", 'the number of arguments does not match the occurrences of {}'],
    ['States.Format($.n)', 'argument 1 must be a string'],
    ["States.StringSplit($.list, ',')", 'argument 1 must be a string'],
    ['States.Base64Encode($.n)', 'argument 1 must be a string'],
    ['States.Base64Encode($.long)', 'the text has 10001 characters; at most 10000 are allowed'],
    ["States.Base64Decode('a')", 'the text is not Base64'],
    ["States.Base64Decode('a b=')", 'the text is not Base64'],
    ["States.Hash('x', 'md5')", 'the algorithm must be one of MD5, SHA-1, SHA-256, SHA-384, SHA-512'],
    ["States.Hash('x', 'toString')", 'the algorithm must be one of'],
    ["States.Hash('x', '__proto__')", 'the algorithm must be one of'],
    ["States.Hash($.long, 'MD5')", 'at most 10000 are allowed'],
    ["States.StringToJson('{')", 'the text is not JSON'],
    ['States.StringToJson($.object)', 'argument 1 must be a string'],
    ['States.JsonMerge($.object, $.object, true)', 'only shallow merging is supported'],
    ['States.JsonMerge($.object, $.list, false)', 'argument 2 must be an object'],
    ['States.MathAdd(1e308, 1e308)', 'the result is too large for a number'],
    ['States.MathRandom(-1e308, 1e308)', 'the result is too large for a number'],
    ["States.MathAdd(1, '-1')", 'argument 2 must be a number'],
    ['States.MathRandom(2, 2)', 'the end must be greater than the start'],
    ['States.MathRandom(2, 1)', 'the end must be greater than the start'],
  ];
  it.each(cases)('%s', (call, message) => {
    expect(() => run(call)).toThrow(StatesError);
    expect(() => run(call)).toThrow(expect.objectContaining({ error: 'States.IntrinsicFailure' }));
    expect(thrownBy(() => run(call))).toContain(message);
  });
});

describe('is refused when it is written', () => {
  const cases: readonly (readonly [string, string])[] = [
    ['', 'an intrinsic function is missing at character 1'],
    ['States.', 'an intrinsic function is missing'],
    ['States.Nope()', 'there is no intrinsic function States.Nope'],
    ['States.toString()', 'there is no intrinsic function States.toString'],
    ['States.Array', '"(" is missing'],
    ['States.Array(', 'an intrinsic function is missing'],
    ['States.Array(1', '"," is missing'],
    ['States.Array(1) x', 'unexpected character at character 17'],
    ['States.Array(1,)', 'an intrinsic function is missing'],
    ["States.Array('a", 'the quote is not closed'],
    ["States.Format('a\\q')", 'a character is escaped that needs no escape'],
    ['States.Array("a")', 'an intrinsic function is missing'],
    ['States.Array($.)', 'a property name is missing'],
    ['States.Array(truex)', 'an intrinsic function is missing'],
    ['States.UUID(1)', 'States.UUID takes 0 arguments, not 1'],
    ['States.Array(1, 1e400)', "the number is too large at character 22 of 'States.Array(1, 1e400)'"],
    ['States.MathAdd(1)', 'States.MathAdd takes 2 arguments, not 1'],
    ['States.Format()', 'States.Format takes 1 or more arguments, not 0'],
    ['States.MathRandom(1)', 'States.MathRandom takes 2 to 3 arguments, not 1'],
    [`${'States.Array('.repeat(11)}${')'.repeat(11)}`, 'calls are nested more than 10 deep'],
    [`${'States.Array('.repeat(50_000)}`, 'calls are nested more than 10 deep'],
  ];
  it.each(cases)('%s', (call, message) => {
    expect(() => compileIntrinsic(call)).toThrow(SyntaxError);
    expect(thrownBy(() => compileIntrinsic(call))).toContain(message);
  });
});

it('leaves a path that names nothing to its field', () => {
  expect(() => run('States.Array($.nope)')).toThrow(PathError);
});

describe('States.MathRandom', () => {
  it('takes the start and never the end', () => {
    expect([run('States.MathRandom(1, 4)', 0), run('States.MathRandom(1, 4)', 0.999999)]).toEqual([1, 3]);
  });

  it('gives the same number for the same seed, whatever the scope', () => {
    const drawn = [0, 0.3, 0.9].map((random) => run('States.MathRandom(0, 1000000, 7)', random));
    expect(new Set(drawn).size).toBe(1);
    expect(run('States.MathRandom(0, 1000000, 8)')).not.toBe(drawn[0]);
  });
});

it('merges keys such as __proto__ as plain data', () => {
  const input = JSON.parse('{"a":{"x":1},"b":{"__proto__":{"polluted":true}}}') as Json;
  const merged = compileIntrinsic('States.JsonMerge($.a, $.b, false)')(scopeOf(input));
  expect(JSON.stringify(merged)).toBe('{"x":1,"__proto__":{"polluted":true}}');
  expect('polluted' in {}).toBe(false);
});
