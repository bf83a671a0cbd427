import { execFileSync } from 'node:child_process';
import { expect, it } from 'vitest';

/** Much that lives for a while, in turns: what makes the young generation grow. Tells its largest size, in megabytes. */
const PROGRAM = `
const { getHeapSpaceStatistics } = await import('node:v8');
if (process.argv[1] === 'small') {
  const { keepYoungGenerationSmall } = await import(process.argv[2]);
  keepYoungGenerationSmall();
}
let kept = [];
let largest = 0;
for (let turn = 0; turn < 400; turn++) {
  for (let i = 0; i < 10_000; i++) kept.push({ i, text: 'x' + i });
  if (kept.length > 100_000) kept = [];
  largest = Math.max(largest, getHeapSpaceStatistics().find((space) => space.space_name === 'new_space').space_size);
  await new Promise(setImmediate);
}
console.log(Math.round(largest / 1e6));
`;

function largest(...args: readonly string[]): number {
  const text = execFileSync(process.execPath, ['--input-type=module', '-e', PROGRAM, ...args], { encoding: 'utf8' });
  return Number(text);
}

it('keeps the young generation at a quarter of what it grows to', () => {
  const entry = new URL('./young-generation.ts', import.meta.url).href;
  expect(largest('small', entry)).toBeLessThanOrEqual(40);
  expect(largest('left alone', entry)).toBeGreaterThan(60);
});
