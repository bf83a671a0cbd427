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

  it.each([0, -1, Number.NaN])('cannot be after %d days', (days) => {
    expect(() => expirySettings(project(days))).toThrow('buckets.files.expire: a number of days above 0 is needed');
  });
});
