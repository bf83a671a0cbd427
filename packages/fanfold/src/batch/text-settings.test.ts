/** Files that are not UTF-8, or quoted otherwise; what is rejected of them can be dropped again. */
import { afterEach, describe, expect, it } from 'vitest';
import { type BatchProject, openBatchProject } from '../testing/batch-project.fixture.ts';
import { batch } from './batch.ts';

let project: BatchProject | undefined;
afterEach(async () => {
  await project?.close();
  project = undefined;
});

const source = (settings: object): string =>
  `source: ${JSON.stringify({ bucket: 'files', prefix: 'in/', suffix: ['.txt'], ...settings })}`;
const REST = `
  schema: { type: 'object', properties: { id: { type: 'integer' }, name: { type: 'string' } }, required: ['id'] },
  skipLimit: { percent: 100 },
  process: ({ id, name }) => {
    if (name === '€ö') throw new Error('日 is not there');
    return { id, name };
  },
  sinks: [{ object: 'out/{stem}.jsonl', format: 'jsonl' }]`;

describe('the text of a file', () => {
  it.each<[string, object, Buffer]>([
    [
      'Windows-1252 in single quotes',
      { encoding: 'windows-1252', delimiter: ';', quote: "'" },
      Buffer.from("id;name\n1;'a;\"''\n2'\nx;\xe9;\n3;\x80\xf6\n4;'x';\ny;\xe9\n", 'latin1'),
    ],
    [
      'Windows-1252 without a header',
      { encoding: 'windows-1252', delimiter: ';', quote: "'", columns: ['id', 'name'] },
      Buffer.from("1;'a;\"''\n2'\nx;\xe9;\n3;\x80\xf6\n4;'x';\ny;\xe9\n", 'latin1'),
    ],
    [
      'UTF-16 without a byte order mark',
      { encoding: 'utf-16le', delimiter: ';', quote: "'" },
      Buffer.from("id;name\n1;'a;\"''\n2'\nx;é;\n3;€ö\n4;'x';\ny;é\n", 'utf16le'),
    ],
  ])('is read as %s, and its rejects once more', async (_, settings, bytes) => {
    project = await openBatchProject(`${source(settings)},${REST}`);
    const first = await project.run('in/a.txt', bytes);
    expect(first.account).toMatchObject({ read: 5, written: 1, rejected: 4, rejects: expect.anything() });
    expect(await project.text('out/a.jsonl')).toBe(`${JSON.stringify({ id: 1, name: `a;"'\n2` })}\n`);

    const { key = '' } = first.account.rejects ?? {};
    const again = await project.run('in/b.txt', await project.bytes(key));
    expect(again.account).toMatchObject({ read: 4, written: 0, rejected: 4 });
    const left = await project.text(again.account.rejects?.key ?? '');
    const columns = (text: string): string[] => text.split('\r\n').map((line) => line.split(';').slice(0, 4).join(';'));
    expect(left).toContain('日 is not there');
    expect(columns(left).slice(2)).toContain('3;€ö;日 is not there;Error');

    const corrected = left.replace('3;€ö;', "3;'€;''ö';").replace('y;é;', '5;é;');
    const third = await project.run('in/c.txt', corrected);
    expect(third.account).toMatchObject({ read: 4, written: 2, rejected: 2 });
    const lines = (await project.text('out/c.jsonl')).split('\n').filter((line) => line !== '');
    expect(lines.map((line) => JSON.parse(line) as unknown)).toEqual([
      { id: 3, name: "€;'ö" },
      { id: 5, name: 'é' },
    ]);
  });

  it.each([
    ['jsonl', '{"id":1,"name":"\xe9"}\n{"id":"x","name":"\xe9"}\n'],
    ['json', '[{"id":1,"name":"\xe9"},{"id":"x","name":"\xe9"}]'],
  ])('is read as Latin-1 in %s, and its rejects once more', async (format, text) => {
    project = await openBatchProject(`${source({ format, encoding: 'latin1' })},${REST}`);
    const { account } = await project.run('in/a.txt', Buffer.from(text, 'latin1'));
    expect(account).toMatchObject({ read: 2, written: 1, rejected: 1 });
    expect(await project.text('out/a.jsonl')).toBe('{"id":1,"name":"é"}\n');
    const rejects = await project.text(account.rejects?.key ?? '');
    const again = await project.run('in/b.txt', rejects.replace('"x"', '2'));
    expect(again.account).toMatchObject({ read: 1, written: 1 });
    expect(await project.text('out/b.jsonl')).toBe('{"id":2,"name":"é"}\n');
  });

  it.each([
    ['csv', (name: string) => `id,name\n1,${name}\n2,"${name}"\n`],
    ['jsonl', (name: string) => `{"id":1,"name":"${name}"}\n{"id":2,"name":"${name}"}\n`],
    ['json', (name: string) => `[{"id":1,"name":"${name}"},{"id":2,"name":"${name}"}]`],
  ])('has records as large as maxRecordBytes lets them be in %s', async (format, text) => {
    const name = 'x'.repeat(1_100_000);
    project = await openBatchProject(`${source({ format, maxRecordBytes: 1_200_000 })},${REST}`);
    const { account } = await project.run('in/a.txt', text(name));
    expect(account).toMatchObject({ read: 2, written: 2 });
    const [line = ''] = (await project.text('out/a.jsonl')).split('\n');
    expect(line).toBe(JSON.stringify({ id: 1, name }));
  });
});

it.each<[object, RegExp]>([
  [{ encoding: 'ebcdic' }, /encoding "ebcdic" is not known/],
  [{ encoding: 'latin1', delimiter: '日' }, /"日" cannot stand in a Latin-1 file/],
  [{ encoding: 'utf-8', format: 'parquet' }, /source\.encoding is of text/],
  [{ quote: ';', delimiter: ';' }, /delimiter ";" does not work/],
  [{ quote: '' }, /source\.quote is ""/],
  [{ quote: null }, /source\.quote is null/],
  [{ quote: "'", format: 'json' }, /source\.quote is of CSV/],
  [{ maxRecordBytes: 0 }, /source\.maxRecordBytes is 0/],
  [{ maxRecordBytes: 1e9 }, /source\.maxRecordBytes is 1000000000/],
])('refuses %j', (settings, message) => {
  const bad = { bucket: 'files', prefix: 'in/', ...settings } as { readonly bucket: string };
  expect(() => batch({ name: 'b', source: bad, sinks: [{ object: 'out/{file}', columns: ['a'] as never }] })).toThrow(
    message,
  );
});
