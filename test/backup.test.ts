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
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as pause } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import { fanfold } from './fanfold.ts';
import { reportOf } from './example.ts';
import { mailsIn, type OrderIntakeReport, runOrderIntake } from './order-intake.ts';
import { callStates, PASS, ROLE, startServe, WAIT } from './serve.ts';

const directory = mkdtempSync(join(tmpdir(), 'fanfold-backup-test-'));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

/** Whether the run's execution is under way. */
async function isUnderWay(data: string): Promise<boolean> {
  const server = readServer(data);
  const { executions } = server ? await list(server) : { executions: [] };
  return executions.some(({ status }) => status === 'RUNNING');
}

const MOST_RECORDS = 24_000;

/** Two copies of a batch at work. A run that is over too soon for them is not that: then one of more records is copied. */
async function copiedAtWork(records = 3000): Promise<{
  readonly args: readonly string[];
  readonly original: OrderIntakeReport;
  readonly copies: readonly [string, string];
}> {
  const data = join(directory, `at-work-${records}`);
  const args = ['--records', String(records), '--seed', '3'];
  let isOver = false;
  const finished = runOrderIntake(data, args).finally(() => (isOver = true));
  while (!isOver && !(await isUnderWay(data))) await pause(5);
  const copies = [`${data}-first`, `${data}-second`] as const;
  const [command, request] = await Promise.allSettled([
    fanfold(['--data', data, 'backup', copies[0], '--json']),
    askForBackup(data, copies[1]),
  ]);
  const original = reportOf<OrderIntakeReport>(await finished);
  expect(original).toMatchObject({ status: 'SUCCEEDED', read: records });
  const { code, stdout, stderr } = await settled(command);
  expect(code, stderr).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({ path: copies[0], files: expect.any(Number) });
  const wereAtWork = copies.map(isAtWork);
  if (wereAtWork.includes(false) && records < MOST_RECORDS) return copiedAtWork(2 * records);
  await settled(request);
  expect(wereAtWork).toEqual([true, true]);
  return { args, original, copies };
}

/** Whether something runs in a copy. */
function isAtWork(copy: string): boolean {
  const file = join(copy, 'engine.db');
  if (!existsSync(file)) return false;
  const db = new DatabaseSync(`${pathToFileURL(file).href}?immutable=1`, { readOnly: true });
  try {
    return db.prepare("SELECT 1 FROM executions WHERE status = 'RUNNING'").get() !== undefined;
  } finally {
    db.close();
  }
}

async function settled<T>(result: PromiseSettledResult<T>): Promise<T> {
  if (result.status === 'rejected') throw result.reason;
  return result.value;
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
    const { args, original, copies } = await copiedAtWork();
    for (const copy of copies) {
      const report = reportOf<OrderIntakeReport>(await runOrderIntake(copy, args));
      expect(report).toMatchObject({ status: 'SUCCEEDED', read: original.read, written: original.written });
      expect(readFileSync(report.output).equals(readFileSync(original.output))).toBe(true);
      expect(readFileSync(report.rejects).equals(readFileSync(original.rejects))).toBe(true);
      // A mail that had gone out before is not in the copy, and does not go out again.
      expect(existsSync(report.mails) ? mailsIn(report.mails).length : 0).toBeLessThanOrEqual(1);
    }
  });

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
