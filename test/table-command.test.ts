/** `fanfold table …` beside a server, and on a directory that nobody holds. */
import { spawnSync } from 'node:child_process';
import { closeSync, existsSync, mkdtempSync, openSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fanfold, LAUNCHER } from './fanfold.ts';
import { type Serve, startServe } from './serve.ts';

const COURSES =
  'student_id,fname,course,year\nA2,Sherlock,"Modern, Forensics",1891\nA1,Jack,Security,2005\nA2,Sherlock,Deduction,1887\n';

describe('fanfold table', () => {
  const folder = mkdtempSync(join(tmpdir(), 'fanfold-table-'));
  const file = (name: string, text: string): string => {
    writeFileSync(join(folder, name), text);
    return join(folder, name);
  };
  let serve: Serve;
  beforeAll(async () => {
    file(
      'fanfold.config.json',
      JSON.stringify({
        name: 'tables',
        stateMachines: {},
        tables: {
          courses: {
            partitionKey: 'student_id',
            sortKey: 'course',
            throughput: { writesPerSecond: 50, burstSeconds: 0 },
          },
          single: { partitionKey: { name: 'n', type: 'N' } },
        },
      }),
    );
    serve = await startServe({ cwd: folder, data: false, args: ['-C', folder] });
  });
  afterAll(async () => {
    await serve.stop();
    rmSync(folder, { recursive: true, force: true });
  });
  const table = async (...args: readonly string[]): Promise<string> => {
    const { code, stdout, stderr } = await fanfold(['-C', folder, 'table', ...args]);
    return code === 0 ? stdout : `${code} ${stderr.trim()}`;
  };
  const lines = (text: string): unknown[] =>
    text
      .trim()
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as unknown);

  it('loads files, again to the same items, and more than the table takes at once', async () => {
    const courses = file('courses.csv', COURSES);
    for (const _ of [1, 2])
      expect(await table('load', 'courses', courses, '--numbers', 'year')).toContain('3 records loaded');
    expect(lines(await table('query', 'courses', 'A2'))).toEqual([
      { student_id: 'A2', fname: 'Sherlock', course: 'Deduction', year: 1887 },
      { student_id: 'A2', fname: 'Sherlock', course: 'Modern, Forensics', year: 1891 },
    ]);
    const many = Array.from({ length: 120 }, (_, i) => JSON.stringify({ student_id: 'many', course: String(i % 100) }));
    expect(await table('load', 'courses', file('many.jsonl', many.join('\n')), '--json')).toBe(
      '{"table":"courses","records":120}\n',
    );
    expect(lines(await table('query', 'courses', 'many'))).toHaveLength(100);
    const bad = file('bad.csv', 'student_id,course\nA1,x\nA1\n');
    expect(await table('load', 'courses', bad)).toMatch(/^2 .*bad\.csv:3/);
    const keyless = file('keyless.jsonl', '{"student_id":"k","course":"a"}\n{"student_id":"k"}\n');
    expect(await table('load', 'courses', keyless)).toMatch(
      /^2 .*keyless\.jsonl:2: there is no course, which is a key/,
    );
    const empty = file('empty.jsonl', '{"student_id":"k","course":""}\n{"student_id":"k","course":"b"}\n');
    expect(await table('load', 'courses', empty)).toMatch(/^1 .*empty\.jsonl:1 or one of the 1 records .*empty string/);
  });

  it('gets, puts, queries and exports, plain and typed, beside a server and without one', async () => {
    expect(await table('ls')).toContain('courses\tstudent_id (S)\tcourse (S)');
    expect(lines(await table('query', 'courses', 'A2', '--from', 'E', '--to', 'N'))).toMatchObject([{ year: 1891 }]);
    expect(await table('put', 'single', '{"n": 7, "list": ["a", null]}')).toBe('');
    expect(await table('put', 'single', '{"n": 7}', '--if-absent')).toMatch(/^1 .*there already/);
    expect(await table('get', 'single', '9')).toMatch(/^4 There is no such item/);
    expect(await table('get', 'courses', 'A1')).toMatch(/^2 .*has a sort key too/);
    const digits = '12345678901234567890123456789012345678';
    expect(await table('put', 'single', `{"n": 8, "of": {"digits": [${digits}]}}`)).toBe('');
    expect(JSON.parse(await table('get', 'single', '8', '--ddb'))).toMatchObject({
      of: { M: { digits: { L: [{ N: digits }] } } },
    });
    await serve.stop();
    expect(lines(await table('export', 'single', '--ddb')).slice(0, 1)).toEqual([
      { n: { N: '7' }, list: { L: [{ S: 'a' }, { NULL: true }] } },
    ]);
    serve = await startServe({ cwd: folder, data: false, args: ['-C', folder] });
  });

  it.runIf(existsSync('/dev/full'))('says that nobody takes its output', () => {
    const full = openSync('/dev/full', 'w');
    const { status, stderr } = spawnSync(process.execPath, [LAUNCHER, '-C', folder, 'table', 'ls'], {
      stdio: ['ignore', full, 'pipe'],
      encoding: 'utf8',
    });
    closeSync(full);
    expect([status, stderr]).toEqual([1, expect.stringMatching(/^fanfold: The output cannot be written: ENOSPC.*\n$/)]);
  });

  it('says what the system refuses, without a stack', async () => {
    const notAFolder = file('not-a-folder', '');
    const { code, stderr } = await fanfold(['-C', folder, '--data', join(notAFolder, 'data'), 'table', 'ls']);
    expect([code, stderr]).toEqual([1, expect.stringMatching(/^fanfold: ENOTDIR: [^\n]*\n$/)]);
    const port = new URL(serve.url).port;
    const taken = await fanfold(['--data', join(folder, 'other'), 'serve', '--port', port]);
    expect([taken.code, taken.stderr]).toEqual([1, expect.stringMatching(/^fanfold: Port \d+ .* is taken [^\n]*\n$/)]);
  });

  it('says which tables there are, and that a file is not there', async () => {
    const none = '4 fanfold: There is no table nope. There are: courses, single.';
    expect([await table('get', 'nope', 'x'), await table('export', 'nope', '--json')]).toEqual([none, none]);
    expect(await table('load', 'single', join(folder, 'none.csv'))).toBe(
      `2 fanfold: There is no file ${join(folder, 'none.csv')}.`,
    );
  });
});
