import { describe, expect, it } from 'vitest';
import type { ExitRule, JobAttempt, JobSpec } from '../../ports/jobs.ts';
import { isTriedAgain, pauseBefore } from './retry.ts';

const spec = (attempts: number, ...rules: Partial<ExitRule>[]): JobSpec =>
  ({
    attempts,
    exitRules: rules.map((rule) => ({ exitCode: null, reason: null, statusReason: null, action: 'EXIT', ...rule })),
  }) as unknown as JobSpec;

const attempt = (more: Partial<JobAttempt> = {}): JobAttempt => ({
  startedAt: 0,
  stoppedAt: 1,
  exitCode: 1,
  statusReason: 'Host EC2 (instance i-1) terminated.',
  run: 1,
  ...more,
});

describe('a failed attempt', () => {
  it('is followed by another while there are some', () => {
    expect(isTriedAgain(spec(2), [attempt()])).toBe(true);
    expect(isTriedAgain(spec(2), [attempt(), attempt()])).toBe(false);
  });

  it.each<[string, Partial<ExitRule>[], boolean]>([
    ['no rule fits', [{ exitCode: '2' }], true],
    ['its exit code', [{ exitCode: '1' }], false],
    ['the beginning of its exit code', [{ exitCode: '1*' }], false],
    ['all exit codes', [{ exitCode: '*' }], false],
    ['the first that fits counts', [{ exitCode: '1', action: 'RETRY' }, { exitCode: '*' }], true],
    ['the beginning of its status reason', [{ statusReason: 'Host EC2*' }], false],
    ['all that a rule names must fit', [{ exitCode: '1', reason: 'Cannot*' }], true],
  ])('and rules: %s', (_, rules, again) => {
    expect(isTriedAgain(spec(5, ...rules), [attempt()])).toBe(again);
  });

  it('waits twice as long each time, up to a bound', () => {
    const paused = { ...spec(9), backoffSeconds: { first: 10, most: 360 } };
    expect([1, 2, 3, 6, 7, 99].map((failed) => pauseBefore(paused, failed) / 1000)).toEqual([
      10, 20, 40, 320, 360, 360,
    ]);
    expect(pauseBefore({ ...paused, backoffSeconds: null }, 3)).toBe(0);
  });
});
