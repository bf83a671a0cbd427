import { describe, expect, it } from 'vitest';
import { expirySettings } from './retention-settings.ts';

describe('when objects are removed', () => {
  const project = (days: number) => ({
    name: 'p',
    stateMachines: {},
    buckets: { files: { expire: [{ prefix: 'tmp/', days }] }, other: {} },
  });

  it('is said by their buckets', () => {
    expect(expirySettings(project(7))).toEqual([{ bucket: 'files', prefix: 'tmp/', days: 7 }]);
  });

  it('is said of versions too, by days and by how many are kept', () => {
    const expire = [
      { prefix: '', noncurrentDays: 30, keepNoncurrent: 3 },
      { prefix: 'a/', days: 1, keepNoncurrent: 2 },
    ];
    expect(expirySettings({ ...project(1), buckets: { files: { expire } } })).toEqual([
      { bucket: 'files', prefix: '', noncurrent: { days: 30, keep: 3 } },
      { bucket: 'files', prefix: 'a/', days: 1, noncurrent: { days: 0, keep: 2 } },
    ]);
  });

  it.each([
    [{ prefix: 'a/' }, "noncurrentDays or keepNoncurrent is needed for the prefix 'a/'"],
    [{ prefix: '', noncurrentDays: 0 }, 'a number of noncurrentDays above 0 is needed, not 0'],
    [{ prefix: '', keepNoncurrent: 1.5 }, 'keepNoncurrent is a whole number from 0 on, not 1.5'],
  ])('refuses %j', (rule, message) => {
    expect(() => expirySettings({ ...project(1), buckets: { files: { expire: [rule] } } })).toThrow(message);
  });

  it.each([0, -1, Number.NaN])('cannot be after %d days', (days) => {
    expect(() => expirySettings(project(days))).toThrow('buckets.files.expire: a number of days above 0 is needed');
  });
});
