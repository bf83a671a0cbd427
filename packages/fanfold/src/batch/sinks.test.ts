/** Where outputs go beside objects: endpoints, tables that are undone, totals, and rejects in tables. */
import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type BatchProject, openBatchProject } from '../testing/batch-project.fixture.ts';
import { valueOfItem } from './item.ts';

let project: BatchProject;
let endpoint: Server;
let url: string;
let taken: { readonly path: string; readonly headers: IncomingHttpHeaders; readonly body: string }[];
/** How many of the next requests get which status. */
let answers: (readonly [status: number, headers?: Record<string, string>, body?: string])[];

beforeEach(async () => {
  taken = [];
  answers = [];
  endpoint = createServer((incoming, outgoing) => {
    void text(incoming).then((body) => {
      const [status, headers = {}, answer = ''] = answers.shift() ?? [204];
      taken.push({ path: `${incoming.method} ${incoming.url}`, headers: incoming.headers, body });
      outgoing.writeHead(status, headers).end(answer);
    });
  });
  endpoint.listen(0, '127.0.0.1');
  await once(endpoint, 'listening');
  url = `http://127.0.0.1:${(endpoint.address() as AddressInfo).port}`;
});
afterEach(async () => {
  await project.close();
  endpoint.closeAllConnections();
  endpoint.close();
});

const bodies = (): unknown[] => taken.map(({ body }) => JSON.parse(body));
const keys = (): unknown[] => taken.map(({ headers }) => headers['idempotency-key']);
const CHUNKS_OF_3 = 'chunk: { records: 3 }, ';
const FILE = 'id,n\na,1\nb,2\nc,3\nd,4\ne,5\n';

describe('an endpoint as a sink', () => {
  it('gets records a few at a time in their order, again with the same key when it did not take them', async () => {
    process.env['FANFOLD_TEST_TOKEN'] = 'Bearer s3cret';
    project = await openBatchProject(`${CHUNKS_OF_3}
      sinks: [
        { url: '${url}/in?x=1', records: 2, columns: ['id'], headers: { authorization: { secret: 'FANFOLD_TEST_TOKEN' }, 'x-own': 'yes' } },
        { object: 'out/{file}', columns: ['id'] },
      ],`);
    answers = [[503], [204], [429, { 'retry-after': '0' }]];
    const { execution, account } = await project.run('in/a.csv', FILE);
    expect(execution).toMatchObject({ status: 'SUCCEEDED', error: null });
    expect(bodies()).toEqual([
      [{ id: 'a' }, { id: 'b' }],
      [{ id: 'a' }, { id: 'b' }],
      [{ id: 'c' }],
      [{ id: 'c' }],
      [{ id: 'd' }, { id: 'e' }],
    ]);
    const key = (part: string): string => `orders/${account.run}/0/${part}`;
    expect(keys()).toEqual([key('0/0'), key('0/0'), key('0/1'), key('0/1'), key('1/0')]);
    expect(taken[0]).toMatchObject({
      path: 'POST /in?x=1',
      headers: { authorization: 'Bearer s3cret', 'x-own': 'yes', 'content-type': 'application/json' },
    });
    expect(account.outputs[0]).toEqual({ kind: 'http', url: `${url}/in?x=1`, emitted: 5 });
    const { executions } = project.app;
    const { events } = await executions.history({ executionArn: execution.arn });
    expect(JSON.stringify(events)).not.toContain('s3cret');
  });

  it('gets the output as a whole', async () => {
    project = await openBatchProject(`${CHUNKS_OF_3}
      sinks: [
        { url: '${url}/csv', deliver: 'output', format: 'csv', method: 'PUT', columns: ['id', 'n'], when: ({ n }) => n !== '2' },
        { url: '${url}/json', deliver: 'output' },
      ],`);
    expect((await project.run('in/a.csv', FILE)).execution.status).toBe('SUCCEEDED');
    expect(taken.map(({ path }) => path)).toEqual(['PUT /csv', 'POST /json']);
    expect(taken[0]?.body).toBe('id,n\r\na,1\r\nc,3\r\nd,4\r\ne,5\r\n');
    expect(JSON.parse(taken[1]?.body ?? '')).toHaveLength(5);
  });

  it.for<[string, (typeof answers)[number], string]>([
    ['what it refuses', [400, {}, 'no such field'], 'no such field'],
    ['a redirect, which is not followed', [302, { location: '/other' }], 'a redirect, which is not followed'],
  ])('fails the run, and publishes nothing, for %s', async ([, answer, cause]) => {
    project = await openBatchProject(`sinks: [{ url: '${url}' }, { object: 'out/{file}', columns: ['id'] }],`);
    answers = [answer];
    const { execution } = await project.run('in/a.csv', FILE);
    expect(execution).toMatchObject({ status: 'FAILED', error: 'Fanfold.SinkRefused' });
    expect(execution.cause).toContain(cause);
    expect(taken).toHaveLength(1);
    expect(await project.keys('out/')).toEqual([]);
  });
});

