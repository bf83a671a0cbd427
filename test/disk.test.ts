import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { mulberry32 } from '../packages/fanfold/src/interpreter/random.ts';
import { startServe } from './serve.ts';
import { canTrace, type Finished, runNode, type RunParams } from '../packages/fanfold/src/testing/kill.fixture.ts';
import {
  inRounds,
  type KillPoint,
  killPoints,
  sweepKills,
} from '../packages/fanfold/src/testing/kill-points.fixture.ts';

const LAUNCHER = join(import.meta.dirname, '..', 'packages', 'fanfold', 'bin', 'fanfold.js');
const TASKS = 300;
/** Of each task's output. */
const BYTES = 10_000;

const project = mkdtempSync(join(tmpdir(), 'fanfold-disk-'));
let data = 0;
const newData = (): string => join(project, `data-${++data}`);

beforeAll(() => {
  const definition = {
    StartAt: 'Each',
    States: {
      Each: {
        Type: 'Map',
        MaxConcurrency: 10,
        ItemProcessor: {
          StartAt: 'Work',
          States: {
            Work: { Type: 'Task', Resource: 'arn:aws:lambda:us-east-1:000000000000:function:work', End: true },
          },
        },
        End: true,
      },
    },
  };
  const put = {
    Type: 'Task',
    Resource: 'arn:aws:states:::dynamodb:putItem',
    Parameters: { TableName: 'kept', Item: { id: { 'S.$': "States.Format('{}', $)" } } },
    End: true,
  };
  const keep = { ...definition.States.Each, ItemProcessor: { StartAt: 'Put', States: { Put: put } } };
  writeFileSync(join(project, 'keep.asl.json'), JSON.stringify({ StartAt: 'Each', States: { Each: keep } }));
  const settings = {
    name: 'disk',
    stateMachines: { big: { definition: './big.asl.json' }, keep: { definition: './keep.asl.json' } },
    tables: { kept: { partitionKey: 'id' } },
    functions: { work: { module: './work.mjs' } },
  };
  writeFileSync(join(project, 'big.asl.json'), JSON.stringify(definition));
  writeFileSync(join(project, 'fanfold.config.mjs'), `export default ${JSON.stringify(settings)};`);
  writeFileSync(
    join(project, 'work.mjs'),
    `export const handler = async (n) => ({ n, pad: 'x'.repeat(n < 0 ? 0 : ${BYTES}) });`,
  );
});

afterAll(() => rmSync(project, { recursive: true, force: true }));

function run(directory: string, tasks: number, rest: Omit<RunParams, 'args'> = {}): Promise<Finished> {
  const input = JSON.stringify(Array.from({ length: tasks }, (_, n) => n));
  const args = [LAUNCHER, '-C', project, '--data', directory, 'run', 'big', '-n', 'one', '-i', input, '--json'];
  return runNode({ args, ...rest });
}

/** It says what, where and the next move, and not where in the program; it ends by itself. */
function expectClearEnd({ code, signal, stderr }: Finished): void {
  expect([code, signal], stderr).toEqual([1, null]);
  expect(stderr).toMatch(/Cannot write to \S+: .+ Check the disk and its free space, then start again\./);
  expect(stderr).not.toMatch(/^\s+at /m);
}

/** Once the disk is well again it goes on by itself, and comes to its end. */
async function expectToGoOn(directory: string, tasks: number): Promise<void> {
  const again = await run(directory, tasks);
  if (again.code === 0) {
    const output = (JSON.parse(again.stdout) as { readonly output: readonly { n: number }[] }).output;
    expect(output.map(({ n }) => n)).toEqual(Array.from({ length: tasks }, (_, n) => n));
    return;
  }
  // It had come to its end before the disk failed.
  expect(again.stderr).toContain('Execution Already Exists');
  const list = await runNode({ args: [LAUNCHER, '-C', project, '--data', directory, 'executions', 'ls', '--json'] });
  expect(list.stdout).toContain('"SUCCEEDED"');
}

describe.runIf(canTrace())('a disk that fails', () => {
  let points: readonly KillPoint[] = [];
  beforeAll(async () => {
    const directory = newData();
    const found = await killPoints(directory, (rest) => run(directory, 5, rest));
    // The files of the databases: those are written with pwrite64.
    points = found.map(({ paths, ...rest }) => ({ ...rest, paths: paths.filter((path) => path.includes('.db')) }));
  });

  it.for([
    { what: 'a failed fsync', kind: 'fsync', calls: 'fsync,fdatasync', error: 'EIO' },
    { what: 'a failed write', kind: 'write', calls: 'pwrite64', error: 'EIO' },
    { what: 'a full disk', kind: 'write', calls: 'pwrite64', error: 'ENOSPC' },
  ] as const)(
    'ends the process with a clear error after $what, and nothing is lost',
    async ({ kind, calls, error }) => {
      const seed = Date.now() % 1_000_000;
      console.log(`seed ${seed}`);
      const ofKind = points.filter((point) => point.kind === kind && point.paths.length > 0);
      const killAt = async ({ n, paths }: KillPoint): Promise<readonly string[] | null> => {
        const directory = newData();
        const inject = `${calls}:error=${error}:when=${n}+`;
        const finished = await run(directory, 5, { inject, paths: paths.map((path) => join(directory, path)) });
        if (finished.code === 0) return null;
        expectClearEnd(finished);
        await expectToGoOn(directory, 5);
        return [];
      };
      const { tried } = await sweepKills({ points: inRounds(ofKind, 4, mulberry32(seed)), killAt, wanted: 4 });
      expect(tried).toBe(4);
    },
  );
});

