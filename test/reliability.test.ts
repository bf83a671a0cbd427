/** What surrounds the engine goes wrong: files, limits, signals, a second process. Each has an outcome that is written down. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  closeSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createSqliteStore } from '../packages/fanfold/src/runtimes/sqlite/store.ts';
import { keptProblems } from '../packages/fanfold/src/testing/kept.fixture.ts';
import { canTrace, runNode } from '../packages/fanfold/src/testing/kill.fixture.ts';
import { type Ended, fanfold } from './fanfold.ts';

const LAUNCHER = join(import.meta.dirname, '..', 'packages', 'fanfold', 'bin', 'fanfold.js');

const project = mkdtempSync(join(tmpdir(), 'fanfold-reliability-'));
let data = 0;
const newData = (): string => join(project, `data-${++data}`);

function call(name: string, rest: object = { End: true }): object {
  return { Type: 'Task', Resource: `arn:aws:lambda:us-east-1:000000000000:function:${name}`, ...rest };
}

const MACHINES = {
  one: { StartAt: 'Work', States: { Work: call('work') } },
  keep: { StartAt: 'Keep', States: { Keep: call('keep') } },
  later: { StartAt: 'W', States: { W: { Type: 'Wait', Seconds: 1, Next: 'Work' }, Work: call('work') } },
  each: {
    StartAt: 'Each',
    States: {
      Each: { Type: 'Map', ItemProcessor: { StartAt: 'Work', States: { Work: call('work') } }, End: true },
    },
  },
  poison: {
    StartAt: 'Each',
    States: {
      Each: {
        Type: 'Map',
        ItemProcessor: { StartAt: 'Work', States: { Work: call('poisoned') } },
        End: true,
      },
    },
  },
};

beforeAll(() => {
  const stateMachines: Record<string, object> = {};
  for (const [name, definition] of Object.entries(MACHINES)) {
    writeFileSync(join(project, `${name}.asl.json`), JSON.stringify(definition));
    stateMachines[name] = { definition: `./${name}.asl.json` };
  }
  writeFileSync(
    join(project, 'functions.mjs'),
    `export const work = async (input) => ({ worked: input });
export const keep = async ({ bytes }, { objects }) => {
  try {
    await objects.put({ bucket: 'kept-here', key: 'big', body: Buffer.alloc(bytes) });
  } catch (error) {
    return { caught: error.message };
  }
  return { bytes };
};
export const poisoned = async (n) => {
  if (n === 13) process.exit(1);
  return n;
};
`,
  );
  const functions = Object.fromEntries(
    ['work', 'keep', 'poisoned'].map((name) => [name, { module: `./functions.mjs#${name}` }]),
  );
  writeFileSync(
    join(project, 'fanfold.config.mjs'),
    `export default ${JSON.stringify({ name: 'reliability', stateMachines, functions, buckets: { 'kept-here': {} } })};`,
  );
});

afterAll(() => rmSync(project, { recursive: true, force: true }));

function commandLine(directory: string, ...args: readonly string[]): string[] {
  return ['-C', project, '--data', directory, ...args];
}

function run(directory: string, machine: string, name: string, input: unknown): Promise<Ended> {
  return fanfold(commandLine(directory, 'run', machine, '-n', name, '-i', JSON.stringify(input), '--json'));
}

/** What, where and the next move, and not where in the program. */
function expectClear({ code, stderr }: Ended, says: RegExp): void {
  expect([code, stderr]).toEqual([1, expect.stringMatching(says)]);
  expect(stderr).not.toMatch(/^\s+at /m);
}

async function expectSucceeds(directory: string, name: string): Promise<void> {
  const ended = await run(directory, 'one', name, { n: 1 });
  expect([ended.code, JSON.parse(ended.stdout || '{}')], ended.stderr).toMatchObject([0, { status: 'SUCCEEDED' }]);
}

