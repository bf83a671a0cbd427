/** Batches over files that are not plain CSV: from the file to what is published, and the rejects dropped again. */
import { gunzipSync, gzipSync, zstdCompressSync } from 'node:zlib';
import { parquetWriteBuffer } from 'hyparquet-writer';
import { afterEach, describe, expect, it } from 'vitest';
import { type BatchProject, openBatchProject } from '../testing/batch-project.fixture.ts';

let project: BatchProject;
afterEach(() => project.close());

const SCHEMA = `{ type: 'object', properties: { id: { type: 'integer' }, name: { type: 'string' } }, required: ['id'] }`;

function definition(source: string): string {
  return `
    source: { bucket: 'files', prefix: 'in/', ${source} },
    schema: ${SCHEMA},
    chunk: { records: 3 },
    skipLimit: { percent: 50 },
    sinks: [{ object: 'out/{stem}.jsonl', format: 'jsonl' }],
  `;
}

/** The rejects of the run, corrected, and run again: what is published of them. */
async function again(run: string, name: string, correct: (text: string) => string): Promise<string> {
  const rejects = await project.bytes(`rejects/orders/${run}/${name}`);
  const isPacked = rejects[0] === 0x1f;
  const corrected = correct((isPacked ? gunzipSync(rejects) : rejects).toString());
  const { execution, account } = await project.run(`in/again-${name}`, isPacked ? gzipSync(corrected) : corrected);
  expect(execution).toMatchObject({ status: 'SUCCEEDED', error: null });
  expect(account.rejected).toBe(0);
  const [published] = account.outputs;
  return published?.kind === 'object' ? project.text(published.key) : '';
}

describe('a batch over JSON Lines', () => {
  it('takes values as they are, and gives rejects that can be corrected in place', async () => {
    project = await openBatchProject(definition(`format: 'jsonl'`));
    const lines = [
      '{"id":1,"name":"a"}',
      '{"id":"2", "big": 12345678901234567890 }',
      '',
      'no json',
      '[3]',
      '{"id":4}',
      '{"id":5,"name":null}',
      '{"id":6}',
      '{"id":7,"name":"é"}',
    ];
    const { account, execution } = await project.run('in/a.jsonl', lines.join('\n'));
    expect(execution).toMatchObject({ status: 'SUCCEEDED', error: null });
    expect(account).toMatchObject({ read: 8, written: 4, rejected: 4, chunks: 3 });
    expect(await project.text('out/a.jsonl')).toBe('{"id":1,"name":"a"}\n{"id":4}\n{"id":6}\n{"id":7,"name":"é"}\n');
    const rejects = (await project.text(`rejects/orders/${account.run}/a.jsonl`)).split('\n');
    const run = `"reject_input":"${account.source.sha256.slice(0, 16)}"`;
    expect(rejects).toEqual([
      `{"id":"2", "big": 12345678901234567890,"reject_reason":"The number 12345678901234567890 would be rounded; write it as a text; id: must be integer","reject_code":"Invalid","reject_field":"id",${run},"reject_line":2,"reject_offset":20}`,
      expect.stringMatching(
        /^\{"reject_reason":"[^"]+.*"reject_code":"InvalidJson".*"reject_line":4,.*"reject_text":"no json"\}$/,
      ),
      expect.stringMatching(/^\{"reject_reason":"The record is a list, not an object\.".*"reject_text":"\[3\]"\}$/),
      expect.stringMatching(/^\{"id":5,"name":null,"reject_reason":"name: must be string"/),
      '',
    ]);
    const published = await again(account.run, 'a.jsonl', (text) =>
      text
        .replace('{"id":"2", "big": 12345678901234567890', '{"id":2, "big": "12345678901234567890"')
        .replace('"name":null', '"name":"e"')
        .split('\n')
        .filter((line) => line.startsWith('{"id"'))
        .join('\n'),
    );
    expect(published).toBe('{"id":2,"big":"12345678901234567890"}\n{"id":5,"name":"e"}\n');
  });

  it('reads each chunk in the encoding that the byte order mark says', async () => {
    project = await openBatchProject(definition(`format: 'jsonl'`));
    const text = Array.from({ length: 8 }, (_, id) => `{"id":${id},"name":"żółć"}\n`).join('');
    const { account } = await project.run('in/a.jsonl', Buffer.from(`\ufeff${text}`, 'utf16le'));
    expect(account).toMatchObject({ read: 8, written: 8, chunks: 3 });
    expect(await project.text('out/a.jsonl')).toBe(text);
  });
});

