import { describe, expect, it } from 'vitest';
import { partAsked, partCount, partRange } from './part-range.ts';

const of = (number: string, range?: string): Parameters<typeof partAsked>[0] => ({
  query: new URLSearchParams({ partNumber: number }),
  headers: range === undefined ? {} : { range },
});

describe('a part of an object', () => {
  it.each(['0', '10001', '-1', '1.5', '', 'one', '1e3'])('is not %s', (text) => {
    expect(() => partAsked(of(text))).toThrow('Part number must be an integer between 1 and 10000, inclusive');
  });

  it('is asked for by its number, and not with a range', () => {
    expect(partAsked(of('10000'))).toBe(10_000);
    expect(partAsked({ query: new URLSearchParams(), headers: { range: 'bytes=0-1' } })).toBeUndefined();
    expect(() => partAsked(of('1', 'bytes=0-1'))).toThrow('Cannot specify both Range header and partNumber');
  });

  it('is found by the number that it was given, with numbers left out', () => {
    const parts = [
      { first: 2, size: 5, count: 2 },
      { first: 7, size: 5, count: 1 },
      { first: 8, size: 3, count: 1 },
    ];
    const info = { size: 18, details: { parts } };
    expect([2, 3, 7, 8].map((number) => partRange(number, info))).toEqual([
      { kind: 'part', start: 0, end: 4 },
      { kind: 'part', start: 5, end: 9 },
      { kind: 'part', start: 10, end: 14 },
      { kind: 'part', start: 15, end: 17 },
    ]);
    expect(partCount({ parts })).toBe(4);
    for (const number of [1, 4, 6, 9])
      expect(() => partRange(number, info)).toThrow('The requested partnumber is not satisfiable');
  });

  it('is the whole of an object that was put as it is', () => {
    expect(partRange(1, { size: 3, details: {} })).toEqual({ kind: 'part', start: 0, end: 2 });
    expect(partRange(1, { size: 0, details: {} })).toEqual({ kind: 'whole' });
    expect(() => partRange(2, { size: 3, details: {} })).toThrow('The requested partnumber is not satisfiable');
  });
});
