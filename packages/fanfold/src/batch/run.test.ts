/** Batches from a file to what they publish, on real files and worker threads. */
import { crc32, gunzipSync } from 'node:zlib';
import PostalMime from 'postal-mime';
import { afterEach, describe, expect, it } from 'vitest';
import { stateMachineArn } from '../app/arn.ts';
import type { ChunkAccount } from './account.ts';
import type { RunManifest } from './manifest.ts';
import { BATCHES } from '../testing/batch-folder.fixture.ts';
import { type BatchProject, openBatchProject } from '../testing/batch-project.fixture.ts';

let project: BatchProject;
afterEach(() => project.close());

const SCHEMA = `{
  type: 'object',
  properties: { id: { type: 'string', minLength: 1 }, units: { type: 'integer', minimum: 1 }, note: { type: 'string' } },
  required: ['id', 'units'],
}`;

describe('a run of a batch', () => {
  it('folds the outputs of its chunks in the order of the input, and rejects what is bad with its place', async () => {
    project = await openBatchProject(`
      schema: ${SCHEMA},
      chunk: { records: 3 },
      skipLimit: { records: 4 },
      process(record, { line }) {
        if (record.id === 'throws') throw new RangeError('not this one');
        if (record.units > 90) return;
        if (record.units === 2) return [{ id: record.id, n: 1 }, { id: record.id, n: 2 }];
        return { id: record.id, n: record.units, line };
      },
      sinks: [
        { object: 'out/{stem}.csv', columns: ['id', 'n'] },
        { object: 'out/{stem}.jsonl', format: 'jsonl' },
        { object: 'out/{stem}.json.gz', format: 'json', gzip: true, columns: ['id'] },
      ],
    `);
    const file = [
      'id,units,note',
      'a,1,x',
      'b,2,"two\r\nlines, and ""quotes"""',
      'c,x,bad number',
      'd,4',
      'throws,5,',
      'e,91,filtered',
      ',7,no id',
      'f,8,last',
    ].join('\r\n');
    const { execution, account } = await project.run('in/a.csv', file);
    expect(execution).toMatchObject({ status: 'SUCCEEDED', error: null });
    expect(account).toMatchObject({ read: 8, written: 3, filtered: 1, rejected: 4, emitted: 4, chunks: 3 });
    expect(await project.text('out/a.csv')).toBe('id,n\r\na,1\r\nb,1\r\nb,2\r\nf,8\r\n');
    expect(await project.text('out/a.jsonl')).toBe(
      '{"id":"a","n":1,"line":2}\n{"id":"b","n":1}\n{"id":"b","n":2}\n{"id":"f","n":8,"line":10}\n',
    );
    expect(gunzipSync(await project.bytes('out/a.json.gz')).toString()).toBe(
      '[\n{"id":"a"},\n{"id":"b"},\n{"id":"b"},\n{"id":"f"}\n]\n',
    );
    expect(await project.text(`rejects/orders/${account.run}/a.csv`)).toBe(
      [
        'id,units,note,reject_reason,reject_code,reject_field,reject_input,reject_line,reject_offset,reject_text,reject_cut',
        `c,x,bad number,units: must be integer,Invalid,units,${account.source.sha256.slice(0, 16)},5,${file.indexOf('c,x')},,`,
        `d,4,,"The record has 2 fields, the header 3 fields.",TooFewFields,,${account.source.sha256.slice(0, 16)},6,${file.indexOf('d,4')},"d,4",2`,
        `throws,5,,not this one,RangeError,,${account.source.sha256.slice(0, 16)},7,${file.indexOf('throws')},,`,
        `,7,no id,id: must NOT have fewer than 1 characters,Invalid,id,${account.source.sha256.slice(0, 16)},9,${file.indexOf(',7,')},,`,
        '',
      ].join('\r\n'),
    );
  });

  it('keeps which bytes of an output came of which bytes of the input', async () => {
    project = await openBatchProject(`
      chunk: { records: 2 },
      skipLimit: { records: 1 },
      process: ({ id }) => id === 'c' ? Promise.reject(new Error('no')) : { id },
      sinks: [{ object: 'out/{file}', columns: ['id'] }],
    `);
    const { account } = await project.run('in/a.csv', 'id\na\nb\nc\nd\ne\n');
    const read = async <Found>(name: string): Promise<Found> =>
      JSON.parse(await project.text(`.fanfold/orders/${account.run}/${name}`)) as Found;
    const { chunks } = await read<RunManifest>('manifest.json');
    const accounts = await read<readonly ChunkAccount[]>('accounts.json');
    const text = await project.bytes('out/a.csv');
    let from = 'id\r\n'.length;
    const parts = accounts.map(({ index, rejected, outputs: [output] }) => {
      const part = text.subarray(from, (from += output?.bytes ?? 0));
      expect(crc32(part).toString(16).padStart(8, '0')).toBe(
        Buffer.from(output?.crc32 ?? '', 'base64').toString('hex'),
      );
      return [chunks[index]?.byteOffset, part.toString(), rejected];
    });
    expect(parts).toEqual([
      [3, 'a\r\nb\r\n', 0],
      [7, 'd\r\n', 1],
      [11, 'e\r\n', 0],
    ]);
    expect(from).toBe(text.length);
  });

  it('begins when the marker of the file is there, and takes it away', async () => {
    project = await openBatchProject(`
      source: { bucket: 'files', prefix: 'in/', marker: '.done', archive: 'old/' },
      sinks: [{ object: 'out/{file}', columns: ['id'] }],
    `);
    const { objects, executions, settled } = project.app;
    const runs = async (): Promise<number> =>
      (await executions.list({ stateMachineArn: stateMachineArn('orders') })).executions.length;
    await objects.put({ bucket: 'files', key: 'in/a.csv', body: 'id\n1\n' });
    await settled();
    expect(await runs()).toBe(0);
    await objects.put({ bucket: 'files', key: 'in/a.csv.done', body: '' });
    await settled();
    expect(await runs()).toBe(1);
    const [run] = (await executions.list({ stateMachineArn: stateMachineArn('orders') })).executions;
    await executions.closed(run?.arn ?? '');
    await settled();
    expect([await project.text('out/a.csv'), await project.keys('in/'), await project.keys('old/')]).toEqual([
      'id\r\n1\r\n',
      [],
      ['old/a.csv'],
    ]);
  });

  it('publishes nothing when more records are rejected than may be, but the rejects', async () => {
    project = await openBatchProject(
      `
      schema: ${SCHEMA},
      sinks: [{ object: 'out/{file}', columns: ['id'] }, { table: 'units' }],
    `,
      { settings: { tables: { units: { partitionKey: 'id' } } } },
    );
    const { execution } = await project.run('in/a.csv', 'id,units\na,1\nb,x\n');
    expect(execution).toMatchObject({ status: 'FAILED', error: 'Fanfold.SkipLimitExceeded' });
    expect(execution.cause).toContain('1 of 2 records were rejected, and at most 0 may be.');
    expect(await project.keys('out/')).toEqual([]);
    expect(await project.app.tables.count('units')).toBe(0);
    const [rejects = ''] = await project.keys('rejects/');
    const file = await project.text(rejects);
    expect(file).toContain('\r\nb,x,units: must be integer,');

    const corrected = file.replace('b,x,', 'b,2,');
    const second = await project.run('in/corrected.csv', corrected);
    expect(second.execution.status).toBe('SUCCEEDED');
    expect(second.account).toMatchObject({ read: 1, written: 1, rejected: 0 });
    expect(await project.text('out/corrected.csv')).toBe('id\r\nb\r\n');
    expect(await project.app.tables.get({ table: 'units', key: { id: { S: 'b' } } })).toEqual({
      id: { S: 'b' },
      units: { N: '2' },
    });
  });

  it('puts outputs into tables, the later record of a key last, and looks up in bulk', async () => {
    project = await openBatchProject(
      `
      chunk: { records: 2 },
      lookups: { product: fromTable('products', (record) => record.sku) },
      process({ id, sku }, { lookups: { product } }) {
        if (!product) throw new Error('There is no product ' + sku + '.');
        return { id, price: product.price, tags: ['x', null, { deep: true }] };
      },
      skipLimit: { percent: 20 },
      sinks: [
        { table: 'prices', columns: ['id', 'price', 'tags'] },
        { object: 'out/cheap.jsonl', format: 'jsonl', columns: ['id'], when: ({ price }) => price < 5 },
      ],
    `,
      {
        before: `import { fromTable } from '${BATCHES}';`,
        settings: { tables: { prices: { partitionKey: 'id' }, products: { partitionKey: 'sku' } } },
      },
    );
    for (const [sku, price] of [
      ['p', 1],
      ['q', 20],
    ] as const)
      await project.app.tables.put({ table: 'products', item: { sku: { S: sku }, price: { N: String(price) } } });
    const { account, execution } = await project.run('in/a.csv', 'id,sku\n1,p\n2,q\n3,r\n1,q\n4,p\n');
    expect(execution).toMatchObject({ status: 'SUCCEEDED', error: null });
    expect(account).toMatchObject({
      read: 5,
      written: 4,
      rejected: 1,
      outputs: [{ table: 'prices', emitted: 4 }, { emitted: 2 }],
    });
    expect(await project.app.tables.count('prices')).toBe(3);
    expect(await project.app.tables.get({ table: 'prices', key: { id: { S: '1' } } })).toEqual({
      id: { S: '1' },
      price: { N: '20' },
      tags: { L: [{ S: 'x' }, { NULL: true }, { M: { deep: { BOOL: true } } }] },
    });
    expect(await project.text('out/cheap.jsonl')).toBe('{"id":"1"}\n{"id":"4"}\n');
  });

  it('finds the records that end their worker, and rejects them alone', async () => {
    project = await openBatchProject(`
      chunk: { records: 20 },
      process(record) {
        if (record.id === '7' || record.id === '33') process.exit(3);
        return record;
      },
      skipLimit: { records: 2 },
      sinks: [{ object: 'out/{file}', columns: ['id'] }],
    `);
    const ids = Array.from({ length: 50 }, (_, index) => index);
    const { execution, account } = await project.run('in/a.csv', `id\n${ids.join('\n')}\n`);
    expect(execution).toMatchObject({ status: 'SUCCEEDED', error: null });
    expect(account).toMatchObject({ read: 50, written: 48, rejected: 2 });
    expect(await project.text('out/a.csv')).toBe(`id\r\n${ids.filter((id) => id !== 7 && id !== 33).join('\r\n')}\r\n`);
    const [rejects = ''] = await project.keys('rejects/');
    expect((await project.text(rejects)).split('\r\n')[1]).toBe(
      `7,The record has ended its worker: Runtime exited with error: exit status 3,Crashed,,${account.source.sha256.slice(0, 16)},9,17,,`,
    );
  });

  it('writes CSV as its readers want it', async () => {
    const outputs = [
      { as: 'plain', columns: ['id', 'note'] },
      { as: 'bare', columns: ['id', 'note'], csv: { header: false, newline: '\n' } },
      { as: 'quoted', columns: ['id', 'note'], csv: { quote: 'all' } },
      { as: 'lone', columns: ['note'], csv: { newline: '\n' } },
      { as: 'lone-quoted', columns: ['note'], csv: { quote: 'all', header: false, newline: '\n' } },
    ];
    project = await openBatchProject(`
      chunk: { records: 2 },
      process: ({ id, note }) => ({ id: Number(id), note }),
      sinks: ${JSON.stringify(outputs.map(({ as, ...sink }) => ({ object: `out/${as}.csv`, ...sink })))},
    `);
    await project.run('in/a.csv', 'id,note\n1,"a ""b"""\n2,"ä,"\n3,\n');
    expect(await Promise.all(outputs.map(({ as }) => project.text(`out/${as}.csv`)))).toEqual([
      'id,note\r\n1,"a ""b"""\r\n2,"ä,"\r\n3,\r\n',
      '1,"a ""b"""\n2,"ä,"\n3,\n',
      'id,note\r\n"1","a ""b"""\r\n"2","ä,"\r\n"3",""\r\n',
      'note\n"a ""b"""\n"ä,"\n""\n',
      '"a ""b"""\n"ä,"\n""\n',
    ]);
  });

  it('sends links to what it has published, which end', async () => {
    project = await openBatchProject(`
      notify: { from: 'batch@example.com', success: ['ok@example.com'], linkSeconds: 60 },
      process: ({ id }) => { if (id === 'x') throw new Error('no'); return { id }; },
      skipLimit: { records: 1 },
      sinks: [{ object: 'out/{file}', columns: ['id'] }],
    `);
    await project.run('in/a.csv', 'id\n1\nx\n');
    const { text = '' } = await PostalMime.parse(project.mails()[0] ?? '');
    const [output = '', rejects = ''] = [...text.matchAll(/^link to the .*: (.*)$/gm)].map(([, link]) => link);
    expect(new URL(output).searchParams.get('X-Amz-Expires')).toBe('60');
    expect(new URL(output).pathname).toContain('/files/out/a.csv');
    expect(new URL(rejects).pathname).toContain('/files/rejects/orders/');
  });

  it('tells people of the end, and skips a file that was published before', async () => {
    project = await openBatchProject(`
      source: { bucket: 'files', prefix: 'in/', sameFile: 'skip', archive: 'done/', error: 'failed/' },
      notify: { from: 'batch@example.com', success: ['ok@example.com'], failure: ['bad@example.com'] },
      sinks: [{ object: 'out/{run}/{file}', columns: ['id'] }],
    `);
    const first = await project.run('in/a.csv', 'id\n1\n');
    expect(first.execution.status).toBe('SUCCEEDED');
    const second = await project.run('in/b.csv', 'id\n1\n');
    expect(second.execution.status).toBe('SUCCEEDED');
    expect(second.account).toMatchObject({ sameAs: first.account.run, read: 0, outputs: [] });
    const third = await project.run('in/c.csv', 'id,id\n1,2\n');
    expect(third.execution).toMatchObject({ status: 'FAILED', error: 'Fanfold.BadFile' });
    expect(await project.keys('done/')).toEqual(['done/a.csv', 'done/b.csv']);
    expect(await project.keys('failed/')).toEqual(['failed/c.csv', 'failed/c.csv.error.json']);
    const mails = project.mails();
    expect(mails).toHaveLength(2);
    expect(mails.find((mail) => mail.includes('ok@example.com'))).toMatch(
      /files\/in\/a\.csv is done[^]*1 read = 1 written/,
    );
    expect(mails.find((mail) => mail.includes('bad@example.com'))).toMatch(
      /files\/in\/c\.csv has failed[^]*run: c-\w+\r\nfile: files\/in\/c\.csv\r\nstate: FAILED\r\nerror: Fanfold\.BadFile\r\ncause: \w/,
    );
  });
});
