/** 2,000,000 records (250 MB), and the memory of the process that runs them (I8). */
import { createWriteStream, rmSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import type { RunAccount } from '../src/batch/account.ts';
import { BATCHES, makeBatchFolder } from '../src/testing/batch-folder.fixture.ts';
import { runNode } from '../src/testing/kill.fixture.ts';

const SCRIPT = fileURLToPath(new URL('../src/testing/batch.kill.ts', import.meta.url));
const NOTE = 'a note that makes the record as long as the orders of the published systems are: '.padEnd(100, '.');

interface Ended {
  readonly account: RunAccount;
  readonly peakMb: number;
}

async function run(records: number): Promise<Ended> {
  const folder = makeBatchFolder({
    prefix: 'fanfold-memory-',
    module: `import { batch } from '${BATCHES}';
export default batch({
  name: 'orders',
  source: { bucket: 'files', prefix: 'in/' },
  schema: { type: 'object', properties: { id: { type: 'string' }, units: { type: 'integer' } }, required: ['id', 'units'] },
  process: ({ id, units, note }) => ({ id, units, note }),
  sinks: [{ object: 'out/{file}', columns: ['id', 'units', 'note'] }],
});
`,
  });
  await pipeline(Readable.from(lines(records)), createWriteStream(join(folder, 'orders.csv')));
  const { code, stdout, stderr } = await runNode({ args: [SCRIPT, folder] });
  rmSync(folder, { recursive: true });
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  return JSON.parse(stdout) as Ended;
}

function* lines(records: number): Generator<string> {
  yield 'id,units,note\n';
  for (let n = 0; n < records; n += 1000)
    yield Array.from({ length: Math.min(1000, records - n) }, (_, i) => `${n + i},${i},"${NOTE}"\n`).join('');
}

it('takes no more memory for 2,000,000 records than for 200,000, but for what is small', async () => {
  const small = await run(200_000);
  const large = await run(2_000_000);
  console.log(`${small.peakMb.toFixed(0)} MB and ${large.peakMb.toFixed(0)} MB`);
  expect(large.account).toMatchObject({ read: 2_000_000, written: 2_000_000 });
  expect(large.account.outputs[0]).toMatchObject({ emitted: 2_000_000 });
  expect(large.peakMb).toBeLessThan(small.peakMb + 128);
  expect(large.peakMb).toBeLessThan(1024);
});
