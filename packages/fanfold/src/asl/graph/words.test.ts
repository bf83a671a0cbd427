import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { characters, shorten } from './words.ts';

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