it('has what the log holds as far as it is whole, and begins with what is there when the log is gone', async () => {
  const directory = newData();
  const holder = startHolder(directory);
  await holder.ready;
  const started = await fanfold(commandLine(directory, 'executions', 'start', 'each', '-n', 'before', '-i', '[1,2,3]'));
  expect(started.code, started.stderr).toBe(0);
  holder.child.kill('SIGKILL');
  await once(holder.child, 'close');
  const log = join(directory, 'engine.db-wal');
  const { size } = statSync(log);
  expect(size).toBeGreaterThan(10_000);
  const damages: Readonly<Record<string, (path: string) => void>> = {
    missing: (path) => rmSync(path),
    ...Object.fromEntries([0, 31, 4_096, 9_999, size - 1].map((left) => [left, (path) => truncateSync(path, left)])),
    'garbled at its beginning': (path) => garble(path, 0),
    'garbled at its end': (path) => garble(path, size - 50),
  };
  for (const [damage, damaged] of Object.entries(damages)) {
    const copy = newData();
    cpSync(directory, copy, { recursive: true });
    damaged(join(copy, 'engine.db-wal'));
    const store = createSqliteStore({ directory: copy });
    expect(await keptProblems(store), damage).toEqual([]);
    await store.close();
    if (damage === 'missing') await expectSucceeds(copy, 'after');
  }
});

function garble(path: string, at: number): void {
  const file = openSync(path, 'r+');
  writeSync(file, Buffer.alloc(40, 'no log '), 0, 40, at);
  closeSync(file);
}

it('refuses a store of a newer version, and leaves it as it is', async () => {
  const directory = newData();
  await expectSucceeds(directory, 'first');
  for (const file of ['engine.db', 'objects.db', 'tables.db']) {
    const set = (version: number): void => {
      const db = new DatabaseSync(join(directory, file));
      db.exec(`PRAGMA user_version = ${version}`);
      db.close();
    };
    const db = new DatabaseSync(join(directory, file));
    const { user_version: version } = db.prepare('PRAGMA user_version').get() as { readonly user_version: number };
    db.close();
    set(9999);
    expectClear(
      await run(directory, 'one', 'second', {}),
      new RegExp(`${file} was written by a newer Fanfold .*Update`),
    );
    set(version);
  }
  await expectSucceeds(directory, 'second');
});

describe('a folder that may not be written to', () => {
  it('is named, and used once it may', async (context) => {
    if (process.getuid?.() === 0) {
      console.log('Left out: root may write everywhere.');
      return context.skip();
    }
    const directory = newData();
    mkdirSync(directory, { mode: 0o555 });
    expectClear(await run(directory, 'one', 'first', {}), new RegExp(`Cannot (open|write to) .*${directory}`));
    chmodSync(directory, 0o755);
    await expectSucceeds(directory, 'first');
  });

  it('is named when it is mounted for reading only, and used once it may be written to', async (context) => {
    const folder = newData();
    mkdirSync(folder);
    if (spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=50m', 'tmpfs', folder]).status !== 0) {
      console.log('Left out: a disk cannot be mounted here.');
      return context.skip();
    }
    const directory = join(folder, 'data');
    try {
      await expectSucceeds(directory, 'first');
      spawnSync('mount', ['-o', 'remount,ro', folder]);
      expectClear(await run(directory, 'one', 'second', {}), new RegExp(`Cannot write to ${directory}`));
      spawnSync('mount', ['-o', 'remount,rw', folder]);
      await expectSucceeds(directory, 'second');
    } finally {
      spawnSync('umount', [folder]);
    }
  });
});

it.runIf(process.platform === 'linux').for([
  {
    what: 'an object',
    machine: 'keep',
    input: { bytes: 3_000_000 },
    blocks: 2_000,
    // And whatever the function makes of it: it catches what it is told.
    says: /Cannot write to \S+objects\S+: EFBIG.* Check the disk and its free space, then start again\./,
  },
  {
    what: 'the log',
    machine: 'each',
    input: Array.from({ length: 100 }, (_, n) => `${n} ${'x'.repeat(1_000)}`),
    blocks: 500,
    says: /Cannot write to \S+engine\.db: .* Check the disk and its free space, then start again\./,
  },
])('ends where $what may not grow as large, and goes on where it may', async ({ machine, input, blocks, says }) => {
  const directory = newData();
  const args = commandLine(directory, 'run', machine, '-n', 'one', '-i', JSON.stringify(input), '--json');
  // The write that passes the limit is cut short, the one after it fails.
  const limit = ['-c', `ulimit -f ${blocks}; exec "$@"`, 'bash'];
  const limited = spawnSync('bash', [...limit, process.execPath, LAUNCHER, ...args], { encoding: 'utf8' });
  expectClear({ code: limited.status, stdout: limited.stdout, stderr: limited.stderr }, says);
  const list = await fanfold(commandLine(directory, 'executions', 'ls', '--json'));
  expect(list.stdout).toContain('"RUNNING"');
  const again = await fanfold(args);
  expect([again.code, JSON.parse(again.stdout)], again.stderr).toMatchObject([0, { status: 'SUCCEEDED' }]);
  if (machine === 'keep') expect(JSON.parse(again.stdout)).toMatchObject({ output: input });
});