describe('a batch over a list in JSON', () => {
  it('cuts the list that the pointer leads to into chunks', async () => {
    project = await openBatchProject(definition(`format: 'json', pointer: '/orders'`));
    const orders = Array.from({ length: 7 }, (_, id) => ({ id: id === 4 ? 'x' : id, name: '],{"' }));
    const file = JSON.stringify({ orders: 0, before: [1], nested: { orders: [] } }, null, 2).replace(
      '"orders": 0',
      `"orders": ${JSON.stringify(orders, null, 1)}`,
    );
    const { account, execution } = await project.run('in/a.json', file);
    expect(execution).toMatchObject({ status: 'SUCCEEDED', error: null });
    expect(account).toMatchObject({ read: 7, written: 6, rejected: 1, chunks: 3 });
    const good = orders.filter(({ id }) => id !== 'x').map((order) => `${JSON.stringify(order)}\n`);
    expect(await project.text('out/a.jsonl')).toBe(good.join(''));
    const rejects = await project.text(`rejects/orders/${account.run}/a.json`);
    expect(JSON.parse(rejects)).toMatchObject([
      { id: 'x', name: '],{"', reject_code: 'Invalid', reject_input: account.source.sha256.slice(0, 16) },
    ]);
  });

  it('takes the rejects of a document without a pointer again', async () => {
    project = await openBatchProject(definition(`format: 'json'`));
    const { account } = await project.run('in/a.json', '[{"id":1}, {"id":true} ,{"id":3}]');
    expect(account).toMatchObject({ read: 3, written: 2, rejected: 1 });
    expect(await again(account.run, 'a.json', (text) => text.replace('true', '2'))).toBe('{"id":2}\n');
  });

  it('fails by name when the document is broken', async () => {
    project = await openBatchProject(definition(`format: 'json'`));
    const { execution } = await project.run('in/a.json', '[{"id":1},{"id":2}');
    expect(execution).toMatchObject({ status: 'FAILED', error: 'Fanfold.BadFile' });
    expect(execution.cause).toContain('it ends before it is complete');
  });
});

describe('a batch over a compressed file', () => {
  const lines = Array.from({ length: 10 }, (_, id) => `${id === 5 ? 'x' : id},n\n`);
  const outputs = lines.flatMap((_, id) => (id === 5 ? [] : [`{"id":${id},"name":"n"}\n`])).join('');

  it.for([
    ['gzip', '.gz', (text: string) => Buffer.concat([gzipSync(text.slice(0, 20)), gzipSync(text.slice(20))])],
    ['zstd', '.zst', (text: string) => zstdCompressSync(text)],
  ] as const)('unpacks %s once, and leaves nothing of it', async ([, suffix, pack]) => {
    project = await openBatchProject(definition(''));
    const { account, execution } = await project.run(`in/a.csv${suffix}`, pack(`id,name\n${lines.join('')}`));
    expect(execution).toMatchObject({ status: 'SUCCEEDED', error: null });
    expect(account).toMatchObject({ read: 10, written: 9, rejected: 1, chunks: 4 });
    expect(await project.text('out/a.jsonl')).toBe(outputs);
    expect((await project.keys('.fanfold/')).filter((key) => !key.endsWith('.json'))).toEqual([]);
  });

  it('packs the rejects as the file was packed', async () => {
    project = await openBatchProject(definition(''));
    const { account } = await project.run('in/a.csv.gz', gzipSync(`id,name\n${lines.join('')}`));
    expect(await again(account.run, 'a.csv.gz', (text) => text.replace('x,n', '5,n'))).toBe('{"id":5,"name":"n"}\n');
  });

  it('fails by name when it is cut off', async () => {
    project = await openBatchProject(definition(''));
    const { execution } = await project.run('in/a.csv.gz', gzipSync(`id,name\n${lines.join('')}`).subarray(0, -9));
    expect(execution).toMatchObject({ status: 'FAILED', error: 'Fanfold.BadFile' });
    expect(execution.cause).toContain('The gzip data are broken');
  });
});

describe('a batch over Parquet', () => {
  it('takes its rows, and gives rejects as JSON Lines that can be dropped again', async () => {
    project = await openBatchProject(definition(`format: 'parquet'`));
    const ids = Array.from({ length: 9 }, (_, id) => id);
    const file = parquetWriteBuffer({
      columnData: [
        { name: 'id', data: ids.map((id) => (id === 4 ? null : id)), type: 'INT32' },
        { name: 'name', data: ids.map((id) => `n${id}`), type: 'STRING' },
      ],
    });
    const { account, execution } = await project.run('in/a.parquet', new Uint8Array(file));
    expect(execution).toMatchObject({ status: 'SUCCEEDED', error: null });
    expect(account).toMatchObject({ read: 9, written: 8, rejected: 1, chunks: 3 });
    expect(await project.text('out/a.jsonl')).toBe(
      ids.flatMap((id) => (id === 4 ? [] : [`{"id":${id},"name":"n${id}"}\n`])).join(''),
    );
    expect(await again(account.run, 'a.parquet.jsonl', (text) => text.replace('"id":null', '"id":4'))).toBe(
      '{"id":4,"name":"n4"}\n',
    );
  });

  it('fails by name when it is none', async () => {
    project = await openBatchProject(definition(`format: 'parquet'`));
    const { execution } = await project.run('in/a.parquet', 'no Parquet at all');
    expect(execution).toMatchObject({ status: 'FAILED', error: 'Fanfold.BadFile' });
    expect(execution.cause).toContain('does not start with PAR1');
  });
});

