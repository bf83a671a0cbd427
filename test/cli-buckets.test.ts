/** `fanfold bucket` and `fanfold destroy`, beside a server and without one; and what triggers make of what is put. */
import { execFileSync } from 'node:child_process';
import {
  createReadStream,
  existsSync,
  lstatSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createRemoteFiles } from '../packages/fanfold/src/server/s3/s3-client.ts';
import { fanfold } from './fanfold.ts';
import { type Serve, startServe } from './serve.ts';

const PROJECT = `
const wait = { StartAt: 'W', States: { W: { Type: 'Wait', Seconds: 1, End: true } } };
const trigger = { bucket: 'inbound', prefix: 'in/', suffix: '.csv', stateMachine: 'slow', archive: 'archive/', error: 'error/' };
export default {
  name: 'files',
  stateMachines: { slow: { definition: wait } },
  buckets: { inbound: {}, other: {}, kept: { versioning: 'Enabled' } },
  triggers: [{ ...trigger, name: 'intake', order: 'sequential', maxBytes: 10, others: 'reject' }],
};
`;

describe('the commands on buckets', () => {
  let directory: string;
  let serve: Serve | undefined;
  beforeAll(() => {
    directory = mkdtempSync(join(tmpdir(), 'fanfold-buckets-'));
    writeFileSync(join(directory, 'fanfold.config.ts'), PROJECT);
    writeFileSync(join(directory, 'orders.csv'), 'a,b\n1,2\n');
  });
  afterAll(async () => {
    await serve?.stop();
    rmSync(directory, { recursive: true, force: true });
  });
  const run = async (...args: readonly string[]): Promise<string> => {
    const { code, stdout, stderr } = await fanfold(['-C', directory, ...args]);
    if (code !== 0) throw new Error(stderr);
    return stdout;
  };
  /** Lists, reads back and removes versions, until there are none. */
  const versions = async (): Promise<void> => {
    await run('bucket', 'cp', join(directory, 'orders.csv'), 's3://kept/o/a ü');
    await run('bucket', 'rm', 's3://kept/o/a ü');
    const listed = (await run('bucket', 'ls', 's3://kept/o/', '--versions', '--json')).trim().split('\n');
    const [marker, object] = listed.map((line) => JSON.parse(line) as { versionId: string });
    expect([marker, object]).toMatchObject([
      { key: 'o/a ü', isLatest: true, isDeleteMarker: true },
      { key: 'o/a ü', isLatest: false, size: 8 },
    ]);
    const id = object?.versionId ?? '';
    await run('bucket', 'cp', 's3://kept/o/a ü', join(directory, 'old.csv'), '--version-id', id);
    expect(readFileSync(join(directory, 'old.csv'), 'utf8')).toBe('a,b\n1,2\n');
    await run('bucket', 'rm', 's3://kept/o/a ü', '--version-id', marker?.versionId ?? '');
    expect(await run('bucket', 'ls', 's3://kept', '-r', '--versions')).toMatch(
      new RegExp(`^\\S{20} {15}8 ${id} o/a ü\n$`),
    );
    expect(await run('bucket', 'rm', 's3://kept', '--recursive', '--versions')).toBe(`s3://kept/o/a ü ${id}\n`);
    expect(await run('bucket', 'ls', 's3://kept', '-r', '--versions')).toBe('');
  };

  it('copy, list, link and remove without a server', async () => {
    expect(await run('bucket', 'cp', join(directory, 'orders.csv'), 's3://other/a ü+/')).toBe(
      's3://other/a ü+/orders.csv\n',
    );
    const listed = await run('bucket', 'ls', 's3://other', '--recursive', '--json');
    expect(JSON.parse(listed)).toMatchObject({ key: 'a ü+/orders.csv', size: 8 });
    await run('bucket', 'cp', 's3://other/a ü+/orders.csv', join(directory, 'back.csv'));
    expect(readFileSync(join(directory, 'back.csv'), 'utf8')).toBe('a,b\n1,2\n');
    symlinkSync(join(directory, 'back.csv'), join(directory, 'link.csv'));
    writeFileSync(join(directory, 'back.csv'), '');
    await run('bucket', 'cp', 's3://other/a ü+/orders.csv', join(directory, 'link.csv'));
    expect(lstatSync(join(directory, 'link.csv')).isSymbolicLink()).toBe(true);
    expect(readFileSync(join(directory, 'back.csv'), 'utf8')).toBe('a,b\n1,2\n');
    await expect(run('bucket', 'rm', 's3://other/a ü+/orders')).rejects.toThrow(
      'There is no object s3://other/a ü+/orders; nothing was removed.',
    );
    await expect(run('bucket', 'cp', 's3://other/none', directory)).rejects.toThrow('The specified key does not exist');
    await expect(run('bucket', 'cp', 'a', 'b')).rejects.toThrow('One of the two must be in a bucket');
    await expect(run('bucket', 'rm', 's3://other')).rejects.toThrow('is a bucket');
    expect(await run('bucket', 'sign', 's3://other/k')).toMatch(/^http:\/\/127.0.0.1:7070\/other\/k\?X-Amz-/);
    expect(await run('bucket', 'rm', 's3://other', '--recursive')).toBe('s3://other/a ü+/orders.csv\n');
    expect(readdirSync(directory).filter((name) => name.includes('unfinished'))).toEqual([]);
    await versions();
  });

  it('go to the server that has the directory, whose triggers see what is put', async () => {
    serve = await startServe({ cwd: directory, data: false });
    const files = createRemoteFiles(serve.url);
    await run('bucket', 'cp', join(directory, 'orders.csv'), 's3://other/b ü+.csv');
    await run('bucket', 'cp', 's3://other/b ü+.csv', 's3://other/c/d.csv');
    expect((await run('bucket', 'ls', 's3://other')).split('\n').map((line) => line.slice(21).trim())).toEqual([
      'c/',
      '8 b ü+.csv',
      '',
    ]);
    const piped = await fanfold(['-C', directory, 'bucket', 'cp', '-', 's3://other/b/piped'], 'a,b\n3,4\n');
    expect(piped).toEqual({ code: 0, stdout: 's3://other/b/piped\n', stderr: '' });
    expect(await run('bucket', 'cp', 's3://other/b/piped', '-')).toBe('a,b\n3,4\n');
    await run('bucket', 'rm', 's3://other/b/piped');
    const pipe = join(directory, 'pipe');
    execFileSync('mkfifo', [pipe]);
    const [fromPipe] = await Promise.all([
      text(createReadStream(pipe)),
      run('bucket', 'cp', 's3://other/b ü+.csv', pipe),
    ]);
    expect(fromPipe).toBe('a,b\n1,2\n');
    const link = (await run('bucket', 'sign', 's3://other/b ü+.csv', '--expires', '60')).trim();
    expect(await (await fetch(link)).text()).toBe('a,b\n1,2\n');
    await run('bucket', 'rm', 's3://other/c/d.csv');
    await versions();

    const put = (key: string, text: string): Promise<void> =>
      files.put({ bucket: 'inbound', key }, Readable.from([Buffer.from(text)]), text.length);
    for (const key of ['1.csv', '2.csv', 'readme.txt']) await put(`in/${key}`, 'a,b\n1,2\n');
    await put('in/large.csv', 'x'.repeat(11));
    const keys = async (): Promise<string[]> => (await files.list({ bucket: 'inbound' })).objects.map(({ key }) => key);
    await expect
      .poll(keys, { timeout: 60_000 })
      .toEqual([
        'archive/1.csv',
        'archive/2.csv',
        'error/large.csv',
        'error/large.csv.error.json',
        'error/readme.txt',
        'error/readme.txt.error.json',
      ]);
    const report = await text(await files.get({ bucket: 'inbound', key: 'error/readme.txt.error.json' }));
    expect(JSON.parse(report)).toMatchObject({
      status: 'REJECTED',
      error: 'Fanfold.Rejected',
      message: 'No file for this place: its name must end with .csv.',
      executionArn: null,
    });
    const executions = JSON.parse(await run('executions', 'ls', '--json')) as { startDate: string; stopDate: string }[];
    const [second, first] = executions.map(({ startDate, stopDate }) => [Date.parse(startDate), Date.parse(stopDate)]);
    expect(executions).toHaveLength(2);
    expect(second?.[0]).toBeGreaterThanOrEqual(first?.[1] ?? Infinity);
  });

  it('take a bucket by its name alone, and say what to write where it is none', async () => {
    expect(await run('bucket', 'ls', 'other')).toContain(' b ü+.csv\n');
    const said = async (...args: readonly string[]): Promise<string> => {
      const { code, stderr } = await fanfold(['-C', directory, 'bucket', ...args]);
      return `${code} ${stderr.trim()}`;
    };
    expect(await said('ls', 'othr')).toBe(
      '4 fanfold: The specified bucket does not exist: othr. There are: inbound, kept, other.',
    );
    expect(await said('cp', join(directory, 'orders.csv'), 'other')).toContain('did you mean s3://other?');
    expect(await said('cp', directory, 's3://other/')).toBe(
      `2 fanfold: ${directory} is a folder: name the files in it one by one.`,
    );
    // Nothing else: no stack of something that nobody waited for.
    const none = join(directory, 'none.csv');
    expect(await said('cp', none, 's3://other/')).toBe(`2 fanfold: There is no file ${none}.`);
    expect(await said('cp', '-', 's3://other/')).toContain('is a bucket: name an object in it');
    const nowhere = join(directory, 'nowhere');
    expect(await said('cp', 's3://other/b ü+.csv', join(nowhere, 'x'))).toBe(
      `2 fanfold: There is no folder ${nowhere}: make it first.`,
    );
  }, 60_000);

  it('say what would go and what would stay, before it goes', async () => {
    await expect(run('destroy', '--yes')).rejects.toThrow('is in use by');
    await serve?.stop();
    serve = undefined;
    const said = await fanfold(['-C', directory, 'destroy', '--json']);
    expect(said.code).toBe(2);
    expect(
      said.stdout
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line) as unknown),
    ).toEqual(
      expect.arrayContaining([
        { what: 'executions, their histories and state machines', fate: 'would remove' },
        { what: 'buckets with their objects', fate: 'retained' },
      ]),
    );
    const data = join(directory, '.fanfold');
    expect(existsSync(join(data, 'engine.db'))).toBe(true);
    writeFileSync(join(data, 'notes.txt'), 'mine');
    expect(await run('destroy', '--yes')).toContain("retained\tnotes.txt, which is not Fanfold's");
    expect(readdirSync(data)).toEqual(expect.arrayContaining(['objects.db', 'objects', 'tables.db', 'notes.txt']));
    expect(readdirSync(data).filter((name) => /^(?:engine|queues|jobs)\.db|^values$/.test(name))).toEqual([]);
    rmSync(join(data, 'notes.txt'));
    await run('destroy', '--yes', '--all');
    expect(existsSync(data)).toBe(false);
    await expect(run('destroy', '--yes')).rejects.toThrow('There is no data directory');
  });
});
