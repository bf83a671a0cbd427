/** The example as a whole: real jobs on a real volume. */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type App,
  createApp,
  type Execution,
  type JsonObject,
  loadProject,
  silentLogger,
  stateMachineArn,
} from 'fanfold';
import { afterEach, describe, expect, it } from 'vitest';
import { INPUT, volume } from '../customers/volume.ts';
import { generateCustomers } from '../generate.ts';
import { jobsOf } from '../jobs-of.ts';

const PROJECT = join(import.meta.dirname, '..');
const STATE_MACHINE = 'SplitProcessAggregate';

const opened: { readonly app?: App; readonly directory: string }[] = [];
afterEach(async () => {
  for (const { app, directory } of opened.splice(0)) {
    await app?.close();
    rmSync(directory, { recursive: true, force: true });
  }
});

interface Opened {
  readonly app: App;
  /** The volume that the jobs share. */
  readonly root: string;
}

async function open(): Promise<Opened> {
  const directory = folder();
  const app = await createApp({ project: await loadProject(PROJECT), logger: silentLogger, dataDirectory: directory });
  opened[opened.length - 1] = { app, directory };
  return { app, root: join(directory, 'volumes', 'customers') };
}

function folder(): string {
  const directory = mkdtempSync(join(tmpdir(), 'fanfold-customers-'));
  opened.push({ directory });
  return directory;
}

/** Drops an input and waits for the end of what it starts. */
async function processed({ app }: Opened, text: string): Promise<Execution> {
  await app.objects.put({ bucket: INPUT.Bucket, key: INPUT.Key, body: text });
  await app.settled();
  const { executions } = await app.executions.list({ stateMachineArn: stateMachineArn(STATE_MACHINE), limit: 1 });
  return app.executions.closed(executions[0]?.arn ?? '');
}

function outputOf(root: string): { id: number; name: string; age: number }[] {
  return JSON.parse(readFileSync(volume(root).processed, 'utf8')) as { id: number; name: string; age: number }[];
}

describe('split-process-aggregate', () => {
  it('turns 1,000 customers into one list, in their order, with ten jobs at once', async () => {
    const at = await open();
    const execution = await processed(at, generateCustomers(1000, 1));
    expect(execution.status, execution.cause ?? '').toBe('SUCCEEDED');
    const { out, jsons, json } = volume(at.root);
    const pieces = readdirSync(out).filter((name) => name.endsWith('.csv'));
    expect(pieces.length).toBe(10);
    for (const name of pieces) expect(readFileSync(join(out, name), 'utf8').split('\n').length).toBe(101);
    expect(readdirSync(jsons).filter((name) => name.endsWith('.json')).length).toBe(10);
    const piece = JSON.parse(readFileSync(json('customers_3.csv'), 'utf8')) as unknown[];
    expect(piece.length).toBe(100);
    expect(piece[0]).toEqual({ id: 301, name: expect.any(String), age: expect.any(Number) });
    const list = outputOf(at.root);
    expect(list.map(({ id }) => id)).toEqual(Array.from({ length: 1000 }, (_, i) => i + 1));
    expect(generateCustomers(1000, 1)).toBe(list.map(({ id, name, age }) => `${id},${name},${age}\n`).join(''));
    expect(await jobsOf(at.app, execution.arn)).toEqual({ submitted: 12, mostAtOnce: 10 });

    const { events } = await at.app.executions.history({ executionArn: execution.arn, limit: 1000 });
    const listed = events.find(({ lambdaFunctionSucceededEventDetails: details }) => details);
    expect(JSON.parse(String(listed?.lambdaFunctionSucceededEventDetails?.output))).toEqual({
      statusCode: 200,
      body: Array.from({ length: 10 }, (_, i) => `customers_${i}.csv`),
    });
    const aggregate = events.find(({ stateEnteredEventDetails: details }) => details?.name === 'Aggregate Files');
    const input = JSON.parse(String(aggregate?.stateEnteredEventDetails?.input)) as JsonObject[];
    expect(input.map(({ JobName, Status }) => [JobName, Status])).toEqual(
      Array.from({ length: 10 }, () => ['processor', 'SUCCEEDED']),
    );
  });

  it('fails when a processor does, by its exit code, and aggregates nothing', async () => {
    const at = await open();
    const wrong = generateCustomers(600, 1).replace(/^450,/m, 'x,');
    const execution = await processed(at, wrong);
    expect(execution).toMatchObject({ status: 'FAILED', error: 'States.TaskFailed' });
    expect(JSON.parse(execution.cause ?? '')).toMatchObject({
      Container: { ExitCode: 1 },
      JobName: 'processor',
      Parameters: { FileName: 'customers_4.csv' },
    });
    const { events } = await at.app.executions.history({ executionArn: execution.arn, limit: 1000 });
    expect(events.map(({ stateEnteredEventDetails: details }) => details?.name)).not.toContain('Aggregate Files');
    expect(existsSync(volume(at.root).processed)).toBe(false);
  });

  it('processes what an earlier run has left, as the original does: it looks at a folder, and at its files only', async () => {
    const at = await open();
    mkdirSync(volume(at.root).jsons, { recursive: true });
    writeFileSync(volume(at.root).piece(10), '5000,Old One,40\n');
    const execution = await processed(at, generateCustomers(200, 1));
    expect(execution.status, execution.cause ?? '').toBe('SUCCEEDED');
    expect(outputOf(at.root).map(({ id }) => id)).toEqual([...Array.from({ length: 200 }, (_, i) => i + 1), 5000]);
  });

  it('never cuts a record', async () => {
    const at = await open();
    const lines = Array.from({ length: 150 }, (_, i) => `${i + 1},"A\nB ""${i}""",30\n`).join('');
    const execution = await processed(at, lines);
    expect(execution.status, execution.cause ?? '').toBe('SUCCEEDED');
    expect(outputOf(at.root).map(({ name }) => name)).toEqual(Array.from({ length: 150 }, (_, i) => `A\nB "${i}"`));
  });
});