describe('totals', () => {
  const TOTALS = `
    schema: { type: 'object', properties: { id: { type: 'string' }, sku: { type: 'string' }, price: { type: 'number' }, day: { type: 'string' } }, required: ['id', 'sku'] },
    totals: {
      bySku: {
        by: ['sku'], count: 'orders', sum: { turnover: 'price' }, min: { first: 'day' }, max: { dearest: 'price' },
        sinks: [{ object: 'out/{run}.skus.csv' }, { object: 'out/skus.json', format: 'json', columns: ['sku', 'turnover'] }, { table: 'skus' }, { url: '${'$'}{url}' }],
      },
      all: { sum: { turnover: 'price' }, when: ({ sku }) => sku !== 'x' },
    },
    sinks: [{ object: 'out/{file}', columns: ['id'] }],
  `;
  const RECORDS = [
    '1,tea,0.1,2026-03-01',
    '2,coffee,5,2026-01-01',
    '3,tea,0.2,2026-02-01',
    '4,x,,',
    '5,coffee,7.25,',
    '6,tea,9007199254740991,2026-02-02',
  ];

  it.for([1, 2, 100])('are exact and ordered by their keys, with %d records a chunk', async (records) => {
    project = await openBatchProject(`chunk: { records: ${records} }, ${TOTALS.replaceAll('${url}', url)}`, {
      settings: { tables: { skus: { partitionKey: 'sku' } } },
    });
    const { execution, account } = await project.run('in/a.csv', `id,sku,price,day\n${RECORDS.join('\n')}\n`);
    expect(execution).toMatchObject({ status: 'SUCCEEDED', error: null });
    expect(await project.text(`out/${account.run}.skus.csv`)).toBe(
      'sku,orders,turnover,first,dearest\r\n' +
        'coffee,2,12.25,2026-01-01,7.25\r\n' +
        'tea,3,9007199254740991,2026-02-01,9007199254740991\r\n' +
        'x,1,0,,\r\n',
    );
    expect(JSON.parse(await project.text('out/skus.json'))).toMatchObject([
      { sku: 'coffee', turnover: 12.25 },
      { sku: 'tea' },
      { sku: 'x', turnover: 0 },
    ]);
    const coffee = await project.app.tables.get({ table: 'skus', key: { sku: { S: 'coffee' } } });
    expect(coffee && valueOfItem(coffee)).toEqual({
      sku: 'coffee',
      orders: 2,
      turnover: 12.25,
      first: '2026-01-01',
      dearest: 7.25,
    });
    expect(bodies()).toMatchObject([[{ sku: 'coffee', orders: 2 }, { sku: 'tea' }, { sku: 'x' }]]);
    expect(account.totals).toMatchObject({
      bySku: { records: 3, all: { orders: 6, first: '2026-01-01' } },
      all: { records: 1, all: { count: 5 } },
    });
    expect(account.outputs.filter(({ totals }) => totals === 'bySku')).toHaveLength(4);
    expect((await project.keys('.fanfold/')).filter((key) => !key.endsWith('.json'))).toEqual([]);
  });

  it('reject the records that they cannot add up', async () => {
    project = await openBatchProject(`
      totals: { all: { sum: { n: 'n' } } },
      process: ({ id, n }) => ({ id, n: n === '2' ? 'two' : Number(n) }),
      skipLimit: { records: 1 },
      sinks: [{ object: 'out/{file}', columns: ['id'] }],`);
    const { account } = await project.run('in/a.csv', FILE);
    expect(account).toMatchObject({ read: 5, written: 4, rejected: 1, totals: { all: { all: { count: 4, n: 13 } } } });
    const [rejects = ''] = await project.keys('rejects/');
    expect(await project.text(rejects)).toContain(
      'The output\'\'s n is ""two"", which cannot be added up.'.replace("''", "'"),
    );
    expect(await project.text('out/a.csv')).not.toContain('b');
  });
});

