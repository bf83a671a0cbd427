/** The workers by themselves, where the original breaks: who is the last, who dies when, and what a wrong record does. */
import { spawn } from 'node:child_process';
import { execPath } from 'node:process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { loadProject } from 'fanfold';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type OpenExample, openExample } from '../../testing/open-example.ts';
import { generateOrders } from '../generate.ts';
import { HEADER } from '../orders/columns.ts';
import { confirm } from '../orders/confirm.ts';
import { orderTable } from '../orders/order-table.ts';
import type { JobEnvironment } from '../orders/environment.ts';
import { processPiece } from '../orders/process-piece.ts';
import { type Progress, progressOf } from '../orders/progress.ts';
import { publish } from '../orders/publish.ts';
import { splitInput } from '../orders/split.ts';

const PROJECT = join(import.meta.dirname, '..');
const BUCKET = 'input-bucket';
const KEY = 'by-hand.csv';
const RUN = 'run-1';

/** What the SDK takes from the environment. */
const AWS = ['AWS_ENDPOINT_URL', 'AWS_REGION', 'AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY'];

let example: OpenExample;
let environment: Record<string, string>;
let client: DynamoDBClient;
let progress: Progress;

async function open(throughput?: object): Promise<void> {
  const { definition, ...rest } = await loadProject(PROJECT);
  const { Order, ...tables } = definition.tables ?? {};
  const limited = { ...Order, partitionKey: 'OrderId', ...(throughput && { throughput }) };
  example = await openExample({ ...rest, definition: { ...definition, tables: { ...tables, Order: limited } } });
  environment = {
    AWS_ENDPOINT_URL: example.app.url,
    AWS_REGION: 'us-east-1',
    AWS_ACCESS_KEY_ID: 'owner',
    AWS_SECRET_ACCESS_KEY: 'owner',
    EFS_DIRECTORY: join(example.directory, 'volume'),
    S3_BUCKET_NAME: BUCKET,
    S3_KEY: KEY,
    STATUS_KEY: RUN,
    MAX_LINES_PER_BATCH: '20',
  };
  for (const name of AWS) vi.stubEnv(name, environment[name]);
  const credentials = { accessKeyId: 'owner', secretAccessKey: 'owner' };
  client = new DynamoDBClient({ endpoint: example.app.url, region: 'us-east-1', credentials });
  progress = progressOf(RUN, client);
}
beforeEach(() => open());
afterEach(async () => {
  client.destroy();
  vi.unstubAllEnvs();
  await example.close();
});

const csv = (records: number): string => [...generateOrders(records, 1)].join('');

/** Runs one of the programs as a job does. @returns its exit code */
async function job(program: string, more: Record<string, string> = {}): Promise<number> {
  const child = spawn(execPath, [join(PROJECT, 'programs', program)], {
    env: { ...environment, ...more },
    stdio: 'ignore',
  });
  const [code] = (await once(child, 'close')) as [number];
  return code;
}

const ofJob = (): JobEnvironment => ({
  bucket: BUCKET,
  key: KEY,
  runId: RUN,
  volume: environment['EFS_DIRECTORY'] ?? '',
});
const processed = (piece: string): Promise<void> => processPiece(ofJob(), piece, orderTable(client));

/** What the splitter does, in this process. */
async function split(body: string): Promise<string[]> {
  await example.app.objects.put({ bucket: BUCKET, key: KEY, body });
  const { chunks } = await splitInput(ofJob(), 20);
  await progress.begin(chunks.map(({ key }) => key));
  return progress.members();
}

const output = (): Promise<boolean> => example.app.objects.head({ bucket: BUCKET, key: `${KEY}_Output` }).then(Boolean);
const volume = (...path: string[]): string => join(environment['EFS_DIRECTORY'] ?? '', RUN, ...path);

