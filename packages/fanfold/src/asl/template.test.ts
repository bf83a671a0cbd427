import { describe, expect, it } from 'vitest';
import type { Json } from '../json.ts';
import { scopeOf, thrownBy } from '../testing/scope.fixture.ts';
import { StatesError } from './states-error.ts';
import { compileTemplate, TemplateError } from './template.ts';

const INPUT: Json = { a: 1, b: { c: [2, 3] } };

describe('fills a template', () => {
  const cases: readonly (readonly [Json, Json])[] = [
    [
      { plain: true, n: null, list: [1, 'x'] },
      { plain: true, n: null, list: [1, 'x'] },
    ],
    [{ 'x.$': '$.a' }, { x: 1 }],
    [{ 'x.$': '$$.Name' }, { x: 'context' }],
    [{ 'x.$': "States.Format('{}', $.a)" }, { x: '1' }],
    [{ deep: { er: { 'x.$': '$.b.c[0]' } } }, { deep: { er: { x: 2 } } }],
    [{ list: [{ 'x.$': '$.a' }, '$.a', [{ 'y.$': '$.a' }]] }, { list: [{ x: 1 }, '$.a', [{ y: 1 }]] }],
    [
      [{ 'x.$': '$.a' }, 5],
      [{ x: 1 }, 5],
    ],
    [{ x: '$.a' }, { x: '$.a' }],
    [{ 'x.$': '$.b.c[*]' }, { x: [2, 3] }],
    ['text', 'text'],
    [{ '.$': '$.a' }, { '': 1 }],
    [{ 'S.$.x': 1 }, { 'S.$.x': 1 }],
  ];
  it.each(cases)('%j', (template, result) => {
    expect(compileTemplate(template)(scopeOf(INPUT, { context: { Name: 'context' } }))).toEqual(result);
  });
});

describe('refuses a template', () => {
  const cases: readonly (readonly [Json, string, string])[] = [
    [{ 'x.$': 5 }, '/x.$', "The value for the field 'x.$' must be a valid JSONPath or a valid intrinsic function call"],
    [{ 'x.$': 'a' }, '/x.$', 'an intrinsic function is missing at character 1'],
    [{ y: [{ 'x.$': '$.' }] }, '/y/0/x.$', 'a property name is missing at character 3'],
    [{ x: 1, 'x.$': '$.a' }, '', 'a field is given twice'],
  ];
  it.each(cases)('%j', (template, pointer, message) => {
    const compile = (): unknown => compileTemplate(template);
    expect(compile).toThrow(TemplateError);
    expect(compile).toThrow(message);
    expect(compile).toThrow(expect.objectContaining({ pointer }));
  });
});

it('says which field found nothing in which input', () => {
  const fill = compileTemplate({ out: { 'x.$': '$.nope' } });
  expect(() => fill(scopeOf(INPUT))).toThrow(StatesError);
  expect(thrownBy(() => fill(scopeOf(INPUT)))).toBe(
    `The JSONPath '$.nope' specified for the field 'x.$' could not be found in the input '{"a":1,"b":{"c":[2,3]}}'`,
  );
});

it('keeps keys such as __proto__ as plain data', () => {
  const template = JSON.parse('{"__proto__":{"x.$":"$.a"},"constructor":1}') as Json;
  const filled = compileTemplate(template)(scopeOf(INPUT));
  expect(JSON.stringify(filled)).toBe('{"__proto__":{"x":1},"constructor":1}');
  expect(Object.getPrototypeOf(filled)).toBe(Object.prototype);
});

it('shares what needs no evaluating', () => {
  const fixed = { deep: [1] };
  const filled = compileTemplate({ fixed, 'x.$': '$.a' })(scopeOf(INPUT)) as { fixed: Json };
  expect(filled.fixed).toBe(fixed);
});
