import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { characters, shorten, visible } from './words.ts';

describe('visible', () => {
  it.for([
    ['Read file', 'Read file'],
    ['a\nb\tc', 'a\\nb\\tc'],
    ['\u001b[31mred', '\\u{1b}[31mred'],
    ['\u202eabc', '\\u{202e}abc'],
    ['a\u2028b', 'a\\u{2028}b'],
    ['\ud800', '\\u{d800}'],
    ['\uffff', '\\u{ffff}'],
    ['日本語 😀 👩‍🚀', '日本語 😀 👩‍🚀'],
  ])('%j is %j', ([text = '', shown]) => {
    expect(visible(text)).toBe(shown);
  });

  it('leaves nothing that a terminal or an XML parser would trip over', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(visible(text)).not.toMatch(/[\p{Cc}\p{Cs}\u2028\u2029\u202a-\u202e\u2066-\u2069\ufffe\uffff]/u);
      }),
    );
  });
});

describe('characters', () => {
  it('are what a reader takes for one each', () => {
    expect(characters('a b~')).toEqual(['a', ' ', 'b', '~']);
    expect(characters('a\r\nb')).toEqual(['a', '\r\n', 'b']);
    expect(characters('e\u0301👩‍🚀')).toEqual(['e\u0301', '👩‍🚀']);
    expect(characters('')).toEqual([]);
  });
});

describe('shorten', () => {
  it.for([
    ['abc', 3, 'abc'],
    ['abcd', 3, 'ab…'],
    ['👩‍🚀👩‍🚀👩‍🚀', 3, '👩‍🚀👩‍🚀👩‍🚀'],
    ['👩‍🚀👩‍🚀👩‍🚀👩‍🚀', 3, '👩‍🚀👩‍🚀…'],
  ] as const)('%j to %i is %j', ([text, most, short]) => {
    expect(shorten(text, most)).toBe(short);
  });

  it('is never longer than asked for, nor cut through a surrogate pair', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.integer({ min: 1, max: 20 }), (text, most) => {
        expect(characters(shorten(text, most)).length).toBeLessThanOrEqual(most);
        expect(shorten(text, most).isWellFormed()).toBe(true);
      }),
    );
  });

  it('takes no longer for a text of which every character carries marks', () => {
    expect(shorten(`a${'\u0301'.repeat(1_000_000)}`, 10)).toHaveLength(17);
  });
});
