import { it } from 'vitest';
import { expectSameWhenKilled } from './order-intake-kill.ts';

it('gives the same output when it is killed on the way (4 kills of 2,000 records)', async () => {
  const seed = Date.now() % 1_000_000;
  console.log(`seed ${seed}`);
  await expectSameWhenKilled({ records: 2000, kills: 4, seed });
}, 300_000);
