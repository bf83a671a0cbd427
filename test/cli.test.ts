/** The command line on the order-intake example: real processes, real files. */
import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Dev, fanfold, startDev } from './fanfold.ts';

const PROJECT = join(import.meta.dirname, '..', 'examples', 'order-intake');
const HEADER = 'uuid,Country,Item Type,Sales Channel,Order Priority,Order Date,Region,Ship Date';
const ORDER = '123456789,France,Snacks,Online,C,1/1/20,Europe,1/2/20';

const directory = mkdtempSync(join(tmpdir(), 'fanfold-cli-'));
const project = ['-C', PROJECT, '--data', join(directory, 'data')];
afterAll(() => rmSync(directory, { recursive: true, force: true }));

it('fanfold dev ends when it is interrupted, whatever code of the project holds on to', async () => {
  const folder = mkdtempSync(join(directory, 'holds-on-'));
  writeFileSync(
    join(folder, 'fanfold.config.mjs'),
    "setInterval(() => {}, 1000); export default { name: 'holds-on', stateMachines: {} };",
  );
  expect(await (await startDev(['-C', folder])).stop()).toBe(130);
});

describe('fanfold dev', () => {
  let dev: Dev;
  beforeAll(async () => {
    dev = await startDev(project);
  });
  afterAll(async () => {
    expect(await dev.stop()).toBe(130);
  });

  /** Writes the file elsewhere and moves it in, whole. */
  function drop(name: string, content: string): void {
    const inbox = join(directory, 'data', 'inbox', 'source-bucket', 'input');
    writeFileSync(join(directory, name), content);
    renameSync(join(directory, name), join(inbox, name));
  }

  const moved = (name: string) => dev.logged(({ key, to }) => key === `input/${name}` && to !== undefined);

  it('runs a dropped file and archives it', async () => {
    drop('good.csv', `${HEADER}\r\n${ORDER}`);
    expect(await moved('good.csv')).toMatchObject({ to: 'input_archive/good.csv', status: 'SUCCEEDED' });
  });

  it.for([
    ['without-header.csv', `${ORDER}\n${ORDER}\n`, /header/],
    ['wrong-header.csv', `a,b\n1,2\n`, /header/],
    ['empty.csv', '', /empty/],
    ['broken-quote.csv', `${HEADER}\n123456789,"France,Snacks`, /quote/],
  ] as const)('moves %s to the error place, with one clear error', async ([name, content, message]) => {
    drop(name, content);
    const line = await moved(name);
    expect(line).toMatchObject({ to: `input_error/${name}`, status: 'FAILED' });
    const shown = await fanfold(['executions', 'show', String(line.execution), ...project]);
    expect(shown.code).toBe(0);
    expect(shown.stdout).toMatch(/error {7}InvalidInputFile/);
    expect(shown.stdout).toMatch(message);
  });

  it('is reached by the other commands while it holds the directory', async () => {
    const outputs = await fanfold(['outputs', '--json', ...project]);
    expect(JSON.parse(outputs.stdout)).toMatchObject({ endpoint: dev.url, buckets: ['source-bucket'] });
    const started = await fanfold(['executions', 'start', 'BlogBatchProcessChunk', '-n', 'by-hand', ...project]);
    expect(started).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^arn:.*:BlogBatchProcessChunk:by-hand\n$/),
    });
    const listed = await fanfold(['executions', 'ls', 'BlogBatchProcessChunk', '--json', ...project]);
    expect((JSON.parse(listed.stdout) as { name: string }[]).map(({ name }) => name)).toContain('by-hand');
    const run = await fanfold(['run', 'BlogBatchProcessChunk', ...project]);
    expect(run).toMatchObject({ code: 2, stderr: expect.stringContaining(dev.url) });
    const second = await fanfold(['dev', '--port', '0', ...project]);
    expect(second).toMatchObject({ code: 2, stderr: expect.stringContaining('is held by') });
  });
});

describe('fanfold run', () => {
  const alone = ['-C', PROJECT, '--data', join(directory, 'alone')];

  it('runs a file and tells the outcome by its exit code', async () => {
    const file = join(directory, 'orders.csv');
    writeFileSync(file, `${HEADER}\n${ORDER}\n`);
    const run = await fanfold(['run', 'BlogBatchMainOrchestrator', file, '--json', ...alone]);
    expect(run.code, run.stderr).toBe(0);
    expect(JSON.parse(run.stdout)).toMatchObject({ status: 'SUCCEEDED' });
  });

  it('ends with 1 when the execution failed', async () => {
    const run = await fanfold(['run', 'BlogBatchProcessChunk', '--input', '{}', ...alone]);
    expect(run).toMatchObject({ code: 1, stdout: expect.stringMatching(/^FAILED/) });
  });

  it.for([
    [['run', 'Nobody', ...alone], /There is no state machine Nobody/],
    [['run', 'package.json', ...alone], /Name one before the file: (npx )?fanfold run \w+ package\.json\n/],
    [['run', 'BlogBatchProcessChunk', 'x.csv', ...alone], /No trigger starts BlogBatchProcessChunk/],
    [['run', 'BlogBatchMainOrchestrator', 'x.csv', '-n', 'x', ...alone], /leave --name out/],
    [['run', 'BlogBatchMainOrchestrator', 'x.txt', ...alone], /takes files that end in 'csv'/],
    [['run', 'BlogBatchMainOrchestrator', 'no-such.csv', ...alone], /There is no file no-such.csv/],
    [['executions', 'ls', '--status', 'DONE', ...alone], /'DONE' is invalid. It must be one of RUNNING/],
    [['rum'], /Did you mean run/],
    [['outputs', '-C', tmpdir()], /There is no fanfold.config.ts/],
  ] as const)('refuses %j with code 2', async ([args, message]) => {
    const run = await fanfold(args);
    expect(run.code).toBe(2);
    expect(run.stderr).toMatch(message);
  });

  it('says 4 when there is no such execution', async () => {
    const shown = await fanfold(['executions', 'show', 'nothing-like-it', ...alone]);
    expect(shown).toMatchObject({ code: 4, stderr: expect.stringContaining('nothing-like-it') });
  });
});
