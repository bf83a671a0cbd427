import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { utf8Length } from './json.ts';

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
