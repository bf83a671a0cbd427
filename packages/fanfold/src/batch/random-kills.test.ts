/** A run whose process is killed at random moments. In full size: `test/batch-kills.long.test.ts`. */
import { randomInt } from 'node:crypto';
import { rmSync } from 'node:fs';
import { afterAll, expect, it } from 'vitest';
import { CONCURRENCY, contentsOf, killProject, type KillProject, runKilled } from '../testing/random-kills.fixture.ts';

const SIZE = { records: 10_000, chunk: 500 };
const KILLS = 3;

const projects: KillProject[] = [];
afterAll(() => {
  for (const { folder } of projects) rmSync(folder, { recursive: true });
});

function project(): KillProject {
  const made = killProject(SIZE);
  projects.push(made);
  return made;
}

it('gives the same bytes, and begins again only the chunks that were under way', { timeout: 600_000 }, async () => {
  const undisturbed = project();
  const { account, lasted } = await runKilled(undisturbed, 0, () => 0);
  expect(account).toMatchObject({ read: SIZE.records, rejected: SIZE.records / 100 });
  expect(undisturbed.begun()).toBe(undisturbed.chunks);

  const disturbed = project();
  const moments: number[] = [];
  const killed = await runKilled(disturbed, KILLS, () => {
    const moment = randomInt(Math.ceil(lasted));
    moments.push(moment);
    return moment;
  });
  const told = `killed at ${moments.join(', ')} ms`;
  expect(contentsOf(killed.account), told).toEqual(contentsOf(account));
  expect(disturbed.begun() - disturbed.chunks, told).toBeLessThanOrEqual(killed.kills * CONCURRENCY);
});
