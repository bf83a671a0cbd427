import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { scaffoldProject } from './scaffold-project.ts';

const CLI = fileURLToPath(new URL('../../bin/fanfold.js', import.meta.url));

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'fanfold-init-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

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

it('shows what would come of the first records, and publishes nothing', async () => {
  await scaffoldProject({ folder: join(folder, 'new'), name: 'orders', version: '0.1.0' });
  const shown = fanfold('run', 'orders', join(folder, 'new', 'sample.csv'), '--sample', '2');
  expect(shown).toContain('1,tea,2,3.5,2026-01-31\n2,"coffee, ground",1,7.25,2026-02-01\n\n');
  expect(shown).toContain('2 read = 2 written + 0 filtered + 0 rejected');
  expect(fanfold('executions', 'ls')).not.toContain('sample');
});

it('overwrites nothing', async () => {
  writeFileSync(join(folder, 'README.md'), 'mine');
  await expect(scaffoldProject({ folder, version: '0.1.0' })).rejects.toThrow('has README.md already');
  expect(readFileSync(join(folder, 'README.md'), 'utf8')).toBe('mine');
});
