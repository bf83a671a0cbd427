import { expect, it } from 'vitest';
import type { Json, JsonObject } from '../json.ts';
import { findPatternProblem, matchesPattern } from './event-pattern.ts';

it.each<[JsonObject, JsonObject, boolean]>([
  [{ a: ['x', 'y'] }, { a: 'y' }, true],
  [{ a: ['x'] }, {}, false],
  [{ a: ['x'], b: ['y'] }, { a: 'x' }, false],
  [{ a: { b: ['x'] } }, { a: { b: 'x' } }, true],
  [{ a: { b: ['x'] } }, { a: 'x' }, false],
  [{ a: { b: ['x'] } }, { a: [{ b: 'z' }, { b: 'x' }] }, true],
  [{ a: ['x'] }, { a: ['z', 'x'] }, true],
  [{ a: [1] }, { a: '1' }, false],
  [{ a: [null] }, { a: null }, true],
  [{ a: [null] }, {}, false],
  [{ a: [{ prefix: 'in/' }] }, { a: 'in/x' }, true],
  [{ a: [{ prefix: 'in/' }] }, { a: 'out/in/' }, false],
  [{ a: [{ suffix: '.csv' }] }, { a: 'x.csv' }, true],
  [{ a: [{ 'equals-ignore-case': 'ABC' }] }, { a: 'aBc' }, true],
  [{ a: [{ exists: true }] }, { a: null }, true],
  [{ a: [{ exists: true }] }, {}, false],
  [{ a: [{ exists: false }] }, {}, true],
  [{ a: { b: [{ exists: false }] } }, {}, true],
  [{ a: [{ numeric: ['>', 0, '<=', 5] }] }, { a: 5 }, true],
  [{ a: [{ numeric: ['>', 0, '<=', 5] }] }, { a: 0 }, false],
  [{ a: [{ numeric: ['=', 5] }] }, { a: '5' }, false],
  [{ a: [{ 'anything-but': ['x', 'y'] }] }, { a: 'z' }, true],
  [{ a: [{ 'anything-but': ['x', 'y'] }] }, { a: 'y' }, false],
  [{ a: [{ 'anything-but': 'x' }] }, {}, false],
  [{ a: [{ 'anything-but': { prefix: 'x' } }] }, { a: 'xy' }, false],
  [{ $or: [{ a: ['x'] }, { b: ['y'] }] }, { b: 'y' }, true],
  [{ $or: [{ a: ['x'] }, { b: ['y'] }] }, { a: 'y' }, false],
  [{ toString: [{ exists: true }] }, {}, false],
])('%j on %j is %s', (pattern, value, matches) => {
  expect(findPatternProblem(pattern)).toBeUndefined();
  expect(matchesPattern(pattern, value)).toBe(matches);
});

it.each<[Json, string]>([
  [{}, 'the pattern must be an object'],
  [{ a: 'x' }, 'a must be an object'],
  [{ a: [] }, 'a is an empty list'],
  [{ a: { b: [['x']] } }, 'a.b has a list within a list'],
  [{ a: [{ wildcard: 'x*' }] }, "a: the match 'wildcard' is not available here"],
  [{ a: [{ prefix: 'x', suffix: 'y' }] }, 'more than one kind'],
  [{ a: [{ numeric: ['>'] }] }, "'numeric' must be"],
  [{ a: [{ exists: 'yes' }] }, "'exists' must be"],
  [{ $or: [{ a: ['x'] }] }, '$or must be'],
])('refuses %j', (pattern, words) => {
  expect(findPatternProblem(pattern)).toContain(words);
});
