import { describe, expect, it } from 'vitest';
import type { Json } from '../../json.ts';
import { StatesError } from '../states-error.ts';
import { compilePath } from './path.ts';
import { writeAt } from './write.ts';

describe('puts a value at a reference path', () => {
  const cases: readonly (readonly [Json, string, Json])[] = [
    [{ a: 1 }, '$', 'NEW'],
    [{ a: 1 }, '$.b', { a: 1, b: 'NEW' }],
    [{ a: 1 }, '$.a', { a: 'NEW' }],
    [{ a: { x: 1 } }, '$.a.y', { a: { x: 1, y: 'NEW' } }],
    [{}, '$.a.b.c', { a: { b: { c: 'NEW' } } }],
    [{ 'a-b': 1 }, '$.error-info', { 'a-b': 1, 'error-info': 'NEW' }],
    [{ list: [1, 2, 3] }, '$.list[1]', { list: [1, 'NEW', 3] }],
    [{ list: [{ a: 1 }] }, '$.list[0].b', { list: [{ a: 1, b: 'NEW' }] }],
    [[1, 2], '$[0]', ['NEW', 2]],
    [{}, '$.constructor', { constructor: 'NEW' }],
    [{}, '$.toString.deep', { toString: { deep: 'NEW' } }],
  ];
  it.each(cases)('%j at %s', (target, path, result) => {
    expect(writeAt(target, compilePath(path), 'NEW')).toEqual(result);
  });
});

describe('refuses what it cannot go through', () => {
  const cases: readonly (readonly [Json, string])[] = [
    [1, '$.a'],
    [null, '$.a'],
    [[1], '$.a'],
    [{ a: 'text' }, '$.a.b'],
    [{ a: null }, '$.a.b'],
    [{ list: [1] }, '$.list[1]'],
    [{ list: {} }, '$.list[0]'],
    [{}, '$.list[0]'],
  ];
  it.each(cases)('%j at %s', (target, path) => {
    const write = (): Json => writeAt(target, compilePath(path), 1);
    expect(write).toThrow(StatesError);
    expect(write).toThrow(`Unable to apply ReferencePath ${path} to input ${JSON.stringify(target)}`);
  });
});

it('keeps __proto__ a plain key, on the way and at the end', () => {
  const written = writeAt({ a: [] }, compilePath("$['__proto__']['polluted']"), true);
  expect(JSON.stringify(written)).toBe('{"a":[],"__proto__":{"polluted":true}}');
  expect(Object.getPrototypeOf(written)).toBe(Object.prototype);
  expect('polluted' in {}).toBe(false);
});

it('shares what it does not change, and changes nothing in place', () => {
  const target = { keep: { deep: [1] }, list: [1] };
  const before = JSON.stringify(target);
  const written = writeAt(target, compilePath('$.list[0]'), 2) as typeof target;
  expect(written.keep).toBe(target.keep);
  expect(JSON.stringify(target)).toBe(before);
});
