import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { visible, visibleLines } from './visible.ts';

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

it('of several lines keeps line ends and tabs alone', () => {
  expect(visibleLines('a\u001b[2J\n\tb\r\u202ec\n')).toBe('a\\u{1b}[2J\n\tb\\r\\u{202e}c\n');
});
