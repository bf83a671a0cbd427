import { it } from 'vitest';
import { expectSameWhenKilled } from './order-intake-kill.ts';

it.for([
  { records: 10_000, kills: 20 },
  { records: 100_000, kills: 20 },
])('gives the same output when it is killed $kills times ($records records)', async ({ records, kills }) => {
  const seed = Date.now() % 1_000_000;
  console.log(`seed ${seed}`);
  await expectSameWhenKilled({ records, kills, seed });
});
