/**
 * One batch over files of 200 to 1,000,000 orders (95 bytes each, 1 % not valid), by the records in a chunk and the chunks at
 * once: validated, enriched from 10,000 products, written as CSV in the order of the file. Each run is the built package in a
 * process of its own, which is started, opens its directory, runs and ends; `records/s` counts all of that, and what is over it
 * for 200 records is the start. All outputs of a file are the same bytes, whatever the sizes.
 *
 * Not measured: the upload of the file, work in `process` that waits for others, a cold disk, several files at once.
 *
 *     npm run bench -- batch-sizes [--records 200 …] [--chunk 1000 …] [--concurrency 1 …] [--json]
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { cpus, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { RunAccount } from '../packages/fanfold/src/batch/account.ts';
import type { Cost, Place } from './records/contender.ts';
import { writeOrders, writeProducts } from './records/orders.ts';

const HERE = join(import.meta.dirname, 'records');

interface Row extends Cost {
  readonly records: number;
  readonly chunk: number;
  readonly concurrency: number;
}

const { values: options } = parseArgs({
  options: {
    records: { type: 'string', multiple: true, default: ['200', '10000', '100000', '1000000'] },
    chunk: { type: 'string', multiple: true, default: ['1000', '20000', '200000'] },
    concurrency: { type: 'string', multiple: true, default: ['1', '4', '16'] },
    json: { type: 'boolean', default: false },
  },
});
const print = options.json ? (): void => {} : (line: string): void => console.log(line);

const root = mkdtempSync(join(tmpdir(), 'fanfold-sizes-'));
try {
  const products = join(root, 'products.csv');
  writeProducts(products);
  print(`Node ${process.version}, ${cpus().length} processors, load ${loadavg()[0]?.toFixed(1)}\n`);
  print('| records | records in a chunk | chunks at once | CPU s | wall s | records/s | peak RSS MB |');
  print('|---|---|---|---|---|---|---|');
  const rows = options.records.map(Number).flatMap((records) => [...rowsOf(records, products)]);
  if (options.json) console.log(JSON.stringify({ node: process.version, rows }, null, 2));
} finally {
  rmSync(root, { recursive: true, force: true });
}

function* rowsOf(records: number, products: string): Generator<Row> {
  const orders = join(root, `orders-${records}.csv`);
  writeOrders(orders, records);
  const hashes = new Set<string>();
  for (const chunk of sizesFor(records))
    for (const concurrency of options.concurrency.map(Number)) {
      // One chunk is one at a time.
      if (chunk >= records && concurrency > Number(options.concurrency[0])) continue;
      const folder = join(root, 'run');
      const place: Place = { folder, orders, products, withTable: false, chunk, concurrency };
      step('prepare', place);
      const cost = JSON.parse(step('run', place)) as Cost;
      hashes.add(outputOf(folder, records));
      if (hashes.size > 1) throw new Error(`${records} records came to another output in chunks of ${chunk}.`);
      rmSync(folder, { recursive: true, force: true });
      const { cpuSeconds, wallSeconds, peakMb } = cost;
      print(
        `| ${[records, chunk, concurrency].map(number).join(' | ')} | ${cpuSeconds.toFixed(2)} | ${wallSeconds.toFixed(2)} | ${number(Math.round(records / wallSeconds))} | ${peakMb.toFixed(0)} |`,
      );
      yield { records, chunk, concurrency, ...cost };
    }
  rmSync(orders);
}

/** Of the sizes that hold the whole file, the first one only. */
function sizesFor(records: number): readonly number[] {
  const sizes = options.chunk.map(Number).toSorted((a, b) => a - b);
  const whole = sizes.findIndex((size) => size >= records);
  return whole < 0 ? sizes : sizes.slice(0, whole + 1);
}

/** The last line that it has printed. */
function step(what: string, place: Place): string {
  const args = [join(HERE, 'run-one.ts'), 'fanfold.ts', what, JSON.stringify(place)];
  const child = spawnSync(process.execPath, args, { encoding: 'utf8' });
  if (child.status !== 0) throw new Error(`It failed in ${what}: ${child.stderr.trim().slice(-2000)}`);
  return child.stdout.trim().split('\n').at(-1) ?? '';
}

/** The hash of what the run has published, once its account is in order. */
function outputOf(folder: string, records: number): string {
  const account = JSON.parse(readFileSync(join(folder, 'account.json'), 'utf8')) as RunAccount;
  const { read, written, filtered, rejected, outputs } = account;
  if (read !== records || read !== written + filtered + rejected) throw new Error(JSON.stringify(account));
  const [output] = outputs;
  return output?.kind === 'object' ? output.sha256 : '';
}

function number(value: number): string {
  return value.toLocaleString('en-US');
}
