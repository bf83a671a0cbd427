import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { addDecimal, addNumber, decimalValue, type DecimalSum, noSum, sumText } from './decimal.ts';

function sumOf(values: readonly (number | bigint)[]): DecimalSum {
  const sum = noSum();
  for (const value of values) addNumber(sum, value);
  return sum;
}

/** Any number, as people write them and as they do not. */
const numbers = fc.oneof(
  fc.integer(),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.integer({ min: -10_000_000, max: 10_000_000 }).map((cents) => cents / 100),
  fc.maxSafeInteger(),
);

describe('a sum of decimals', () => {
  it.each<[readonly (number | bigint)[], string]>([
    [[], '0'],
    [[0.1, 0.2], '0.3'],
    [[1.005, 2.5, -0.005], '3.5'],
    [[1e21, 1, 1e-7], '1000000000000000000001.0000001'],
    [[Number.MAX_SAFE_INTEGER, Number.MAX_SAFE_INTEGER], '18014398509481982'],
    [[9_007_199_254_740_993n, -1], '9007199254740992'],
    [[-0.5, 0.25], '-0.25'],
    [[5e-324, -5e-324], '0'],
    [[100, 0.5, 99.5], '200'],
  ])('of %s is %s', (values, text) => {
    expect(sumText(sumOf(values))).toBe(text);
  });

  it('is the exact sum of the numbers as they are written, in any order and any grouping', () => {
    fc.assert(
      fc.property(fc.array(numbers), fc.array(numbers), (left, right) => {
        const text = sumText(sumOf([...left, ...right]));
        expect(sumText(sumOf([...right, ...left].reverse()))).toBe(text);
        const grouped = sumOf(left);
        addDecimal(grouped, sumText(sumOf(right)));
        expect(sumText(grouped)).toBe(text);
        const slow = noSum();
        for (const value of [...left, ...right]) addDecimal(slow, String(value));
        expect(sumText(slow)).toBe(text);
      }),
    );
  });

  it('is a number where that holds it', () => {
    expect(['3.5', '-7', '9007199254740993', '0.1'].map(decimalValue)).toEqual([3.5, -7, 9_007_199_254_740_993n, 0.1]);
  });
});