it.runIf(canTrace())('takes no harm when a write is interrupted', async () => {
  const directory = newData();
  const args = [LAUNCHER, ...commandLine(directory, 'run', 'each', '-n', 'first', '-i', '[1,2,3]', '--json')];
  const path = join(directory, 'engine.db-wal');
  const interrupted = await runNode({ args, paths: [path], inject: 'pwrite64:error=EINTR:when=5+7' });
  expect([interrupted.code, JSON.parse(interrupted.stdout)], interrupted.stderr).toMatchObject([
    0,
    { status: 'SUCCEEDED' },
  ]);
});

it.runIf(canTrace())('answers while syncs are slow', async () => {
  const directory = newData();
  const args = [LAUNCHER, ...commandLine(directory, 'run', 'each', '-n', 'first', '-i', '[1,2,3]', '--json')];
  const slow = await runNode({ args, inject: 'fsync,fdatasync:delay_exit=50000' });
  expect([slow.code, JSON.parse(slow.stdout)], slow.stderr).toMatchObject([0, { status: 'SUCCEEDED' }]);
});

it('gives up the item that kills its worker each time, and no other', async () => {
  const directory = newData();
  const items = Array.from({ length: 20 }, (_, n) => n);
  const poisoned = await run(directory, 'poison', 'with', items);
  expect(poisoned.code).toBe(1);
  const { status, error, cause } = JSON.parse(poisoned.stdout) as Readonly<Record<string, string>>;
  expect({ status, error }).toEqual({ status: 'FAILED', error: 'Runtime.ExitError' });
  expect(cause).toMatch(/exit/i);
  const others = await run(
    directory,
    'poison',
    'without',
    items.filter((n) => n !== 13),
  );
  expect([others.code, JSON.parse(others.stdout)]).toMatchObject([0, { status: 'SUCCEEDED' }]);
});

/** A server on the directory, with an execution that waits. */
function startHolder(directory: string): { readonly child: ChildProcess; readonly ready: Promise<unknown> } {
  const args = [LAUNCHER, ...commandLine(directory, 'serve', '--json', '--port', '0')];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  const ready = Promise.race([
    once(child.stdout, 'data'),
    once(child, 'close').then(([code]) => Promise.reject(new Error(`fanfold serve ended with ${code}`))),
  ]);
  return { child, ready };
}

it('keeps its directory while it is stopped, and is late with its timers but loses none', async () => {
  const directory = newData();
  const holder = startHolder(directory);
  try {
    await holder.ready;
    const waiting = await fanfold(
      commandLine(directory, 'executions', 'start', 'later', '-n', 'late', '-i', '{"n":1}'),
    );
    expect(waiting.code, waiting.stderr).toBe(0);
    holder.child.kill('SIGSTOP');
    const other = await fanfold(commandLine(directory, 'serve', '--json', '--port', '0'));
    expect([other.code, other.stderr]).toEqual([2, expect.stringMatching(/is held by process \d+.* Stop it first/)]);
    // The timer's moment passes while it stands still.
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    holder.child.kill('SIGCONT');
    const ended = await fanfold(commandLine(directory, 'executions', 'wait', 'late', '--json'));
    expect([ended.code, JSON.parse(ended.stdout)], ended.stderr).toMatchObject([0, { status: 'SUCCEEDED' }]);
  } finally {
    holder.child.kill('SIGKILL');
  }
});

it('says where a project file that is half written breaks off, and makes nothing', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'fanfold-half-'));
  try {
    writeFileSync(join(folder, 'fanfold.config.mjs'), "export default { name: 'half', stateMachines: { a: {");
    const ended = await fanfold(['-C', folder, 'run', 'a']);
    expect([ended.code, ended.stderr]).toEqual([2, expect.stringContaining('fanfold.config.mjs')]);
    expect(ended.stderr).not.toMatch(/^\s+at /m);
    expect(existsSync(join(folder, '.fanfold'))).toBe(false);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
