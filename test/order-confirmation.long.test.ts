/** order-confirmation at full size: as many items and lines as records, in the order of the input. */
import { createReadStream, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { expect, it } from 'vitest';
import { orderId } from '../examples/data/order.ts';
import { type ExampleReport, reportOf, runExample } from './example.ts';

interface Confirmed extends ExampleReport {
  readonly items: number;
  readonly output: string;
}

const UUID_4 = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
const SEED = 1;

// The original loses 40,000 of the million.
it.each<[number, readonly string[]]>([
  [1_000_000, ['--as', 'batch']],
  [2_000_000, ['--as', 'batch']],
  [1_000_000, []],
  [2_000_000, []],
  [1_000_000, ['--machine', 'single']],
])('confirms %i orders %j', async (records, args) => {
  const directory = mkdtempSync(join(tmpdir(), 'fanfold-orders-'));
  try {
    const all = ['--records', String(records), '--seed', String(SEED), ...args];
    const finished = await runExample('order-confirmation', directory, all);
    expect(finished.code, finished.stderr).toBe(0);
    const { seconds, items, ...report } = reportOf<Confirmed>(finished);
    console.log(`${records} ${args.join(' ')}: ${seconds} s`);
    expect(report).toMatchObject({ status: 'SUCCEEDED', read: records, written: records, filtered: 0, rejected: 0 });
    expect(items).toBe(records);
    let line = 0;
    for await (const text of createInterface({ input: createReadStream(report.output) })) {
      const [id, confirmation = ''] = text.split(',');
      if (id !== orderId(SEED, line) || !UUID_4.test(confirmation)) expect.fail(`line ${line + 1} is ${text}`);
      line++;
    }
    expect(line).toBe(records);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
});
