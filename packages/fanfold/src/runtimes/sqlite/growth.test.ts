/** What the store does for one execution does not grow with how many have finished before it (I8). */
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import {
  aCommit,
  aFrame,
  anExecution,
  anOutput,
  aRecord,
  executionArn,
  STATE_MACHINE_ARN,
} from '../../testing/store.fixture.ts';
import type { Store } from '../../ports/store.ts';
import { createSqliteStore } from './store.ts';

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'fanfold-growth-'));
});
afterEach(() => {
  vi.restoreAllMocks();
  rmSync(directory, { recursive: true });
});

const AT = 1_700_000_000_000;

/** One execution from its start to its end: three commits. */
async function live(store: Store, name: string, i: number): Promise<void> {
  const execution = anExecution(name, { startedAt: AT + i });
  const frame = aFrame('0');
  await store.create(aCommit(execution, { frames: new Map([['0', frame]]), history: [aRecord(1), aRecord(2)] }));
  await store.commit(
    aCommit(execution, {
      frames: new Map([['0', { ...frame, attempt: 2 }]]),
      outputs: [anOutput('0/1', 0, '1')],
      history: [aRecord(3), aRecord(4)],
    }),
  );
  await store.commit(
    aCommit(
      { ...execution, status: 'SUCCEEDED', stoppedAt: AT + i + 1 },
      { frames: new Map([['0', null]]), droppedForks: ['0/1'], history: [aRecord(5)] },
    ),
  );
}

/** Bytes that go to the write-ahead log for each of 50 executions behind so many others. */
async function bytesBehind(finished: number): Promise<number> {
  const folder = join(directory, String(finished));
  let store = createSqliteStore({ directory: folder });
  for (let begun = 0; begun < finished; begun += 500)
    await Promise.all(Array.from({ length: 500 }, (_, i) => live(store, `f${begun + i}`, begun + i)));
  await store.close();
  store = createSqliteStore({ directory: folder });
  // The first commit makes the log's file.
  await live(store, 'first', finished);
  const size = (): number => statSync(join(folder, 'engine.db-wal')).size;
  const before = size();
  for (let i = 1; i <= 50; i++) await live(store, `n${i}`, finished + i);
  const bytes = size() - before;
  await store.close();
  return bytes / 50;
}

it('writes as much for an execution behind 10,000 finished ones as behind 500', async () => {
  const few = await bytesBehind(500);
  const many = await bytesBehind(10_000);
  expect(many / few).toBeLessThan(1.2);
});

/** What may be gone through whole: there is a row for each machine, each thing that is owed or runs, or one row. */
const SMALL =
  /^SCAN (state_machines|definitions|outbox|pruned|value_files|activities|synced|CONSTANT ROW|\(subquery|map_runs USING INDEX map_runs_running)/;

it('finds every row that it wants by an index', async () => {
  const statements = new Set<string>();
  const prepare = DatabaseSync.prototype.prepare;
  vi.spyOn(DatabaseSync.prototype, 'prepare').mockImplementation(function (this: DatabaseSync, sql: string) {
    statements.add(sql);
    return prepare.call(this, sql);
  });
  const store = createSqliteStore({ directory });
  await live(store, 'a', 1);
  const execution = anExecution('b');
  await store.create(aCommit(execution, { frames: new Map([['0', aFrame('0')]]), history: [aRecord(1)] }));
  await store.load(execution.arn);
  for (const reverse of [false, true]) await store.history({ executionArn: execution.arn, limit: 9, reverse });
  await store.running();
  const after = executionArn('a');
  for (const status of [undefined, 'RUNNING', 'SUCCEEDED', 'FAILED'] as const)
    for (const by of [
      {},
      { stateMachineArn: STATE_MACHINE_ARN },
      { stateMachineVersionArn: 'v' },
      { stateMachineAliasArn: 'x' },
    ])
      await store.list({ ...by, ...(status && { status }), after, limit: 9 });
  await store.prune({ endedBefore: AT + 9, keep: 1, limit: 9 });
  vi.restoreAllMocks();
  await store.close();

  const db = new DatabaseSync(join(directory, 'engine.db'), { readOnly: true });
  const scans: string[] = [];
  for (const sql of statements) {
    if (!/^\s*(SELECT|UPDATE|DELETE|INSERT)\b/.test(sql)) continue;
    const steps = (db.prepare(`EXPLAIN QUERY PLAN ${sql}`).all() as { detail: string }[]).map(({ detail }) => detail);
    const isSmall = / FROM (state_machines|activities) ORDER BY name$/.test(sql);
    const large = steps.filter(
      (step) => step.startsWith('SCAN ') && !SMALL.test(step) && !/^SCAN \d+-ROW VALUES CLAUSE$/.test(step),
    );
    const sorted = steps.filter((step) => step.includes('TEMP B-TREE') && !isSmall);
    for (const step of [...large, ...sorted]) scans.push(`${step}: ${sql}`);
  }
  db.close();
  expect(statements.size).toBeGreaterThan(30);
  expect(scans).toEqual([]);
});
