/** 1,000,000 records, and a process that is killed at 100 random moments. */
import { randomInt } from 'node:crypto';
import { rmSync } from 'node:fs';
import { expect, it } from 'vitest';
import { CONCURRENCY, contentsOf, killProject, runKilled } from '../src/testing/random-kills.fixture.ts';

const SIZE = { records: 1_000_000, chunk: 20_000 };
const KILLS = 100;

it('gives the same bytes after 100 kills, and loses the chunks under way at most', { timeout: 7_200_000 }, async () => {
  const undisturbed = killProject(SIZE);
  const { account, lasted } = await runKilled(undisturbed, 0, () => 0);
  expect(account).toMatchObject({ read: SIZE.records, rejected: SIZE.records / 100 });
  rmSync(undisturbed.folder, { recursive: true });
  for (let done = 0; done < KILLS;) {
    const project = killProject(SIZE);
    const killed = await runKilled(project, KILLS - done, () => randomInt(Math.ceil(lasted)));
    expect(contentsOf(killed.account)).toEqual(contentsOf(account));
    expect(project.begun() - project.chunks).toBeLessThanOrEqual(killed.kills * CONCURRENCY);
    done += killed.kills;
    rmSync(project.folder, { recursive: true });
  }
});
