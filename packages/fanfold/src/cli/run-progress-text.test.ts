import { describe, expect, it } from 'vitest';
import type { RunProgress } from '../ports/batch-runs.ts';
import { runProgressText } from './run-progress-text.ts';

const halfway: RunProgress = {
  batch: 'orders',
  run: 'r',
  executionArn: 'arn',
  status: 'RUNNING',
  stage: 'processing',
  startedAt: 0,
  stoppedAt: null,
  source: null,
  records: { total: 12_000, read: 5999, written: 5990, filtered: 0, rejected: 9, emitted: 5990 },
  chunks: { total: 6, done: 3 },
  bytes: { total: 100, done: 50 },
  recordsPerSecond: 1500,
  secondsLeft: 65,
};
const splitting: Partial<RunProgress> = {
  stage: 'splitting',
  records: { ...halfway.records, total: null },
  chunks: { total: null, done: 0 },
  recordsPerSecond: null,
  secondsLeft: null,
};

describe('the progress of a run as a line', () => {
  it.each<[Partial<RunProgress>, string]>([
    [{}, 'orders  processing  49 %  1 min 5 s left  5,999/12,000 records  1,500/s  9 rejected  3/6 chunks'],
    [splitting, 'orders  splitting'],
    [{ secondsLeft: 7322 }, expect.stringMatching(/ 2 h 2 min left /)],
    [{ secondsLeft: 0 }, expect.stringMatching(/ 0 s left /)],
    [{ records: { ...halfway.records, total: 0, read: 0 } }, expect.stringMatching(/ 0\/0 records /)],
  ])('tells %j', (changes, line) => {
    expect(runProgressText({ ...halfway, ...changes })).toEqual(line);
  });
});
