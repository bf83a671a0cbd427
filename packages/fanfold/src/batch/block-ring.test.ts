import { expect, it } from 'vitest';
import { createBlockRing } from './block-ring.ts';

it('gives memory again once as many others were given, and larger memory where more is asked for', () => {
  const ring = createBlockRing(2);
  const [first, second, third] = [ring(8), ring(4), ring(3)];
  expect([first, second, third].map(({ length }) => length)).toEqual([8, 4, 3]);
  expect(third.buffer).toBe(first.buffer);
  expect(second.buffer).not.toBe(first.buffer);
  expect(ring(6).buffer).not.toBe(second.buffer);
});
