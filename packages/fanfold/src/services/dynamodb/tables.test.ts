import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { getPriority, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Item, TableDescription } from '../../ports/tables.ts';
import { tableApiSuite } from '../../testing/table-api.suite.ts';
import { tablesSuite } from '../../testing/tables.suite.ts';
import { type LocalTables, openLocalTables } from './tables.ts';
import { newDetails } from './table-details.ts';
import { openTablesThread } from './tables-thread.ts';

const PLAIN: TableDescription = { table: 'plain', partitionKey: { name: 'k', type: 'S' } };

tablesSuite('a local directory', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'fanfold-tables-'));
  const tables = await openLocalTables({ directory, tables: [] });
  return {
    tables,
    close: async () => {
      await tables.close();
      rmSync(directory, { recursive: true });
    },
  };
});

tableApiSuite('a local directory', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'fanfold-tables-'));
  const tables = await openLocalTables({ directory, tables: [] });
  return {
    api: tables.api,
    close: async () => {
      await tables.close();
      rmSync(directory, { recursive: true });
    },
  };
});

describe('a local directory of tables', () => {
  let directory: string;
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'fanfold-tables-'));
  });
  afterEach(() => rmSync(directory, { recursive: true }));

  const open = () => openLocalTables({ directory, tables: [PLAIN] });
  const item = (k: number): Item => ({ k: { S: `${k}` } });

  it('keeps tables and items, those of this turn included, when it is closed', async () => {
    const tables = await open();
    await tables.create({ table: 'made-later', partitionKey: { name: 'n', type: 'N' } });
    const puts = Array.from({ length: 100 }, (_, k) => tables.put({ table: 'plain', item: item(k) }));
    await tables.sync();
    const last = tables.put({ table: 'plain', item: item(100) });
    await Promise.all([tables.close(), last, ...puts]);
    const again = await open();
    expect(await again.count('plain')).toBe(101);
    expect(await again.describe('made-later')).toMatchObject({ partitionKey: { name: 'n', type: 'N' } });
    await again.close();
  });

  it('keeps what is known of tables that were made at run time, and forgets those that were deleted', async () => {
    const create = (tables: LocalTables, TableName: string) =>
      tables.api.call('CreateTable', {
        TableName,
        KeySchema: [{ AttributeName: 'k', KeyType: 'HASH' }],
        AttributeDefinitions: [{ AttributeName: 'k', AttributeType: 'S' }],
        ProvisionedThroughput: { ReadCapacityUnits: 1, WriteCapacityUnits: 2 },
      });
    const tables = await open();
    await create(tables, 'stays');
    await create(tables, 'goes');
    await tables.putMany({ table: 'goes', items: Array.from({ length: 2500 }, (_, k) => item(k)) });
    const before = await tables.api.call('DescribeTable', { TableName: 'stays' });
    const late = tables.put({ table: 'goes', item: item(1) });
    await Promise.all([late, tables.api.call('DeleteTable', { TableName: 'goes' })]);
    await expect(tables.put({ table: 'goes', item: item(1) })).rejects.toMatchObject({
      code: 'ResourceNotFoundException',
    });
    await tables.close();
    const again = await open();
    expect(await again.api.call('DescribeTable', { TableName: 'stays' })).toEqual(before);
    expect(await again.api.call('ListTables', {})).toEqual({ TableNames: ['plain', 'stays'] });
    await create(again, 'goes');
    expect(await again.count('goes')).toBe(0);
    await again.close();
  });

  it('writes batches that come as bytes, at once where nothing limits their table and within its throughput else', async () => {
    const limited = { table: 'limited', partitionKey: PLAIN.partitionKey, throughput: { reads: 0, writes: 2 } };
    const tables = await openLocalTables({ directory, tables: [PLAIN, limited], now: () => 0 });
    const write = async (table: string, count: number): Promise<unknown> => {
      const list = Array.from({ length: count }, (_, k) => ({ PutRequest: { Item: item(k) } }));
      const request = { RequestItems: { [table]: list }, ReturnConsumedCapacity: 'TOTAL' };
      // A part of more, as it may be when it comes from a socket.
      const bytes = Buffer.from(`  ${JSON.stringify(request)}  `).subarray(2, -2);
      return JSON.parse((await tables.api.unread?.['BatchWriteItem']?.(bytes)) ?? 'null');
    };
    expect(await write('arn:aws:dynamodb:us-east-1:000000000000:table/plain', 25)).toEqual({
      UnprocessedItems: {},
      ConsumedCapacity: [{ TableName: 'plain', CapacityUnits: 25 }],
    });
    expect(await write('limited', 3)).toEqual({
      UnprocessedItems: { limited: [{ PutRequest: { Item: item(2) } }] },
      ConsumedCapacity: [{ TableName: 'limited', CapacityUnits: 2 }],
    });
    await expect(write('limited', 1)).rejects.toMatchObject({ code: 'ProvisionedThroughputExceededException' });
    expect([await tables.count('plain'), await tables.count('limited')]).toEqual([25, 2]);
    for (const bytes of ['{', '[]', '\xff'])
      await expect(tables.api.unread?.['BatchWriteItem']?.(Buffer.from(bytes, 'latin1'))).rejects.toMatchObject({
        code: 'SerializationException',
      });
    await tables.close();
  });

  // A process that comes last anyway has no room below.
  it.runIf(process.platform === 'linux' && getPriority() < 15)(
    'has a thread that lets the main one go first',
    async () => {
      const priorities = (): readonly number[] =>
        readdirSync('/proc/self/task').flatMap((id) => {
          try {
            return [getPriority(Number(id))];
          } catch {
            // A thread that has ended meanwhile.
            return [];
          }
        });
      const own = getPriority();
      const tables = await open();
      expect(priorities()).toContain(own + 5);
      expect(getPriority()).toBe(own);
      await tables.close();
      expect(priorities()).not.toContain(own + 5);
    },
  );

  it('says so after it was closed, and can be closed twice', async () => {
    const tables = await open();
    await tables.close();
    await expect(tables.count('plain')).rejects.toThrow('are closed');
    await tables.close();
  });

  it('refuses to open with other keys than are there', async () => {
    await (await open()).close();
    const other: TableDescription = { table: 'plain', partitionKey: { name: 'other', type: 'S' } };
    await expect(openLocalTables({ directory, tables: [other] })).rejects.toMatchObject({
      code: 'ResourceInUseException',
    });
  });

  it('says so when the database cannot be opened', async () => {
    writeFileSync(
      join(directory, 'tables.db'),
      'this is no database, but it is long enough to look like a file of one',
    );
    await expect(open()).rejects.toThrow(/^Cannot open the tables in .*not a database/);
  });

  it('rejects what is under way and what comes later when its thread dies', async () => {
    const thread = await openTablesThread({ directory, durability: 'normal' });
    await thread.request('create', { description: PLAIN, details: newDetails(0) });
    // Tables checks everything before it sends it; the thread takes what it gets on trust, and dies of this.
    const deadly = thread.request('writeMany', { table: 'plain' } as never);
    const beside = thread.request('count', { table: 'plain' });
    await expect(deadly).rejects.toThrow(`The thread of ${directory}/tables.db has ended`);
    await expect(beside).rejects.toThrow('What it had not answered may or may not be done; restart');
    await expect(thread.request('count', { table: 'plain' })).rejects.toThrow('has ended');
    await thread.close();
  });

  it('answers each request of a batch for itself when one is refused', async () => {
    const thread = await openTablesThread({ directory, durability: 'normal' });
    await thread.request('create', { description: PLAIN, details: newDetails(0) });
    const item = (n: number) => ({ partition: `${n}`, sort: '', item: `{"k":{"S":"${n}"}}`, size: 2 });
    const first = thread.request('put', { table: 'plain', item: item(1), ifAbsent: false });
    const nowhere = thread.request('put', { table: 'none', item: item(2), ifAbsent: false });
    const behind = thread.request('put', { table: 'plain', item: item(3), ifAbsent: true });
    await expect(nowhere).rejects.toThrow('tables.db refused: There is no table none.');
    expect(await Promise.all([first, behind])).toEqual([true, true]);
    expect(await thread.request('count', { table: 'plain' })).toEqual({ count: 2, size: 4 });
    await thread.close();
  });

  it('has what it acknowledged when the process is killed', async () => {
    const file = join(directory, 'acknowledged');
    const child = spawn(process.execPath, [CHILD, directory, file], { stdio: ['ignore', 'ignore', 'inherit'] });
    const exit = once(child, 'exit');
    const lines = (): string[] => (existsSync(file) ? readFileSync(file, 'utf8').split('\n').slice(0, -1) : []);
    try {
      await vi.waitUntil(() => lines().length >= 500 || child.exitCode !== null, { timeout: 60_000, interval: 20 });
    } finally {
      child.kill('SIGKILL');
    }
    expect(await exit).toEqual([null, 'SIGKILL']);
    const acknowledged = lines();
    const tables = await open();
    for (const line of acknowledged) {
      const [kind, n] = line.split(' ');
      if (kind === 'one') expect(await tables.get({ table: 'plain', key: { k: { S: `one ${n}` } } })).toBeDefined();
    }
    // Many are put whole or not at all.
    const { items } = await tables.scan({ table: 'plain' });
    const counts = new Map<string, number>();
    for (const { k } of items) {
      const [kind, n] = (k as { S: string }).S.split(' ');
      if (kind === 'many') counts.set(n as string, (counts.get(n as string) ?? 0) + 1);
    }
    expect([...counts.values()].every((count) => count === 50)).toBe(true);
    const many = acknowledged.filter((line) => line.startsWith('many')).map((line) => line.split(' ')[1] as string);
    expect(many.length).toBeGreaterThan(0);
    for (const n of many) expect(counts.get(n)).toBe(50);
    await tables.close();
  });
});

const CHILD = fileURLToPath(new URL('../../testing/tables.kill.ts', import.meta.url));
