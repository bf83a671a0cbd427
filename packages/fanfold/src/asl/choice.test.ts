/** What the cases of test/cases/choice leave out: rules that are refused, and values of the wrong kind. */
import { describe, expect, it } from 'vitest';
import type { Json } from '../json.ts';
import { scopeOf } from '../testing/scope.fixture.ts';
import { threadTime } from '../testing/thread-time.fixture.ts';
import { ChoiceError, compileChoiceRule } from './choice.ts';

describe('refuses a rule', () => {
  const cases: readonly (readonly [Json, string, string])[] = [
    ['text', '', 'a choice rule must be an object'],
    [{ Variable: '$.a', Next: 'B' }, '', 'exactly one comparison, not 0'],
    [{ Variable: '$.a', IsNull: true, IsString: true }, '', 'exactly one comparison, not 2'],
    [{ IsNull: true }, '/Variable', 'a JSONPath is needed'],
    [{ Variable: 5, IsNull: true }, '/Variable', 'a JSONPath is needed'],
    [{ Variable: '$.', IsNull: true }, '/Variable', 'a property name is missing'],
    [{ Variable: '$.a', IsNull: 'yes' }, '/IsNull', 'true or false is needed'],
    [{ Variable: '$.a', IsPresent: 1 }, '/IsPresent', 'true or false is needed'],
    [{ Variable: '$.a', StringEquals: 1 }, '/StringEquals', 'a string is needed'],
    [{ Variable: '$.a', NumericLessThan: '1' }, '/NumericLessThan', 'a number is needed'],
    [{ Variable: '$.a', BooleanEquals: 'true' }, '/BooleanEquals', 'a boolean is needed'],
    [{ Variable: '$.a', TimestampEquals: '2024-01-01' }, '/TimestampEquals', 'a timestamp is needed'],
    [{ Variable: '$.a', StringMatches: 1 }, '/StringMatches', 'a string is needed'],
    [{ Variable: '$.a', StringEqualsPath: 'b' }, '/StringEqualsPath', '"$" is missing'],
    [{ Variable: '$.a', StringMatchesPath: '$.b' }, '/StringMatchesPath', 'there is no comparison StringMatchesPath'],
    [{ Variable: '$.a', BooleanLessThan: true }, '/BooleanLessThan', 'there is no comparison BooleanLessThan'],
    [{ Variable: '$.a', toString: true }, '/toString', 'there is no comparison toString'],
    [{ Variable: '$.a', constructor: true }, '/constructor', 'there is no comparison constructor'],
    [JSON.parse('{"Variable":"$.a","__proto__":true}') as Json, '/__proto__', 'there is no comparison __proto__'],
    [{ And: [] }, '/And', 'a list of rules that is not empty is needed'],
    [{ Or: {} }, '/Or', 'a list of rules that is not empty is needed'],
    [{ Not: [] }, '/Not', 'a choice rule must be an object'],
    [{ And: [{ Variable: '$.a', IsNull: true, Next: 'B' }] }, '/And[0]', "Field 'Next' is not supported"],
    [{ Not: { Or: [{ Variable: '$.a', IsNull: 1 }] } }, '/Not/Or[0]/IsNull', 'true or false is needed'],
  ];
  it.each(cases)('%j', (rule, pointer, message) => {
    const compile = (): unknown => compileChoiceRule(rule);
    expect(compile).toThrow(ChoiceError);
    expect(compile).toThrow(message);
    expect(compile).toThrow(expect.objectContaining({ pointer }));
  });
});

describe('a comparison of the wrong kind never holds', () => {
  const values: readonly Json[] = [null, true, 1, '1', 'text', [], {}];
  const rules: readonly (readonly [string, Json, (value: Json) => boolean])[] = [
    ['StringLessThanEquals', '\uffff', (value) => typeof value === 'string'],
    ['NumericGreaterThan', -1, (value) => typeof value === 'number'],
    ['BooleanEquals', true, (value) => value === true],
    ['TimestampLessThan', '9999-12-31T00:00:00Z', () => false],
    ['StringMatches', '*', (value) => typeof value === 'string'],
  ];
  it.each(rules)('%s', (operator, operand, holds) => {
    const condition = compileChoiceRule({ Variable: '$', [operator]: operand });
    expect(values.map((value) => condition(scopeOf(value)))).toEqual(values.map(holds));
  });
});

it.each([
  ['a\\*b', 'a*b', true],
  ['a\\*b', 'axb', false],
  ['a\\\\*', 'a\\', true],
  ['a\\\\*', 'a\\bc', true],
  ['a\\\\*', 'a*', false],
  ['(a+)+$[.]\\*', '(a+)+$[.]*', true],
])('escapes a star and a backslash: %s against %s', (pattern, text, matches) => {
  const condition = compileChoiceRule({ Variable: '$', StringMatches: pattern });
  expect(condition(scopeOf(text))).toBe(matches);
});

it('matches many stars in time that grows with the text alone', () => {
  const condition = compileChoiceRule({ Variable: '$', StringMatches: `${'*a'.repeat(2000)}*b` });
  const scope = scopeOf('a'.repeat(100_000));
  expect(threadTime(() => expect(condition(scope)).toBe(false))).toBeLessThan(1000);
});