it.runIf(canTrace())('gives up no execution for a disk that refuses an item of a table', async () => {
  const directory = newData();
  const args = [LAUNCHER, '-C', project, '--data', directory, 'run', 'keep', '-n', 'one', '-i', '[1,2,3]', '--json'];
  const path = join(directory, 'tables.db-wal');
  const list = [LAUNCHER, '-C', project, '--data', directory, 'executions', 'ls', '--json'];
  let begun = false;
  // The first writes are those of opening: later on the execution has begun, and puts its items.
  for (let n = 2; !begun; n += 2) {
    const full = await runNode({ args, paths: [path], inject: `pwrite64:error=ENOSPC:when=${n}+` });
    expectClearEnd(full);
    expect(full.stderr).toContain('tables.db');
    const { stdout } = await runNode({ args: list });
    begun = stdout.includes('"executionArn"');
    if (begun) expect(stdout).toContain('"RUNNING"');
  }
  const again = await runNode({ args });
  expect([again.code, JSON.parse(again.stdout)], again.stderr).toMatchObject([0, { status: 'SUCCEEDED' }]);
});

it('stops when no file may be made any more, and goes on when it may', async (context) => {
  const folder = newData();
  if (!smallDisk(folder, '50m,nr_inodes=12')) {
    console.log('Left out: a small disk cannot be mounted here.');
    return context.skip();
  }
  try {
    expectClearEnd(await run(join(folder, 'data'), 5));
    spawnSync('mount', ['-o', 'remount,nr_inodes=5000', folder]);
    await expectToGoOn(join(folder, 'data'), 5);
  } finally {
    spawnSync('umount', [folder]);
  }
});

/** Needs the right to mount. */
function smallDisk(folder: string, size: string): boolean {
  mkdirSync(folder, { recursive: true });
  return spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${size}`, 'tmpfs', folder]).status === 0;
}

it('answers uploads on a full disk with an error, and takes them once there is room', async (context) => {
  const folder = newData();
  if (!smallDisk(folder, '8m')) {
    console.log('Left out: a small disk cannot be mounted here.');
    return context.skip();
  }
  writeFileSync(join(folder, 'fanfold.config.json'), '{"name":"disk","buckets":{"files":{}}}');
  const serve = await startServe({ cwd: folder, data: false });
  try {
    const body = Buffer.alloc(1_000_000, 'x');
    const headers = { Authorization: 'AWS4-HMAC-SHA256 Credential=any/20260101/us-east-1/s3/aws4_request' };
    const urlOf = (key: string): string => `${serve.url}/files/${key}`;
    const put = async (key: string): Promise<number> =>
      (await fetch(urlOf(key), { method: 'PUT', headers, body })).status;
    const stored: string[] = [];
    let status = 0;
    for (let i = 0; i < 20 && status !== 500; i++) {
      status = await put(`f${i}`);
      if (status === 200) stored.push(`f${i}`);
    }
    expect(status).toBe(500);
    expect(stored.length).toBeGreaterThan(0);
    spawnSync('mount', ['-o', 'remount,size=50m', folder]);
    expect(await put('more')).toBe(200);
    for (const key of [...stored, 'more']) {
      const got = await fetch(urlOf(key), { headers });
      expect(Buffer.from(await got.arrayBuffer()).equals(body)).toBe(true);
    }
  } finally {
    const { stderr } = await serve.stop();
    spawnSync('umount', [folder]);
    expect(stderr).toMatch(/Cannot write to \S+: .+ Check the disk and its free space/);
  }
});

it('stops on a full disk, and goes on once there is room', async (context) => {
  const folder = newData();
  if (!smallDisk(folder, '3m')) {
    console.log('Left out: a small disk cannot be mounted here.');
    return context.skip();
  }
  try {
    expectClearEnd(await run(join(folder, 'data'), TASKS));
    spawnSync('mount', ['-o', 'remount,size=200m', folder]);
    await expectToGoOn(join(folder, 'data'), TASKS);
  } finally {
    spawnSync('umount', [folder]);
  }
});
