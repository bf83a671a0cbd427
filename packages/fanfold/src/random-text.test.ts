import { expect, it } from 'vitest';
import { randomText } from './random-text.ts';

it('gives texts of as many bytes as asked for, and none twice', () => {
  const texts = Array.from({ length: 5_000 }, () => randomText(12, 'hex'));
  expect(new Set(texts).size).toBe(texts.length);
  for (const text of texts) expect(text).toMatch(/^[0-9a-f]{24}$/);
  expect(Buffer.from(randomText(40, 'base64url'), 'base64url')).toHaveLength(40);
  expect(Buffer.from(randomText(8192, 'base64'), 'base64')).toHaveLength(8192);
});
