import { describe, expect, it } from 'vitest';
import type { Json } from '../../json.ts';
import { scopeOf, thrownBy } from '../../testing/scope.fixture.ts';
import { compilePath } from './path.ts';
import { PathError } from './path-error.ts';

const STORE: Json = {
  name: 'store',
  'error-info': { 'sub-key': 1 },
  books: [
    { title: 'A', price: 8, tags: ['x', 'y'] },
    { title: 'B', price: 12, isbn: '1-2', tags: [] },
    { title: 'C', price: 23, isbn: '3-4', author: { name: 'c' } },
  ],
  nothing: null,
  zero: 0,
  limit: 10,
  "it's": 'quoted',
  'with space': { 'a.b': true },
  nested: { books: { title: 'inner' } },
  ünï: 'code',
  pets: [{ kind: 'cat' }, { kind: 'sea otter', home: '/by/the.sea-1', born: '2020-01-02' }],
};

function read(text: string, input: Json = STORE): Json {
  return compilePath(text).read(
    scopeOf(input, { context: { Execution: { Name: 'run' } }, variables: { v: { x: [1, 2] } } }),
  );
}

describe('a definite path gives the value it names', () => {
  const cases: readonly (readonly [string, Json])[] = [
    ['$', STORE],
    ['$.name', 'store'],
    ['$.error-info.sub-key', 1],
    ['$.nothing', null],
    ['$.zero', 0],
    ["$['name']", 'store'],
    ['$["name"]', 'store'],
    ["$['it\\'s']", 'quoted'],
    ["$['with space']['a.b']", true],
    ['$.ünï', 'code'],
    ['$.books[0].title', 'A'],
    ['$.books[ 1 ].title', 'B'],
    ['$.books[-1].title', 'C'],
    ['$.books[2].author', { name: 'c' }],
    ['$.books.[0].title', 'A'],
    ['$.name \n', 'store'],
    ['$$.Execution.Name ', 'run'],
    ["$.['with space'].['a.b']", true],
    ["$.books[0]['title','price']", { title: 'A', price: 8 }],
    ["$.books[0]['title','nope']", { title: 'A' }],
    ['$$.Execution.Name', 'run'],
    ['$v.x[1]', 2],
  ];
  it.each(cases)('%s', (text, value) => {
    expect(compilePath(text).definite).toBe(true);
    expect(read(text)).toEqual(value);
  });
});

