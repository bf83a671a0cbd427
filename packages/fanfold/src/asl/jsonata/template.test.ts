import { describe, expect, test } from 'vitest';
import type { Json } from '../../json.ts';
import { TemplateError } from '../template.ts';
import {
  compileJsonata,
  compileJsonataTemplate,
  EvaluationError,
  expectType,
  isHalfJsonata,
  isJsonata,
  JsonataSyntaxError,
} from './index.ts';
import { scopeOf } from './scope.fixture.ts';

const SCOPE = scopeOf({ input: { a: 1, list: [1], none: null } }, { v: 'variable', items: 1 });

function fill(template: Json, field = 'Output'): Json {
  return compileJsonataTemplate(template, field).evaluate(SCOPE);
}

function failure(template: Json, field = 'Output'): EvaluationError {
  try {
    fill(template, field);
  } catch (error) {
    if (error instanceof EvaluationError) return error;
    throw error;
  }
  throw new Error('it did not fail');
}

test('every string between {% and %} is an expression, however deep', () => {
  expect(
    fill({
      a: '{% $states.input.a + 1 %}',
      b: ['{%$v%}', { c: '{% $states.input.none %}', d: ' {% 1 %} ' }],
      e: 1.5,
      f: null,
      'g.$': '$.x',
      ['__proto__']: '{% [] %}',
    }),
  ).toEqual({ a: 2, b: ['variable', { c: null, d: ' {% 1 %} ' }], e: 1.5, f: null, 'g.$': '$.x', ['__proto__']: [] });
  expect(fill('{% $states.input.list %}')).toEqual([1]);
});

test('a template without expressions is itself', () => {
  const template = { a: [1, { b: 'c' }] };
  expect(fill(template)).toBe(template);
});

test('$states and variables as they are handed in', () => {
  expect(fill('{% $states %}')).toBe(SCOPE.states);
  expect(
    [...compileJsonata('$states.result.x & $states.input & ($states).errorOutput').statesMembers].toSorted(),
  ).toEqual(['input', 'result']);
});

test.each([
  ['{% 1 %}', true, false],
  ['{%%}', true, false],
  ['{%}', false, true],
  ['{% 1', false, true],
  ['1 %}', false, true],
  [' {% 1 %}', false, true],
  ['{% 1 %} ', false, true],
  [' {% 1 %} ', false, false],
  ['plain', false, false],
])('%s', (text, whole, half) => {
  expect([isJsonata(text), isHalfJsonata(text)]).toEqual([whole, half]);
});

describe("errors in AWS's words", () => {
  test.each<[Json, string, string]>([
    [
      '{% $states.input.missing %}',
      'Output',
      "'$states.input.missing' specified for the field 'Output' returned nothing (undefined).",
    ],
    [
      { v: '{%  $doesNotExist\n %}' },
      'Output/v',
      "'$doesNotExist' specified for the field 'Output/v' returned nothing (undefined).",
    ],
    [
      { a: { b: [[1, '{% $x %}']] } },
      'Output/a/b[0][1]',
      "'$x' specified for the field 'Output/a/b[0][1]' returned nothing (undefined).",
    ],
    [['{% $x %}'], 'Output[0]', "'$x' specified for the field 'Output[0]' returned nothing (undefined)."],
    [
      '{% $fn := function($x){$x} %}',
      'Output',
      "'$fn := function($x){$x}' specified for the field 'Output' returned an unsupported result type.",
    ],
    [
      { a: "{% [{'f': $sum}] %}" },
      'Output/a',
      "'[{'f': $sum}]' specified for the field 'Output/a' returned an unsupported result type.",
    ],
    [
      '{% $foo() %}',
      'Output',
      "'$foo()' specified for the field 'Output' threw an error during evaluation. T1006: Attempted to invoke a non-function",
    ],
    [
      "{% 1 + 'a' %}",
      'Output',
      `'1 + 'a'' specified for the field 'Output' threw an error during evaluation. T2002: The right side of the "+" operator must evaluate to a number`,
    ],
    [
      '{% [1..1e9] %}',
      'Output',
      "'[1..1e9]' specified for the field 'Output' threw an error during evaluation: Expression evaluation memory limit exceeded: Check for excessive memory usage (an array of more than 1000000 items)",
    ],
  ])('%j', (template, location, words) => {
    const error = failure(template);
    expect(error).toMatchObject({ error: 'States.QueryEvaluationError', location });
    expect(error.message).toBe(`The JSONata expression ${words}`);
  });

  test.each<[Json, string]>([
    [1, "Expected 'array', but was 'number' for value: 1"],
    [true, "Expected 'array', but was 'boolean' for value: true"],
    [null, "Expected 'array', but was 'null' for value: null"],
    [{ foo: 'bar' }, `Expected 'array', but was 'object' for value: {"foo":"bar"}`],
    ['string', `Expected 'array', but was 'string' for value: "string"`],
  ])('%j is no array', (value, words) => {
    expect(() => {
      expectType(value, 'array', '$ItemsVar', 'Items');
    }).toThrow(
      `The JSONata expression '$ItemsVar' specified for the field 'Items' returned an unexpected result type. ${words}`,
    );
  });

  test('the first that fails, in the order of the template', () => {
    expect(failure({ b: '{% $one %}', a: '{% $two %}' }).location).toBe('Output/b');
  });
});

describe('what cannot be read', () => {
  test('has a place in the template', () => {
    const compile = (): unknown => compileJsonataTemplate({ a: [0, '{% 1 + %}'] }, 'Output');
    expect(compile).toThrow(TemplateError);
    expect(compile).toThrow(expect.objectContaining({ pointer: '/a/1', message: 'Unexpected end of expression' }));
    expect(() => compileJsonataTemplate('{% 1', 'Output')).toThrow('must begin with "{%" and end with "%}"');
  });

  test.each([
    ['1 +', 'S0207', 3],
    ['$sum(1', 'S0203', 6],
    ['10 + * 2', 'S0201', 8],
    ['a ?? b', 'S0211', 4],
    ['a ?: b', 'S0211', 4],
    ["$contains('a', /(?=a)/)", 'S0303', 22],
    ["$contains('a', /(/)", 'S0302', 19],
  ])('%s: %s at %i', (text, code, position) => {
    expect(() => compileJsonata(text)).toThrow(JsonataSyntaxError);
    expect(() => compileJsonata(text)).toThrow(expect.objectContaining({ code, position }));
  });
});
