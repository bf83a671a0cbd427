import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createByteWriter } from './byte-writer.ts';

describe('the byte writer', () => {
  it('writes numbers as JavaScript does', () => {
    fc.assert(
      fc.property(fc.oneof(fc.integer(), fc.double({ noNaN: true }), fc.maxSafeInteger()), (value) => {
        const to = createByteWriter();
        to.number(value);
        expect(to.bytes().toString()).toBe(String(value));
        to.release();
      }),
    );
  });

  it('writes what is plain, and nothing of what is not', () => {
    const isPlain = new Uint8Array(128).fill(1);
    isPlain[44] = 0;
    const to = createByteWriter();
    expect([to.plain('ab', isPlain), to.plain('a,b', isPlain), to.plain('é', isPlain)]).toEqual([true, false, false]);
    expect(to.plain('x'.repeat(1000), isPlain)).toBe(false);
    expect(to.bytes().toString()).toBe('ab');
  });

  it('grows, and takes back what was written last', () => {
    const to = createByteWriter();
    const long = 'é'.repeat(300_000);
    to.literal(Buffer.from('a'));
    to.text(long);
    const before = to.length;
    to.text('gone');
    to.rewind(before);
    to.byte(10);
    expect(to.bytes().toString()).toBe(`a${long}\n`);
    to.literal(Buffer.alloc(1_000_000, 120));
    expect(to.bytes().toString()).toBe(`a${long}\n${'x'.repeat(1_000_000)}`);
  });
});