describe('the workers', () => {
  it('put outputs together once all are there: one that dies before its own is, holds the others back', async () => {
    const [first = '', second = ''] = await split(csv(40));
    // It dies while it writes: nothing of it is to be seen, and it is still in the set.
    mkdirSync(volume('Output'), { recursive: true });
    writeFileSync(volume('Output', `.${first}.tmp`), '123456789,half');
    expect(await job('process-file.ts', { INPUT_FILE: second })).toBe(0);
    expect(await output()).toBe(false);
    expect(await progress.members()).toEqual([first]);
    expect(await job('process-file.ts', { INPUT_FILE: first })).toBe(0);
    const lines = (await example.text(BUCKET, `${KEY}_Output`)).trim().split('\n');
    const ids = csv(40)
      .split('\n')
      .slice(1)
      .map((line) => line.split(',')[6]);
    expect(lines.map((line) => line.split(',')[0])).toEqual(ids);
  });

  it('put outputs together also when the last one dies between leaving the set and doing so', async () => {
    const [first = '', second = ''] = await split(csv(40));
    await processed(first);
    expect(await progress.done(first)).toBe(false);
    await processed(second);
    expect(await progress.done(second)).toBe(true);
    expect(await progress.members()).toEqual([]);
    expect(await output()).toBe(false);
    // What runs a job again after its death.
    expect(await job('process-file.ts', { INPUT_FILE: second })).toBe(0);
    expect((await example.text(BUCKET, `${KEY}_Output`)).trim().split('\n')).toHaveLength(40);
    expect(await example.items('Order')).toHaveLength(40);
  });

  it('are told by the set which of them is the last: never both of two, always one', async () => {
    for (let run = 0; run < 100; run++) {
      const together = progressOf(`run-${run}`, client);
      await together.begin(['a', 'b']);
      const last = await Promise.all([together.done('a'), together.done('b')]);
      expect(last.filter(Boolean)).toHaveLength(1);
    }
  });

  it('fail for a piece that was altered, or that the split does not name', async () => {
    const [first = ''] = await split(csv(20));
    writeFileSync(volume('stray.csv'), readFileSync(volume(first)));
    await expect(processed('stray.csv')).rejects.toThrow('stray.csv is not a piece');
    writeFileSync(volume(first), `${readFileSync(volume(first), 'utf8')}\n`);
    await expect(processed(first)).rejects.toThrow('was altered since it was split');
    expect(await example.items('Order')).toEqual([]);
    expect(existsSync(volume('Output', first))).toBe(false);
  });

  it('reject wrong records with line and reason where errors are tolerated, and write the others', async () => {
    const rows = csv(40).split('\n');
    const wrong = rows.with(7, (rows[7] ?? '').split(',').with(8, 'many').join(',')).join('\n');
    const pieces = await split(wrong);
    await expect(processed(pieces[0] ?? '')).rejects.toThrow("Line 8: Units Sold is 'many', which is not a number");
    vi.stubEnv('ERROR_TOLERATED', 'true');
    for (const piece of pieces) await processed(piece);
    expect(await publish(ofJob())).toMatchObject({ read: 40, written: 39, rejected: 1 });
    expect((await example.text(BUCKET, `${KEY}_Output`)).trim().split('\n')).toHaveLength(39);
    expect(await example.text(BUCKET, `${KEY}_Rejects`)).toMatch(/^8,"?Units Sold is 'many', which is not a number/);
  });
});

describe('the merge', () => {
  it('fails when a piece or a record is missing, by the name or by the difference, and publishes nothing', async () => {
    const [first = '', second = ''] = await split(csv(40));
    await processed(first);
    await expect(publish(ofJob())).rejects.toThrow(`The output of ${second} is missing`);
    await processed(second);
    const lines = readFileSync(volume('Output', first), 'utf8').split('\n');
    writeFileSync(volume('Output', first), lines.toSpliced(7, 1).join('\n'));
    await expect(publish(ofJob())).rejects.toThrow('Of 40 records 39 were written and 0 rejected.');
    expect(await output()).toBe(false);
  });
});

describe('a table that throttles', () => {
  it('gets all items all the same', async () => {
    await example.close();
    client.destroy();
    await open({ writesPerSecond: 80, burstSeconds: 1 });
    const path = join(example.directory, 'piece.csv');
    writeFileSync(path, csv(100).split('\n').slice(1).join('\n'));
    try {
      const start = { line: 2, byteOffset: 0 };
      const table = orderTable(client);
      const { lines } = await confirm({ runId: RUN, path, header: HEADER, start, table, tolerant: false });
      expect(lines).toHaveLength(100);
      expect(await example.items('Order')).toHaveLength(100);
    } finally {
      rmSync(path);
    }
  });
});
