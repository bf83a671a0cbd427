import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { gzipSync } from 'node:zlib';
import type { Batch } from '../batch/batch.ts';
import { preview } from '../batch/preview.ts';
import type { ByteSource } from '../records/index.ts';
import { BATCHES } from '../testing/batch-folder.fixture.ts';
import type { App } from './create-app.ts';
import { scaffoldProject } from './scaffold-project.ts';

const CLI = fileURLToPath(new URL('../../bin/fanfold.js', import.meta.url));

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'fanfold-init-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

/** The sample alone is read. */
const NOWHERE = {} as Pick<App, 'objects' | 'tables'>;

function sourceOf(path: string): ByteSource {
  const bytes = readFileSync(path);
  return {
    size: bytes.length,
    read: async function* (start, end) {
      yield bytes.subarray(start, end);
    },
  };
}

const fanfold = (...args: string[]): string =>
  execFileSync(process.execPath, [CLI, '-C', join(folder, 'new'), ...args], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
  });

it('makes a project that runs as it is, from a sample with names that need quotes', async () => {
  const from = join(folder, "it's.csv");
  writeFileSync(from, `Order ID;"it's ""quoted""";zip;day;empty\n1;2.5;01234;2026-01-31;\n2;3;98765;2026-02-01;x\n`);
  await scaffoldProject({ folder: join(folder, 'new'), from, name: 'orders', version: '0.1.0' });
  const text = readFileSync(join(folder, 'new', 'orders.batch.ts'), 'utf8');
  expect(text).toContain(`'Order ID': { type: 'integer' },`);
  expect(text).toContain(`'it\\'s "quoted"': { type: 'number' },`);
  expect(text).toContain(`zip: { type: 'string', minLength: 1 },`);
  expect(text).toContain(`day: { type: 'string', format: 'date' },`);
  expect(text).toContain(`empty: { type: 'string' },`);
  const ran = JSON.parse(fanfold('run', 'orders', join(folder, 'new', 'sample.csv'), '--json')) as { output: object };
  expect(ran.output).toMatchObject({ read: 2, written: 2, filtered: 0, rejected: 0 });
});

it.each<[string, string | Buffer, readonly string[]]>([
  [
    'a delimiter inside of quoted names',
    `"a,b,c";"x"\n"1,2";"2"\n`,
    [`delimiter: ';'`, `'a,b,c': { type: 'string', min`],
  ],
  ['a blank first line', '\n\na|b\n1|2\n', [`delimiter: '|'`]],
  [
    'more digits than a number keeps',
    'id,x\n12345678901234567890,0.1234567890123456\n',
    [`id: { type: 'string', min`, `x: { type: 'string', min`],
  ],
  [
    'days that there are not',
    'd,e\n2024-02-30,2024-02-29\n',
    [`d: { type: 'string', min`, `e: { type: 'string', format: 'date' }`],
  ],
  ['a byte order mark', '\ufeffid;name\n1;é\n', [`delimiter: ';'`, `id: { type`]],
  ['UTF-16', Buffer.from('\ufeffid;näme\r\n1;é\r\n', 'utf16le'), [`delimiter: ';'`, `'näme': { type`]],
  ['UTF-16 without a mark', Buffer.from('id;näme\r\n1;é\r\n', 'utf16le'), [`delimiter: ';'`, `encoding: 'utf-16le'`]],
  [
    'no UTF-8',
    Buffer.from('id;näme\r\n1;é\r\n', 'latin1'),
    [`delimiter: ';'`, `encoding: 'windows-1252'`, `'näme': {`],
  ],
  ['no UTF-8 in a record', Buffer.from(`id\n${'x\n'.repeat(900)}é\n`, 'latin1'), [`encoding: 'windows-1252'`]],
  ['what is compressed', gzipSync('id;name\n1;é\n'), [`delimiter: ';'`, `id: { type`]],
  ['a file of rejects', 'id,reject_code,reject_text\n1,Invalid,\n', [`columns: ['id']`]],
  ['names that objects have', '__proto__,constructor\n1,2\n', [`['__proto__']: {`, `constructor: {`]],
])('takes a sample with %s', async (_, sample, expected) => {
  const from = join(folder, 'from');
  writeFileSync(from, sample);
  const { files } = await scaffoldProject({ folder: join(folder, 'new'), from, name: 'orders', version: '0.1.0' });
  const text = readFileSync(join(folder, 'new', 'orders.batch.ts'), 'utf8');
  for (const part of expected) expect(text).toContain(part);
  const copy = join(folder, 'new', files.at(-1) as string);
  expect(readFileSync(copy)).toEqual(Buffer.from(sample));
  expect(readFileSync(join(folder, 'new', 'README.md'), 'utf8')).toContain(files.at(-1));
  const module = join(folder, 'new', 'check.batch.ts');
  writeFileSync(module, text.replace("'fanfold/batch'", `'${BATCHES}'`));
  const { default: made } = (await import(/* @vite-ignore */ module)) as { readonly default: Batch };
  const { counts } = await preview({ batch: made, file: sourceOf(copy), records: 1000, ...NOWHERE });
  expect(counts).toMatchObject({ written: counts.read, rejected: 0 });
  expect(counts.read).toBeGreaterThan(0);
});

it('shows what would come of the first records, and publishes nothing', async () => {
  await scaffoldProject({ folder: join(folder, 'new'), name: 'orders', version: '0.1.0' });
  const shown = fanfold('run', 'orders', join(folder, 'new', 'sample.csv'), '--sample', '2');
  expect(shown).toContain('1,tea,2,3.5,2026-01-31\n2,"coffee, ground",1,7.25,2026-02-01\n\n');
  expect(shown).toContain('2 read = 2 written + 0 filtered + 0 rejected');
  expect(fanfold('executions', 'ls')).not.toContain('sample');
});

it('says what is wrong with a file without a stack', async () => {
  await scaffoldProject({ folder: join(folder, 'new'), name: 'orders', version: '0.1.0' });
  for (const [text, message] of [
    ['', /empty\.csv cannot be read: The file is empty: it has no header\. Write the header in its first line\.\n$/],
    ['id,product\n', /empty\.csv cannot be read: The file has no column "units".*\n$/],
  ] as const) {
    writeFileSync(join(folder, 'empty.csv'), text);
    const { status, stderr } = spawnSync(
      process.execPath,
      [CLI, '-C', join(folder, 'new'), 'run', 'orders', join(folder, 'empty.csv'), '--sample', '2'],
      { encoding: 'utf8' },
    );
    expect(stderr).toMatch(message);
    expect(stderr.split('\n')).toHaveLength(2);
    expect(status).toBe(2);
  }
  const inFolder = { folder: join(folder, 'other'), from: folder, name: 'orders', version: '0.1.0' };
  await expect(scaffoldProject(inFolder)).rejects.toThrow(`There is no file ${folder}.`);
});

it('overwrites nothing', async () => {
  writeFileSync(join(folder, 'README.md'), 'mine');
  await expect(scaffoldProject({ folder, version: '0.1.0' })).rejects.toThrow('has README.md already');
  expect(readFileSync(join(folder, 'README.md'), 'utf8')).toBe('mine');
});
