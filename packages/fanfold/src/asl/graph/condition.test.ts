import { expect, it } from 'vitest';
import type { JsonObject } from '../../json.ts';
import { describeRule } from './condition.ts';

const CASES: readonly (readonly [JsonObject, string])[] = [
  [{ Variable: '$.a', StringEquals: 'x "y"' }, '$.a == "x \\"y\\""'],
  [{ Variable: '$.a', NumericLessThanEquals: 3 }, '$.a <= 3'],
  [{ Variable: '$.a', NumericGreaterThanPath: '$.b' }, '$.a > $.b'],
  [{ Variable: '$.a', BooleanEquals: false }, '$.a == false'],
  [{ Variable: '$.t', TimestampLessThan: '2030-01-01T00:00:00Z' }, '$.t < "2030-01-01T00:00:00Z"'],
  [{ Variable: '$.a', StringMatches: 'log-*.txt' }, '$.a matches "log-*.txt"'],
  [{ Variable: '$.a', StringGreaterThanEquals: 'm' }, '$.a >= "m"'],
  [{ Variable: '$.a', IsPresent: true }, '$.a is present'],
  [{ Variable: '$.a', IsPresent: false }, '$.a is not present'],
  [{ Variable: '$.a', IsNumeric: true }, '$.a is a number'],
  [{ Variable: '$.a', IsNull: false }, '$.a is not null'],
  [{ Not: { Variable: '$.a', IsString: true } }, 'not ($.a is a string)'],
  [
    {
      And: [
        { Variable: '$.a', NumericEquals: 1 },
        { Or: [{ Variable: '$.b', IsPresent: true }, { Not: { Variable: '$.c', BooleanEquals: true } }] },
      ],
    },
    '$.a == 1 and ($.b is present or not ($.c == true))',
  ],
  [
    { Or: [1, 2, 3, 4, 5, 6].map((n) => ({ Variable: '$.a', NumericEquals: n })) },
    '$.a == 1 or $.a == 2 or $.a == 3 or 3 more',
  ],
  [{ Condition: '{%  $a >\n  3 %}' }, '$a > 3'],
  [{ Condition: true }, 'true'],
  [{ Variable: '$.a', StringEquals: 'x'.repeat(100) }, `$.a == "${'x'.repeat(59)}…"`],
  [{ Variable: '$.constructor', StringEquals: 'x' }, '$.constructor == "x"'],
];

it.for(CASES)('%j is "%s"', ([rule, text]) => {
  expect(describeRule({ ...rule, Next: 'B' })).toBe(text);
});
