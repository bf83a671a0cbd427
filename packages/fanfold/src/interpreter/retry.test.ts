import { describe, expect, it } from 'vitest';
import type { Retrier } from './machine.ts';
import { mulberry32, uuidFrom } from './random.ts';
import { retryDelay } from './retry.ts';

const RETRIER: Retrier = {
  errors: ['States.ALL'],
  intervalSeconds: 2,
  maxAttempts: 9,
  backoffRate: 3,
  maxDelaySeconds: 20,
  fullJitter: false,
};

describe('the delay of a retry', () => {
  const delays = (retrier: Retrier, random: number): number[] =>
    [0, 1, 2, 3, 1000].map((used) => retryDelay(retrier, used, { random: () => random }));

  it('grows by its rate up to its bound', () => {
    expect(delays(RETRIER, 0.5)).toEqual([2, 6, 18, 20, 20]);
  });

  it('is somewhere below that with full jitter', () => {
    const jitter = { ...RETRIER, fullJitter: true };
    expect(delays(jitter, 0)).toEqual([0, 0, 0, 0, 0]);
    expect(delays(jitter, 0.25)).toEqual([0.5, 1.5, 4.5, 5, 5]);
  });
});

describe('randomness from a seed', () => {
  const draw = (seed: number): number[] => {
    const random = mulberry32(seed);
    return Array.from({ length: 1000 }, random);
  };

  it('is the same for the same seed, and lies in [0, 1)', () => {
    expect(draw(42)).toEqual(draw(42));
    expect(draw(42)).not.toEqual(draw(43));
    expect(Math.min(...draw(1))).toBeGreaterThanOrEqual(0);
    expect(Math.max(...draw(1))).toBeLessThan(1);
  });

  it('is spread evenly enough', () => {
    const mean = draw(7).reduce((sum, number) => sum + number, 0) / 1000;
    expect(mean).toBeGreaterThan(0.45);
    expect(mean).toBeLessThan(0.55);
  });

  it('makes UUIDs of version 4', () => {
    for (let seed = 0; seed < 50; seed++)
      expect(uuidFrom(mulberry32(seed))).toMatch(
        /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/,
      );
  });
});