describe('an indefinite path gives an array of what it matches', () => {
  const cases: readonly (readonly [string, Json])[] = [
    ['$.books[*].title', ['A', 'B', 'C']],
    ['$.books.*.price', [8, 12, 23]],
    ['$.books[0].*', ['A', 8, ['x', 'y']]],
    ['$.name[*]', []],
    ['$.nope[*].deep', []],
    ['$.books[0,2].title', ['A', 'C']],
    ['$.books[0,9].title', ['A']],
    ['$.books[1:].title', ['B', 'C']],
    ['$.books[:1].title', ['A']],
    ['$.books[-2:].title', ['B', 'C']],
    ['$.books[:-1].title', ['A', 'B']],
    ['$.books[0:2].title', ['A', 'B']],
    ['$.books[5:9]', []],
    ["$.books[*]['title','isbn']", [{ title: 'A' }, { title: 'B', isbn: '1-2' }, { title: 'C', isbn: '3-4' }]],
    ["$.books.[*].['nope', 'neither']", [{}, {}, {}]],
    ["$.books[*]['title','author']['name']", ['c']],
    [
      "$..['title','isbn']",
      [
        { title: 'B', isbn: '1-2' },
        { title: 'C', isbn: '3-4' },
      ],
    ],
    ['$.books.[?(@.price > 20)].title', ['C']],
    ['$.books[?(@.title==A)].price', [8]],
    ['$.books[?(@.title == A || @.isbn==3-4)].title', ['A', 'C']],
    ['$.books[?(@.price==12)].title', ['B']],
    ['$.pets[?(@.kind==sea otter )].kind', ['sea otter']],
    ['$.pets[?(@.kind in [cat, sea otter])].kind', ['cat', 'sea otter']],
    ['$.pets[?(@.home==/by/the.sea-1)].kind', ['sea otter']],
    ['$.pets[?(@.born==2020-01-02)].kind', ['sea otter']],
    ['$.pets[?(@.kind==true)]', []],
    ['$..title', ['A', 'B', 'C', 'inner']],
    ['$.books..name', ['c']],
    ['$..books[0].title', ['A']],
    ['$..nope', []],
    ['$.books[?(@.isbn)].title', ['B', 'C']],
    ['$.books[?(!@.isbn)].title', ['A']],
    ['$.books[?(@.price < 10)].title', ['A']],
    ['$.books[?(@.price<=12)].title', ['A', 'B']],
    ['$.books[?(@.price > 8 && @.price < 20)].title', ['B']],
    ['$.books[?(@.title == \'A\' || @.title == "C")].title', ['A', 'C']],
    ["$.books[?((@.title == 'A' || @.price > 20) && @.price != 8)].title", ['C']],
    ["$.books[?('A' == @.title)].price", [8]],
    ['$.books[?(@.price >= $.limit)].title', ['B', 'C']],
    ["$.books[?(@.title in ['A', 'B'])].title", ['A', 'B']],
    ["$.books[?(@.title nin ['A', 'B'])].title", ['C']],
    ['$.books[?(@.title =~ /[a-b]/i)].title', ['A', 'B']],
    ['$.books[?(@.price =~ /8/)].title', []],
    ["$.books[?(@.tags == ['x', 'y'])].title", ['A']],
    ["$.books[?(@.author.name == 'c')].title", ['C']],
    ['$.books[?(@.price == null)]', []],
    ['$.books[?(@.tags[0])].title', ['A']],
    ['$.books[?(@.nope == @.neither)].title', ['A', 'B', 'C']],
    ['$.books[?(@.price < "9")]', []],
    ['$.nested[?(@.title)].title', []],
    ['$.nested.books[?(@.title)].title', ['inner']],
  ];
  it.each(cases)('%s', (text, value) => {
    expect(compilePath(text).definite).toBe(false);
    expect(read(text)).toEqual(value);
  });
});

describe('a definite path that names nothing says so in the words of Jayway', () => {
  const cases: readonly (readonly [string, string])[] = [
    ['$.nope', "No results for path: $['nope']"],
    ['$.nope.deep', "Missing property in path $['nope']"],
    ['$.name.deep', "No results for path: $['name']['deep']"],
    ['$.nothing.deep', "No results for path: $['nothing']['deep']"],
    ['$.books[9]', "Index out of bounds when evaluating path $['books'][9]"],
    ['$.books[-4]', "Index out of bounds when evaluating path $['books'][-4]"],
    ['$.name[0]', "No results for path: $['name'][0]"],
    ['$.books.title', "No results for path: $['books']['title']"],
    ['$.toString', "No results for path: $['toString']"],
    ['$.__proto__', "No results for path: $['__proto__']"],
    ['$.books.length', "No results for path: $['books']['length']"],
    ['$unset', "Missing property in path $['unset']"],
  ];
  it.each(cases)('%s', (text, message) => {
    expect(thrownBy(() => read(text))).toBe(message);
    expect(() => read(text)).toThrow(PathError);
  });
});

