import { describe, expect, it } from 'vitest';
import { parseSchedule } from './schedule.ts';

const at = (time: string): number => Date.parse(time);

function times(text: string, from: string, timezone = 'UTC', count = 4): readonly string[] {
  const parsed = parseSchedule(text, timezone, at(from));
  if (!parsed.ok) throw new Error(parsed.error);
  const found: string[] = [];
  for (let time: number | undefined = at(from); found.length < count && time !== undefined;) {
    time = parsed.value.next(time);
    if (time !== undefined) found.push(new Date(time).toISOString().slice(0, 16));
  }
  return found;
}

describe('cron(…)', () => {
  it.each<[string, readonly string[]]>([
    ['cron(0 10 * * ? *)', ['2026-01-01T10:00', '2026-01-02T10:00', '2026-01-03T10:00', '2026-01-04T10:00']],
    ['cron(0 18 ? * MON-FRI *)', ['2026-01-01T18:00', '2026-01-02T18:00', '2026-01-05T18:00', '2026-01-06T18:00']],
    ['cron(0 18 ? * 2-6 *)', ['2026-01-01T18:00', '2026-01-02T18:00', '2026-01-05T18:00', '2026-01-06T18:00']],
    ['cron(0 8 1 * ? *)', ['2026-01-01T08:00', '2026-02-01T08:00', '2026-03-01T08:00', '2026-04-01T08:00']],
    ['cron(0/15 * * * ? *)', ['2026-01-01T00:15', '2026-01-01T00:30', '2026-01-01T00:45', '2026-01-01T01:00']],
    ['cron(5/20 1,3 * * ? *)', ['2026-01-01T01:05', '2026-01-01T01:25', '2026-01-01T01:45', '2026-01-01T03:05']],
    ['cron(0 9 L * ? *)', ['2026-01-31T09:00', '2026-02-28T09:00', '2026-03-31T09:00', '2026-04-30T09:00']],
    ['cron(0 9 LW * ? *)', ['2026-01-30T09:00', '2026-02-27T09:00', '2026-03-31T09:00', '2026-04-30T09:00']],
    ['cron(0 9 3W * ? *)', ['2026-01-02T09:00', '2026-02-03T09:00', '2026-03-03T09:00', '2026-04-03T09:00']],
    ['cron(0 9 ? * 6#2 *)', ['2026-01-09T09:00', '2026-02-13T09:00', '2026-03-13T09:00', '2026-04-10T09:00']],
    ['cron(0 9 ? * FRIL *)', ['2026-01-30T09:00', '2026-02-27T09:00', '2026-03-27T09:00', '2026-04-24T09:00']],
    ['cron(0 9 ? * 6L *)', ['2026-01-30T09:00', '2026-02-27T09:00', '2026-03-27T09:00', '2026-04-24T09:00']],
    ['cron(0 9 ? * L *)', ['2026-01-03T09:00', '2026-01-10T09:00', '2026-01-17T09:00', '2026-01-24T09:00']],
    ['cron(0 9 ? * SAT-SUN *)', ['2026-01-03T09:00', '2026-01-04T09:00', '2026-01-10T09:00', '2026-01-11T09:00']],
    ['cron(0 0 1 FEB,12 ? *)', ['2026-02-01T00:00', '2026-12-01T00:00', '2027-02-01T00:00', '2027-12-01T00:00']],
    ['cron(0 0 29 2 ? *)', ['2028-02-29T00:00', '2032-02-29T00:00', '2036-02-29T00:00', '2040-02-29T00:00']],
    ['cron(0 0 1 1 ? 2027/2)', ['2027-01-01T00:00', '2029-01-01T00:00', '2031-01-01T00:00', '2033-01-01T00:00']],
    ['cron(0 0 1 1 ? 2025-2027)', ['2027-01-01T00:00']],
    ['cron(0 0 1 1 ? 2020)', []],
  ])('%s', (text, expected) => {
    expect(times(text, '2026-01-01T00:00:00Z')).toEqual(expected);
  });

  it('is read in a time zone: a time that the clocks skip is at once behind it, one that comes twice is once', () => {
    expect(times('cron(30 2 * * ? *)', '2026-03-28T00:00:00Z', 'Europe/Berlin')).toEqual([
      '2026-03-28T01:30',
      '2026-03-29T01:00',
      '2026-03-30T00:30',
      '2026-03-31T00:30',
    ]);
    expect(times('cron(30 2 * * ? *)', '2026-10-24T00:00:00Z', 'Europe/Berlin')).toEqual([
      '2026-10-24T00:30',
      '2026-10-25T00:30',
      '2026-10-26T01:30',
      '2026-10-27T01:30',
    ]);
  });

  it.each([
    ['cron(0 10 * * * *)', 'one of day of month and day of week'],
    ['cron(0 10 ? * ? *)', 'one of day of month and day of week'],
    ['cron(0 10 * * ?)', 'has six fields'],
    ['cron(60 10 * * ? *)', "the minutes of cron(60 10 * * ? *) cannot be '60'"],
    ['cron(0 10 ? * 0 *)', 'the day of week'],
    ['cron(0 10 ? * FUNDAY *)', 'the day of week'],
    ['cron(0 10 32 * ? *)', 'the day of month'],
    ['cron(0 10 1 13 ? *)', 'the month'],
    ['cron(0/0 10 * * ? *)', 'the minutes'],
    ['cron(* * * * * *; x)', 'has six fields'],
    ['rate(0 minutes)', 'a rate is'],
    ['rate(1 minutes)', 'a rate is rate(1 minute)'],
    ['rate(5 minute)', 'a rate is rate(1 minute)'],
    ['rate(5 weeks)', 'is neither rate'],
    ['every day', 'is neither rate'],
  ])('%s is refused', (text, words) => {
    const parsed = parseSchedule(text, 'UTC', 0);
    expect(parsed.ok ? '' : parsed.error).toContain(words);
  });

  it('refuses a time zone that there is not', () => {
    expect(parseSchedule('rate(1 day)', 'Mars/Olympus', 0)).toMatchObject({ ok: false });
  });
});

describe('rate(…)', () => {
  it('counts from when the rule was made', () => {
    expect(times('rate(2 hours)', '2026-01-01T00:10:00Z')).toEqual([
      '2026-01-01T02:10',
      '2026-01-01T04:10',
      '2026-01-01T06:10',
      '2026-01-01T08:10',
    ]);
  });
});

it('finds the last time that was due', () => {
  const daily = parseSchedule('cron(0 3 * * ? *)', 'UTC', 0);
  if (!daily.ok) throw new Error(daily.error);
  const latest = (after: string, until: string): number | undefined => daily.value.latest(at(after), at(until));
  expect(latest('2026-01-01T03:00:00Z', '2026-01-05T02:59:59Z')).toBe(at('2026-01-04T03:00:00Z'));
  expect(latest('2026-01-01T03:00:00Z', '2026-01-05T03:00:00Z')).toBe(at('2026-01-05T03:00:00Z'));
  expect(latest('2026-01-05T03:00:00Z', '2026-01-05T03:00:00Z')).toBeUndefined();
  expect(latest('2026-01-05T03:00:00Z', '2026-01-05T10:00:00Z')).toBeUndefined();
});
