import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseJson, utf8Length } from './json.ts';

describe('the length in UTF-8', () => {
  it('is that of the encoded text, short or long', () => {
    const texts = fc.tuple(fc.string({ unit: 'binary' }), fc.constantFrom(1, 30, 1000, 50_000));
    fc.assert(
      fc.property(texts, ([part, times]) => {
        const text = part.repeat(times);
        expect(utf8Length(text)).toBe(Buffer.byteLength(text));
      }),
    );
  });
});

describe('reading JSON', () => {
  const nines = '9'.repeat(309);
  it.each([
    ['1e400', 'Infinity'],
    ['-1E+400', '-Infinity'],
    ['[0.4e00669999999999999999999999999999999999999999]', ['Infinity']],
    [`{"a": [1, ${nines}0, "${nines}0"]}`, { a: [1, 'Infinity', `${nines}0`] }],
    [`[-${nines}]`, ['-Infinity']],
    [`[-${'9'.repeat(250)}.5e99]`, ['-Infinity']],
    [`[${'1,'.repeat(400)}${nines}]`, [...Array<number>(400).fill(1), 'Infinity']],
    ['[1e308, 1e-400, 1.5e0003, "3e1234", "x 1e999", 0e999]', [1e308, 0, 1500, '3e1234', 'x 1e999', 0]],
  ])('of numbers beyond a double makes texts: %s', (text, json) => {
    expect(parseJson(text)).toEqual(json);
  });

  it('is what JavaScript makes of it where every number is one', () => {
    fc.assert(
      fc.property(fc.json(), (text) => {
        expect(parseJson(text)).toEqual(JSON.parse(text));
      }),
    );
  });
});
