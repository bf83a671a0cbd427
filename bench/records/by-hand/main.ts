/**
 * The script that a good engineer would write for this one file: worker threads that read their own byte ranges, ajv, the
 * same store in its own file and thread, hashes, rejects with their lines and offsets. It is neither durable nor can it go on
 * where it stopped, and it checks no part of what it has written.
 */
import { createHash } from 'node:crypto';
import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { MessageChannel, Worker } from 'node:worker_threads';
import type { Place } from '../contender.ts';
import { INPUT_COLUMNS, OUTPUT_COLUMNS, TABLE_COLUMNS } from '../orders.ts';
import { findRanges } from './ranges.ts';
import type { TableData } from './table.ts';
import type { Done, WorkerData } from './worker.ts';

const RECORDS = 20_000;

export async function prepare({ folder }: Place): Promise<void> {
  mkdirSync(folder, { recursive: true });
}

export async function run({ folder, orders, products, withTable }: Place): Promise<void> {
  const { ranges, sha256 } = findRanges(orders, RECORDS);
  const channels = Array.from({ length: availableParallelism() }, () => new MessageChannel());
  const ports = channels.map(({ port2 }) => port2);
  const tableData: TableData = { path: join(folder, 'orders.db'), ports };
  const table = withTable
    ? ended(new Worker(new URL('./table.ts', import.meta.url), { workerData: tableData, transferList: ports }))
    : undefined;
  const queue = ranges.values();
  const total = { written: 0, rejected: 0 };
  await Promise.all(
    channels.map(({ port1 }) => {
      const workerData: WorkerData = { orders, products, folder, sha256, ...(withTable && { table: port1 }) };
      const worker = new Worker(new URL('./worker.ts', import.meta.url), {
        workerData,
        transferList: withTable ? [port1] : [],
      });
      const next = (): void => worker.postMessage(queue.next().value ?? null);
      worker.on('message', ({ written, rejected }: Done) => {
        total.written += written;
        total.rejected += rejected;
        next();
      });
      next();
      return ended(worker);
    }),
  );
  await table;
  const output = join(folder, 'output.csv');
  const hash = fold(
    `${OUTPUT_COLUMNS.join(',')}\r\n`,
    output,
    ranges.map(({ index }) => join(folder, `${index}.part`)),
  );
  const header = [
    ...INPUT_COLUMNS,
    'reject_reason',
    'reject_code',
    'reject_field',
    'reject_input',
    'reject_line',
    'reject_offset',
  ];
  fold(
    `${[...header, 'reject_text', 'reject_cut'].join(',')}\r\n`,
    join(folder, 'rejects.csv'),
    ranges.map(({ index }) => join(folder, `${index}.rejects`)).filter((path) => existsSync(path)),
  );
  writeFileSync(join(folder, 'account.json'), JSON.stringify({ input: sha256, output: hash, ...total }));
}

/** The parts one behind the other, under their name once they are whole. */
function fold(header: string, to: string, parts: readonly string[]): string {
  const hash = createHash('sha256');
  const file = openSync(`${to}.temp`, 'w');
  const write = (bytes: Uint8Array): void => {
    hash.update(bytes);
    writeSync(file, bytes);
  };
  write(Buffer.from(header));
  for (const part of parts) {
    write(readFileSync(part));
    rmSync(part);
  }
  closeSync(file);
  renameSync(`${to}.temp`, to);
  return hash.digest('hex');
}

function ended(worker: Worker): Promise<void> {
  return new Promise((resolve, reject) => {
    worker.once('error', reject);
    worker.once('exit', (code) => (code === 0 ? resolve() : reject(new Error(`exit code ${code}`))));
  });
}

export async function show({ folder, withTable }: Place): Promise<void> {
  if (!withTable) return;
  const db = new DatabaseSync(join(folder, 'orders.db'));
  let text = '';
  for (const { document } of db.prepare('SELECT document FROM orders ORDER BY key').iterate()) {
    const order = JSON.parse(document as string) as Record<string, unknown>;
    text += `${JSON.stringify(TABLE_COLUMNS.map((name) => String(order[name])))}\n`;
  }
  writeFileSync(join(folder, 'table.jsonl'), text);
}
