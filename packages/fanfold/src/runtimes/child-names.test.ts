import { describe, expect, it } from 'vitest';
import { arnOf, childName, numberedArn } from './child-names.ts';

const RUN = 'arn:aws:states:us-east-1:000000000000:mapRun:m/Label:5b3c0a52-6f0a-3a5c-8b8f-0c6f0f8d2f11';

describe('the name of a child', () => {
  it('is a UUID, the same each time, and another for each run and index', () => {
    expect(childName(RUN, 0)).toMatch(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-0{12}$/);
    expect(childName(RUN, 0)).toBe(childName(RUN, 0));
    expect(childName(RUN, 1)).not.toBe(childName(RUN, 0));
    expect(childName(`${RUN}2`, 0)).not.toBe(childName(RUN, 0));
  });

  it('says which child it is', () => {
    for (const index of [0, 1, 255, 10_000_000, 2 ** 48 - 1]) {
      const arn = `arn:aws:states:us-east-1:000000000000:execution:m/Label:${childName(RUN, index)}`;
      const number = numberedArn(arn);
      expect(number?.index).toBe(index);
      expect(number && arnOf(number)).toBe(arn);
    }
  });

  it.each(['', 'short', `arn:${'0'.repeat(11)}X`, `arn:${'A'.repeat(12)}`])('is not what %s ends with', (arn) => {
    expect(numberedArn(arn)).toBeUndefined();
  });
});
