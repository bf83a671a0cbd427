/** `fanfold backup` of a directory in use and at rest, with real processes; the copies go on by themselves. */
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, describe, expect, it } from 'vitest';
import { type Ended, fanfold } from './fanfold.ts';
import { reportOf } from './example.ts';
import { mailsIn, type OrderIntakeReport, runOrderIntake } from './order-intake.ts';
import { callStates, PASS, ROLE, startServe, WAIT } from './serve.ts';

const directory = mkdtempSync(join(tmpdir(), 'fanfold-backup-test-'));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

/** Asks until the run's execution is under way. */
async function underWay(data: string): Promise<void> {
  for (;;) {
    const server = readServer(data);
    const { executions } = server ? await list(server) : { executions: [] };
    if (executions.some(({ status }) => status === 'RUNNING')) return;
    await pause(5);
  }
}

/** What the command does, without the time that its process takes to start. */
async function askForBackup(data: string, target: string): Promise<void> {
  const response = await fetch(`${readServer(data)}/_fanfold/backup`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ target }),
  });
  expect(response.status).toBe(200);
}

function readServer(data: string): string | undefined {
  const file = join(data, 'server.json');
  return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as { url: string }).url : undefined;
}

async function list(url: string): Promise<{ executions: readonly { status: string }[] }> {
  const stateMachineArn = 'arn:aws:states:us-east-1:000000000000:stateMachine:BlogBatchMainOrchestrator';
  const answer = await callStates(url, 'ListExecutions', { stateMachineArn }).catch(() => ({ executions: [] }));
  return { executions: [], ...answer };
}

describe('fanfold backup', () => {
  it('copies a batch at work; each copy goes on from where it stood and ends with the same bytes', async () => {
    const data = join(directory, 'at-work');
    const finished = runOrderIntake(data, ['--records', '3000', '--seed', '3']);
    await underWay(data);
    const copies = ['first', 'second'].map((name) => join(directory, name));
    const taken = await Promise.all([
      ...copies.slice(1).map((target) => askForBackup(data, target)),
      fanfold(['--data', data, 'backup', copies[0] as string, '--json']),
    ]);
    const { code, stdout, stderr } = taken.at(-1) as Ended;
    expect(code, stderr).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ path: copies[0], files: expect.any(Number) });
    const original = reportOf<OrderIntakeReport>(await finished);
    expect(original).toMatchObject({ status: 'SUCCEEDED', read: 3000 });
    for (const copy of copies) {
      const report = reportOf<OrderIntakeReport>(await runOrderIntake(copy, ['--records', '3000', '--seed', '3']));
      expect(report).toMatchObject({ status: 'SUCCEEDED', read: 3000, written: original.written });
      expect(readFileSync(report.output).equals(readFileSync(original.output))).toBe(true);
      expect(readFileSync(report.rejects).equals(readFileSync(original.rejects))).toBe(true);
      // A mail that had gone out before is not in the copy, and does not go out again.
      expect(existsSync(report.mails) ? mailsIn(report.mails).length : 0).toBeLessThanOrEqual(1);
    }
  }, 180_000);

  it('copies a directory that nobody has open; its executions are there, and only for its owner', async () => {
    const cwd = mkdtempSync(join(directory, 'cwd-'));
    const first = await startServe({ cwd, data: false });
    for (const [name, definition] of Object.entries({ p: PASS, w: WAIT })) {
      const { stateMachineArn } = await callStates(first.url, 'CreateStateMachine', {
        name,
        definition,
        roleArn: ROLE,
      });
      const input = JSON.stringify({ large: 'x'.repeat(100_000) });
      await callStates(first.url, 'StartExecution', { stateMachineArn, name: 'x', input });
    }
    await first.stop();
    const target = join(directory, 'at-rest');
    const { code, stdout } = await fanfold(['--data', join(cwd, '.fanfold'), 'backup', target]);
    expect(code).toBe(0);
    expect(stdout).toContain(target);
    expect(statSync(target).mode & 0o077).toBe(0);
    rmSync(cwd, { recursive: true });
    const second = await startServe({ data: false, args: ['--data', target] });
    expect(second.ready).toMatchObject({ recovered: 1 });
    const executionArn = 'arn:aws:states:us-east-1:000000000000:execution:p:x';
    const { output } = await callStates(second.url, 'DescribeExecution', { executionArn });
    expect(String(output)).toHaveLength(100_012);
    await second.stop();
  });

  it('says what is wrong with its target, and leaves it alone', async () => {
    const serve = await startServe();
    const data = String(serve.ready['dataDirectory']);
    const full = join(directory, 'full');
    mkdirSync(full);
    writeFileSync(join(full, 'mine'), 'precious');
    const refused = await fanfold(['--data', data, 'backup', full]);
    expect(refused).toMatchObject({ code: 1, stderr: expect.stringContaining('not empty') });
    expect(readdirSync(full)).toEqual(['mine']);
    const inside = await fanfold(['--data', data, 'backup', join(data, 'copy')]);
    expect(inside).toMatchObject({ code: 1, stderr: expect.stringContaining('cannot lie inside') });
    const nowhere = await fanfold(['--data', join(directory, 'nothing'), 'backup', join(directory, 'b')]);
    expect(nowhere).toMatchObject({ code: 2, stderr: expect.stringContaining('no data directory') });
    const body = JSON.stringify({ target: join(directory, 'from-a-page') });
    const page = await fetch(`${serve.url}/_fanfold/backup`, {
      method: 'POST',
      headers: { 'Content-Type': 'text/plain' },
      body,
    });
    expect(page.status).toBe(415);
    expect(existsSync(join(directory, 'from-a-page'))).toBe(false);
    await serve.stop();
  });
});