it('a when that gives a promise rejects the record, of sinks and of totals', async () => {
  project = await openBatchProject(`
    skipLimit: { percent: 100 },
    sinks: [{ object: 'out/{file}', columns: ['id'], when: ({ id }) => (id === '1' ? Promise.resolve(false) : id !== '2') }],
    totals: { all: { count: 'n', when: ({ id }) => (id === '3' ? Promise.resolve(false) : true) } },`);
  const { account } = await project.run('in/a.csv', 'id\n1\n2\n3\n4\n');
  expect(account).toMatchObject({ read: 4, written: 2, rejected: 2, totals: { all: { all: { n: 2 } } } });
  expect(await project.text('out/a.csv')).toBe('id\r\n4\r\n');
});

it('rejects the records whose outputs or totals no table can hold, and goes on', async () => {
  project = await openBatchProject(
    `chunk: { records: 4 }, skipLimit: { percent: 100 },
     process({ id, kind }, { line }) {
       const deep = (levels) => levels === 0 ? line : [deep(levels - 1)];
       const made = { deep: deep(40), digits: 10n ** 40n + 1n, large: 'x'.repeat(410_000), map: new Map([[1, 2]]) };
       return { id, group: kind, more: Object.hasOwn(made, kind) ? made[kind] : null };
     },
     totals: { groups: { by: ['group'], sinks: [{ table: 'groups' }] } },
     sinks: [{ table: 'orders' }, { object: 'out/{file}', columns: ['id', 'group'] }],`,
    { settings: { tables: { orders: { partitionKey: 'id' }, groups: { partitionKey: 'group' } } } },
  );
  const { execution, account } = await project.run(
    'in/a.csv',
    `id,kind\n1,fine\n2,deep\n3,digits\n4,large\n5,\n,fine\n${'k'.repeat(2049)},fine\n7,${'g'.repeat(2049)}\n8,map\n9,fine\n`,
  );
  expect(execution).toMatchObject({ status: 'SUCCEEDED', error: null });
  expect(account).toMatchObject({ read: 10, written: 2, rejected: 8 });
  expect(await project.text('out/a.csv')).toBe('id,group\r\n1,fine\r\n9,fine\r\n');
  const [rejects = ''] = await project.keys('rejects/');
  const lines = (await project.text(rejects)).split('\r\n').slice(1, -1);
  expect(lines.map((line) => /,(The [^"]+?),NotWritable/.exec(line.replaceAll('"', ''))?.[1])).toEqual([
    "The output's more is nested deeper than the 32 levels of a table.",
    `The output's more is 1${'0'.repeat(39)}1, which no table can hold.`,
    expect.stringMatching(/^The item for the table orders has 41\d+ bytes, and 409600 are allowed\.$/),
    'The output has no group of type S, which is a key of the table groups.',
    'The output has no id of type S, which is a key of the table orders.',
    "The output's id is longer than 2048 bytes, which no key of the table orders may be.",
    "The output's group is longer than 2048 bytes, which no key of the table groups may be.",
    "The output's more is a Map, which no table can hold.",
  ]);
});

describe('a chunk that a table does not take whole', () => {
  /** More than are put at once, so that some are in the table before the last one of the second chunk is refused. */
  const MANY = 10_050;
  const file = `id\n${Array.from({ length: 2 * MANY - 1 }, (_, id) => `${id}\n`).join('')}y\n`;
  const definition = (policy: string): string => `
    chunk: { records: ${MANY} },
    onChunkFailure: '${policy}',
    process: ({ id }) => ({ id, n: 1 }),
    sinks: [{ table: 'orders' }, { object: 'out/{file}', columns: ['id'] }],`;

  /** From now on its file does not take the item with this key. */
  function breakTable({ folder }: BatchProject, key: string): void {
    const file = new DatabaseSync(join(folder, '.fanfold/tables.db'));
    file.exec(`CREATE TRIGGER broken BEFORE INSERT ON items WHEN NEW.partition_key = '${key}'
      BEGIN SELECT RAISE(ABORT, 'the disk is worn out'); END`);
    file.close();
  }

  it.for<[string, object]>([
    ['keep', { n: 1 }],
    ['remove', { n: 0 }],
    ['mark', { n: 1, failed_run: expect.any(String), failed_cause: expect.stringContaining('worn out') }],
  ])('has its items there by the policy %s, and other chunks keep theirs', async ([policy, own]) => {
    project = await openBatchProject(definition(policy), {
      settings: { tables: { orders: { partitionKey: 'id' } } },
    });
    for (const id of ['3', String(MANY + 10), 'z'])
      await project.app.tables.put({ table: 'orders', item: { id: { S: id }, n: { N: '0' } } });
    breakTable(project, 'y');
    const { execution } = await project.run('in/a.csv', file);
    expect(execution.status).toBe('FAILED');
    expect(execution.cause).toContain('worn out');
    const item = async (id: string): Promise<unknown> => {
      const found = await project.app.tables.get({ table: 'orders', key: { id: { S: id } } });
      return found && valueOfItem(found);
    };
    expect(await item('3')).toMatchObject({ id: '3', n: 1 });
    expect(await item('z')).toEqual({ id: 'z', n: 0 });
    expect(await item(String(MANY + 10))).toMatchObject(own);
    const left = policy === 'remove' ? undefined : expect.objectContaining({ id: String(MANY + 11) });
    expect(await item(String(MANY + 11))).toEqual(left);
    expect(await project.keys('out/')).toEqual([]);
  });
});

it('of items with the same key in a table the one of the last record stays, however many chunks there are', async () => {
  project = await openBatchProject(
    `chunk: { records: 3 }, concurrency: 8, sinks: [{ table: 'orders', columns: ['id', 'line'] }],
     process: ({ id }, { line }) => ({ id, line }),`,
    { settings: { tables: { orders: { partitionKey: 'id' } } } },
  );
  const ids = Array.from({ length: 40 }, (_, n) => `id-${(n * 7) % 11}`);
  const { account } = await project.run('in/a.csv', `id\n${ids.join('\n')}\n`);
  expect(account).toMatchObject({ read: 40, written: 40, chunks: 14, outputs: [{ kind: 'table', emitted: 40 }] });
  const { items } = await project.app.tables.scan({ table: 'orders' });
  const last = new Map(ids.map((id, index) => [id, String(index + 2)]));
  expect(new Map(items.map(({ id, line }) => [id && 'S' in id && id.S, line && 'N' in line && line.N]))).toEqual(last);
});

describe('rejects in a table', () => {
  it('are there once each, whatever their own keys are', async () => {
    project = await openBatchProject(
      `schema: { type: 'object', properties: { uuid: { type: 'string', minLength: 3 }, n: { type: 'integer' } }, required: ['uuid', 'n'] },
       chunk: { records: 2 }, rejects: { table: 'errors' }, sinks: [{ object: 'out/{file}', columns: ['uuid'] }],`,
      { settings: { tables: { errors: { partitionKey: 'run', sortKey: { name: 'offset', type: 'N' } } } } },
    );
    const file = 'uuid,n\nabc,x\nabc,y\n,1\ndef,1\nonly one field\n';
    const { execution } = await project.run('in/a.csv', file);
    expect(execution).toMatchObject({ status: 'FAILED', error: 'Fanfold.SkipLimitExceeded' });
    const { items } = await project.app.tables.scan({ table: 'errors' });
    expect(items.map(valueOfItem)).toEqual([
      expect.objectContaining({
        run: execution.name,
        line: 2,
        offset: 7,
        code: 'Invalid',
        field: 'n',
        reason: 'n: must be integer',
        record: { uuid: 'abc', n: 'x' },
        file: 'files/in/a.csv',
      }),
      expect.objectContaining({ line: 3, record: { uuid: 'abc', n: 'y' } }),
      expect.objectContaining({ line: 4, field: 'uuid', record: { uuid: '', n: '1' } }),
      expect.objectContaining({ line: 6, code: 'TooFewFields', text: 'only one field' }),
    ]);
  });

  it('need a table whose key fits', async () => {
    await expect(
      openBatchProject(`rejects: { table: 'errors' }, sinks: [{ object: 'out/{file}', columns: ['id'] }],`, {
        settings: { tables: { errors: { partitionKey: 'uuid' } } },
      }),
    ).rejects.toThrow('its key must be "id", or "run" and behind it "offset" of type N.');
    project = await openBatchProject(`sinks: [{ object: 'out/{file}', columns: ['id'] }],`);
  });
});