describe('a path that is not one says where it goes wrong', () => {
  const cases: readonly (readonly [string, string])[] = [
    ['', `"$" is missing at character 1 of ''`],
    ['name', `"$" is missing at character 1 of 'name'`],
    ['$.', `a property name is missing at character 3 of '$.'`],
    ['$..', `a property name is missing at character 4 of '$..'`],
    ['$.a b', `unexpected character at character 5 of '$.a b'`],
    [' $.a', `"$" is missing at character 1 of ' $.a'`],
    ['$[', `an index, a name in quotes, "*" or a filter is missing at character 3 of '$['`],
    ['$[0', `"]" is missing at character 4 of '$[0'`],
    ['$[0:10:2]', `"]" is missing at character 7 of '$[0:10:2]'`],
    ["$['a", `the quote is not closed at character 5 of '$['a'`],
    ["$['a',", `a name in quotes is missing at character 7 of '$['a','`],
    ['$[1,]', `an index is missing at character 5 of '$[1,]'`],
    ['$.[', `an index, a name in quotes, "*" or a filter is missing at character 4 of '$.['`],
    ['$[?(word)]', `a value is missing at character 5 of '$[?(word)]'`],
    ['$[?(@.a == b c d())]', `")" is missing at character 17 of '$[?(@.a == b c d())]'`],
    ['$.a.length()', `functions are not supported at character 11 of '$.a.length()'`],
    ['$[(@.length-1)]', `an index, a name in quotes, "*" or a filter is missing at character 3 of '$[(@.length-1)]'`],
    ['$[?(@.a ==)]', `a value is missing at character 11 of '$[?(@.a ==)]'`],
    ['$[?(@.a]', `")" is missing at character 8 of '$[?(@.a]'`],
    ['$[?(@.a =~ /(/)]', 'the pattern is not valid'],
    ['$[?(@.a =~ /x)]', 'the pattern is not closed'],
    [`$[?(${'('.repeat(60)}@.a${')'.repeat(60)})]`, 'the filter is nested too deep'],
    [`$[?(@.a == ${'['.repeat(60)}${']'.repeat(60)})]`, 'the filter is nested too deep'],
    [`$[?(${'!'.repeat(60)}@.a)]`, 'the filter is nested too deep'],
  ];
  it.each(cases)('%s', (text, message) => {
    expect(thrownBy(() => compilePath(text))).toContain(message);
    expect(() => compilePath(text)).toThrow(SyntaxError);
  });
});

describe('a reference path names one place by names and indexes', () => {
  it.each(['$', '$.a', "$['a'][0].b", '$.a-b[10]', '$$.a'])('%s is one', (text) => {
    expect(compilePath(text).reference).toBe(true);
  });
  it.each(['$.a[*]', '$.a[-1]', '$..a', "$['a','b']", '$.a[0,1]', '$.a[0:1]', '$.a[?(@.b)]'])('%s is not', (text) => {
    expect(compilePath(text).reference).toBe(false);
  });
});

it('looks through large and deep values without exhausting the stack', () => {
  const wide = { list: Array.from({ length: 300_000 }, (_, i) => i) };
  expect(read('$..nope', wide)).toEqual([]);
  const deep = JSON.parse(`${'{"a":'.repeat(20_000)}1${'}'.repeat(20_000)}`) as Json;
  expect((read('$..a', deep) as readonly Json[]).length).toBe(20_000);
});

it('takes a pattern in time that grows with the text alone', () => {
  const input = { list: [`${'a'.repeat(5000)}!`] };
  expect(read('$.list[?(@ =~ /(a+)+/)]', input)).toEqual([]);
});

it('ends a path that multiplies what it looks at, filters included', () => {
  const input = { list: Array.from({ length: 1000 }, (_, i) => i) };
  const work = () => read('$.list[?($.list[?($.list[*])])]', input);
  expect(thrownBy(work)).toBe('a path leads to more than 5000000 places');
  expect(work).toThrow(RangeError);
});

it('keeps `$` the root in filters inside of filters', () => {
  const input = { limit: 2, list: [{ parts: [{ n: 1 }] }, { parts: [{ n: 3 }] }] };
  expect(read('$.list[?(@.parts[?(@.n > $.limit)] != [])]', input)).toEqual([{ parts: [{ n: 3 }] }]);
});
