import { describe, expect, it } from 'vitest';
import { isKept, lostNumber } from './kept-number.ts';

describe('numbers', () => {
  it.each([
    ['0', true],
    ['-0', true],
    ['0.1000000000000000055511151231257827', true],
    ['9007199254740991', true],
    ['-9007199254740993', false],
    ['9007199254740993', false],
    ['18446744073709551616', false],
    ['18446744073709552000', true],
    ['100000000000000000000000', true],
    ['12345678901234567.89', false],
    ['1e21', true],
    ['1.2345678901234568e+29', true],
    ['1e400', false],
    ['-1e400', false],
    ['1e-400', true],
  ])('are kept or not: %s', (text, expected) => {
    expect(isKept(text, Number(text))).toBe(expected);
    expect(lostNumber(`{"a":["${text}",${text},1]}`)).toBe(expected ? undefined : text);
  });

  it('are looked for outside of texts alone', () => {
    const text = '\\"9007199254740993\\\\';
    expect(lostNumber(`{"9007199254740993":"${text}","b":${JSON.stringify('x'.repeat(300_000))}}`)).toBeUndefined();
    expect(lostNumber(`["${text}",[{"a":9007199254740993}]]`)).toBe('9007199254740993');
  });

  it('are found where nothing else ends them', () => {
    expect(lostNumber('1'.repeat(400))).toBe('1'.repeat(400));
  });
});