describe('the aggregator', () => {
  it.each<[string, Readonly<Record<string, string>>, string]>([
    [
      'lacks a record',
      { 'customers_1.json': '[{"id":3}]' },
      'customers_1.csv has 2 records, and customers_1.json has 1.',
    ],
    ['is not there', { 'customers_1.json': '' }, 'customers_1.csv has no result: there is no customers_1.json.'],
    ['is damaged', { 'customers_1.json': '[{"id":3},' }, 'customers_1.json is not a JSON array.'],
    ['is of no piece', { 'customers_9.json': '[]' }, 'customers_9.json is the result of no piece.'],
  ])('fails by name for a result that %s, and leaves no output', (_, changes, message) => {
    const root = folder();
    const { jsons, json, piece, processed } = volume(root);
    mkdirSync(jsons, { recursive: true });
    for (const index of [0, 1]) {
      writeFileSync(piece(index), '3,A B,30\n4,"C\nD",40\n');
      writeFileSync(json(`customers_${index}.csv`), '[{"id":3},{"id":4}]');
    }
    for (const [name, text] of Object.entries(changes))
      if (text === '') rmSync(join(jsons, name));
      else writeFileSync(join(jsons, name), text);
    const program = join(PROJECT, 'programs', 'aggregate-files.ts');
    const run = spawnSync(process.execPath, [program], { env: { ...process.env, DATA: root }, encoding: 'utf8' });
    expect(run.status).toBe(1);
    expect(run.stderr).toContain(message);
    expect(existsSync(processed)).toBe(false);
  });
});

describe('the processor', () => {
  const program = join(PROJECT, 'programs', 'process-file.ts');

  it('goes on behind what it has committed', () => {
    const root = folder();
    const checkpoint = folder();
    mkdirSync(volume(root).out, { recursive: true });
    writeFileSync(volume(root).piece(0), generateCustomers(45, 1));
    const records = (from: number, to: number): string =>
      generateCustomers(45, 1)
        .split('\n')
        .slice(from, to)
        .map((line) => line.split(','))
        .map(([id, name, age]) => JSON.stringify({ id: Number(id), name, age: Number(age) }))
        .join(',\n');
    // 20 records are committed; of the next ten the job had written a part when it died.
    const committed = records(0, 20);
    writeFileSync(join(checkpoint, 'customers.json'), `${committed},\n{"id":21,"na`);
    writeFileSync(
      join(checkpoint, 'committed.json'),
      JSON.stringify({ records: 20, bytes: Buffer.byteLength(committed) }),
    );
    const run = spawnSync(process.execPath, [program, 'customers_0.csv'], {
      env: { ...process.env, DATA: root, FANFOLD_CHECKPOINT: checkpoint },
      encoding: 'utf8',
    });
    expect(run.status, run.stderr).toBe(0);
    expect(run.stdout).toContain('Going on behind record 20.');
    expect(readFileSync(volume(root).json('customers_0.csv'), 'utf8')).toBe(`[${records(0, 45)}]`);
  });

  it('takes the name that comes last, and no other kind of name', () => {
    const root = folder();
    const run = spawnSync(process.execPath, [program, '../x.csv'], {
      env: { ...process.env, DATA: root, FANFOLD_CHECKPOINT: root },
      encoding: 'utf8',
    });
    expect(run.status).toBe(1);
    expect(run.stderr).toContain("'../x.csv' is not the name of a piece");
  });
});
