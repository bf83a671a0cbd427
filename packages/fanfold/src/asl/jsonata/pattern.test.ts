/** Patterns against JavaScript's own engine. */
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { compilePattern } from './pattern.ts';

interface Found {
  readonly index: number;
  readonly groups: readonly (string | undefined)[];
}

/** All matches, as JSONata goes through them. */
function all(
  pattern: { lastIndex: number; exec(text: string): (ArrayLike<string | undefined> & { index: number }) | null },
  text: string,
): Found[] {
  const found: Found[] = [];
  for (let match = pattern.exec(text); match; match = pattern.exec(text)) {
    found.push({ index: match.index, groups: Array.from(match) });
    if (match[0] === '' || found.length > 20) break;
  }
  return found;
}

function expectSame(source: string, flags: string, text: string): void {
  const ours = compilePattern(source, flags, undefined, () => undefined).matcher();
  expect(all(ours, text), `/${source}/${flags}`).toEqual(all(new RegExp(source, `${flags}g`), text));
}

const TEXTS = [
  '',
  'abcABC 123_-',
  'The quick\tbrown\nfox\r\njumps, over: the [lazy] {dog} (1+1=2) $5.00 ^ | \\ / end',
  'ünïcode\u00a0\u2028\u3000\ufeffx日本',
  'a.b*c?d+e\u0000\u0008\u000b\f',
  'aaa bbb aab abab',
];

test.each([
  'a',
  'a|b',
  '[abc]+',
  '[^a-c]+',
  '\\d+',
  '\\D+',
  '\\w+',
  '\\W+',
  '\\s+',
  '\\S+',
  '[\\s\\S]',
  '[^\\s]+',
  '[\\S]+',
  '[\\d\\s]+',
  '.',
  '.+',
  '.*$',
  '^.*',
  '^a',
  'x$',
  '\\bT\\w+\\b',
  '\\Bb',
  '[\\b]',
  'a{2}',
  'a{1,2}',
  'a{2,}',
  'a{',
  'a{x}',
  '}',
  ']',
  'a+?',
  'a*?b',
  '(a)(b)?',
  '(a|(b))+',
  '(?:ab)+',
  '(?<x>a)b',
  '\\.',
  '\\*',
  '\\/',
  '\\$',
  '\\-',
  '[a-]',
  '[-a]',
  '[\\]]',
  '[[]',
  '[[:alpha:]]',
  '[a&&b]',
  '[^]',
  '[]',
  'a[]',
  '\\0',
  '\\x41',
  '\\u0041',
  '\\u{41}',
  '\\cA',
  '\\t',
  '\\n',
  '\\r',
  '\\v',
  '\\f',
  '\\e',
  '\\A',
  '\\z',
  '\\Q',
  '\\p',
  '\\a',
  '\\u65e5',
  '[\\u4e00-\\u9fff]+',
  '日',
  '[日本]+',
  '\\(',
  '\\[',
  '\\{',
  '\\^',
  '\\|',
  '\\\\',
  '"',
  "'",
  '\\"',
  ' ',
  '-',
  '_',
  '~',
  '`',
  '@',
  '#',
  '%',
  '&',
])('%s', (source) => {
  for (const text of TEXTS) {
    expectSame(source, '', text);
    expectSame(source, 'i', text);
    expectSame(source, 'm', text.replaceAll(/[\r\u2028]/g, ''));
  }
});

test('patterns made at random', () => {
  const atom = fc.constantFrom('a', 'b', '.', '\\w', '\\d', '\\s', '[ab]', '[^a]', '\\.', 'x', '-', '\\b', '^', '$');
  const { pattern } = fc.letrec<{ pattern: string }>((tie) => ({
    pattern: fc.oneof(
      { maxDepth: 4 },
      atom,
      fc.tuple(tie('pattern'), tie('pattern')).map(([a, b]) => a + b),
      fc.tuple(tie('pattern'), tie('pattern')).map(([a, b]) => `(?:${a}|${b})`),
      fc
        .tuple(fc.constantFrom('a', 'b', '.', '\\w', '[ab]', '(?:ab)'), fc.constantFrom('*', '+', '?', '{2}', '*?'))
        .map(([a, q]) => a + q),
      tie('pattern').map((a) => `(${a})`),
    ),
  }));
  fc.assert(
    fc.property(
      pattern,
      fc.string({ unit: fc.constantFrom('a', 'b', ' ', '.', '1', '\n'), maxLength: 12 }),
      (source, text) => {
        expectSame(source, '', text);
      },
    ),
    { numRuns: 500 },
  );
});

test.each([
  ['(?=a)', 'a lookahead'],
  ['a(?!b)', 'a lookahead'],
  ['(?<=a)b', 'a lookbehind'],
  ['(?<!a)b', 'a lookbehind'],
  ['(a)\\1', 'a reference back to a group'],
  ['(?<n>a)\\k<n>', 'a reference back to a group'],
  ['(?i:a)', 'flags inside the pattern'],
  ['(', 'Unterminated group'],
  ['a{2000}', 'repe'],
])('%s is refused', (source, reason) => {
  const compile = (): unknown => compilePattern(source, '', 3, () => undefined);
  expect(compile).toThrow(
    expect.objectContaining({ code: 'S0303', position: 3, message: expect.stringContaining(reason) }),
  );
});

test('looks at characters are counted', () => {
  const count = (length: number): number => {
    let steps = 0;
    compilePattern('(a+)+$', '', undefined, (n) => {
      steps += n;
    }).exec(`${'a'.repeat(length)}!`);
    return steps;
  };
  expect(count(10_000)).toBe(count(10_000));
  expect(count(200_000) / count(100_000)).toBeCloseTo(2, 0);
});