describe('a batch over CSV without a header', () => {
  it('takes its rejects again, which have one', async () => {
    project = await openBatchProject(definition(`columns: ['id', 'name']`));
    const { account } = await project.run('in/a.csv', '1,a\nx,b\n3,c\n');
    expect(account).toMatchObject({ read: 3, written: 2, rejected: 1 });
    expect(await again(account.run, 'a.csv', (text) => text.replace('x,b', '2,b'))).toBe('{"id":2,"name":"b"}\n');
  });
});

describe('rejects that are dropped again as they are', () => {
  it('are rejects again, with what there was of them, and what was cut is not taken for empty', async () => {
    project = await openBatchProject(`
      source: { bucket: 'files', prefix: 'in/', rules: { empty: { cut: 'null', empty: 'text' } } },
      schema: { type: 'object', properties: { id: { type: 'integer' }, a: { type: ['string', 'null'] }, b: { type: ['string', 'null'] } } },
      skipLimit: { percent: 100 },
      sinks: [{ object: 'out/{stem}.jsonl', format: 'jsonl' }],
    `);
    const lines = ['id,a,b', 'x,', 'y,"",z', 'w', 'v,,', 'u,1,2,3', 't,"a"b,', '7,'];
    const first = await project.run('in/a.csv', lines.join('\n'));
    expect(first.account).toMatchObject({ read: 7, written: 1, rejected: 6 });
    const rejects = await project.text(`rejects/orders/${first.account.run}/a.csv`);
    const cells = (text: string): readonly string[] =>
      text
        .split('\r\n')
        .slice(1, -1)
        .map((line) => `${line.split(',', 3).join(',')}|${/,\d+,((?:"(?:[^"]|"")*")?,\d*)$/.exec(line)?.[1]}`);
    const whole = ['x,,|,2', 'y,"",z|,', 'w,,|,1', 'v,,|,', ',,|"u,1,2,3",0', ',,|"t,""a""b,",0'];
    expect(cells(rejects)).toEqual(whole);
    const second = await project.run('in/b.csv', rejects);
    expect(second.account).toMatchObject({ read: 6, written: 0, rejected: 6 });
    expect(cells(await project.text(`rejects/orders/${second.account.run}/b.csv`))).toEqual(whole);
    const corrected = rejects
      .replace('x,,', '1,,')
      .replace('y,', '2,')
      .replace('w,,', '3,,c')
      .replace('v,', '4,')
      .replace(',,,"The', '5,"",,"The');
    const third = await project.run('in/c.csv', corrected);
    expect(third.account).toMatchObject({ read: 6, written: 5, rejected: 1 });
    expect(await project.text('out/c.jsonl')).toBe(
      '{"id":1,"a":"","b":null}\n{"id":2,"a":"","b":"z"}\n{"id":3,"a":"","b":"c"}\n{"id":4,"a":"","b":""}\n{"id":5,"a":"","b":""}\n',
    );
  });

  it.each(['jsonl', 'json'] as const)('of %s that could not be read are no empty records', async (format) => {
    project = await openBatchProject(`
      source: { bucket: 'files', prefix: 'in/', format: '${format}' },
      skipLimit: { percent: 100 },
      sinks: [{ object: 'out/{stem}.jsonl', format: 'jsonl' }],
    `);
    const text = format === 'json' ? '[[3], {}]' : '[3]\n{"a":\n{}\n';
    const first = await project.run(`in/a.${format}`, text);
    const rejected = format === 'json' ? 1 : 2;
    expect(first.account).toMatchObject({ written: 1, rejected });
    const rejects = await project.text(`rejects/orders/${first.account.run}/a.${format}`);
    const second = await project.run(`in/b.${format}`, rejects);
    expect(second.account).toMatchObject({ read: rejected, written: 0, rejected });
    const texts = (await project.text(`rejects/orders/${second.account.run}/b.${format}`)).match(
      /"reject_text":"[^}]*/g,
    );
    expect(texts).toEqual(
      format === 'json' ? ['"reject_text":"[3]"'] : ['"reject_text":"[3]"', '"reject_text":"{\\"a\\":"'],
    );
  });
});
