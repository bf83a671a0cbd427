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
  [{ a: [{ 'anything-but': { suffix: ['.png', '.jpg'] } }] }, { a: 'x.jpg' }, false],
  [{ a: [{ 'anything-but': { suffix: ['.png', '.jpg'] } }] }, { a: 'x.csv' }, true],
  [{ a: [{ 'anything-but': { wildcard: '*/lib/*' } }] }, { a: 'src/lib/x' }, false],
  [{ a: [{ prefix: { 'equals-ignore-case': 'IN/' } }] }, { a: 'in/x' }, true],
  [{ a: [{ suffix: { 'equals-ignore-case': '.CSV' } }] }, { a: 'x.csv.gz' }, false],
  [{ a: [{ wildcard: 'in/*.csv' }] }, { a: 'in/b/c.csv' }, true],
  [{ a: [{ wildcard: 'in/*.csv' }] }, { a: 'in/.csv.gz' }, false],
  [{ a: [{ wildcard: 'a*a' }] }, { a: 'a' }, false],
  [{ a: [{ wildcard: 'a\\*b' }] }, { a: 'a*b' }, true],
  [{ a: [{ wildcard: 'a\\*b' }] }, { a: 'axb' }, false],
  [{ a: [{ wildcard: '*'.repeat(50) + 'x' }] }, { a: 'y'.repeat(10_000) }, false],
  [{ a: [{ cidr: '10.0.0.0/24' }] }, { a: '10.0.0.255' }, true],
  [{ a: [{ cidr: '10.0.0.0/24' }] }, { a: '10.0.1.0' }, false],
  [{ a: [{ cidr: '2001:db8::/32' }] }, { a: '2001:db8::1' }, true],
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
  [{ a: [{ like: 'x*' }] }, "a: the match 'like' is not available here"],
  [{ a: [{ cidr: '10.0.0.0/33' }] }, "'cidr' must be a range"],
  [{ a: [{ prefix: { wildcard: 'x' } }] }, "'prefix' must be a text"],
  [{ a: [{ 'anything-but': { exists: true } }] }, "'anything-but' may have"],
  [{ a: [{ prefix: 'x', suffix: 'y' }] }, 'more than one kind'],
  [{ a: [{ numeric: ['>'] }] }, "'numeric' must be"],
  [{ a: [{ exists: 'yes' }] }, "'exists' must be"],
  [{ $or: [{ a: ['x'] }] }, '$or must be'],
])('refuses %j', (pattern, words) => {
  expect(findPatternProblem(pattern)).toContain(words);
});
