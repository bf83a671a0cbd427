import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { DatabaseSync } from 'node:sqlite';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { SyncPace } from '../../database/sync-pace.ts';
import type { HistoryRecord } from '../../interpreter/history.ts';
import { Value } from '../../interpreter/value.ts';
import type { Commit, OutboxMessage } from '../../ports/store.ts';
import {
  aCommit,
  aFrame,
  aMapRun,
  anExecution,
  anOutput,
  aRecord,
  aResult,
  executionArn,
  streamCommit,
} from '../../testing/store.fixture.ts';
import { expectStreamAt } from '../../testing/store.model.ts';
import { storeSuite } from '../../testing/store.suite.ts';
import { readable } from '../../testing/stored-value.fixture.ts';
import { childName } from '../child-names.ts';
import { PACK_SIZES, SMALL_PACKS } from './packing.ts';
import { createSqliteStore } from './store.ts';

function makeDirectory(): string {
  return mkdtempSync(join(tmpdir(), 'fanfold-store-'));
}

for (const { durability, packs } of [
  { durability: 'normal', packs: PACK_SIZES },
  { durability: 'full', packs: SMALL_PACKS },
] as const) {
  storeSuite(`the store in SQLite, durability ${durability}, packs of ${packs.gathered}`, async () => {
    const directory = makeDirectory();
    let store = createSqliteStore({ directory, durability, packs });
    const reopen = async () => {
      await store.close();
      store = createSqliteStore({ directory, durability, packs });
      return store;
    };
    const close = async () => {
      await store.close();
      rmSync(directory, { recursive: true });
    };
    return { store, reopen, close };
  });
}

describe('the store in SQLite', () => {
  let directory: string;
  beforeEach(() => {
    directory = makeDirectory();
  });
  afterEach(() => rmSync(directory, { recursive: true }));

  /** Looks into the closed database. */
  const query = (sql: string): unknown[] => {
    const db = new DatabaseSync(join(directory, 'engine.db'), { readOnly: true });
    try {
      return db
        .prepare(sql)
        .all()
        .map((row) => ({ ...row }));
    } finally {
      db.close();
    }
  };
  const valueFiles = (): string[] => readdirSync(join(directory, 'values'));

  it('gives the disk back what pruned executions took, the files of their values too', async () => {
    let store = createSqliteStore({ directory });
    const large = Value.ofText(JSON.stringify('x'.repeat(70_000)));
    for (let i = 0; i < 300; i++) {
      const execution = anExecution(`e${i}`, { status: 'SUCCEEDED', stoppedAt: 1_700_000_000_000 + i, input: large });
      const history = Array.from({ length: 200 }, (_, id) => aRecord(id + 1));
      await store.create(aCommit(execution, { history }));
    }
    await store.close();
    const before = statSync(join(directory, 'engine.db')).size;
    store = createSqliteStore({ directory });
    let slices = 0;
    for (let more = true; more; slices++) ({ more } = await store.prune({ endedBefore: 0, keep: 10, limit: 20 }));
    expect(slices).toBeGreaterThan(10);
    await store.close();
    expect(readdirSync(join(directory, 'values'))).toHaveLength(10);
    expect(statSync(join(directory, 'engine.db')).size).toBeLessThan(before / 5);
    expect(query('SELECT count(*) AS n FROM history')).toEqual([{ n: 10 }]);
    expect(query('SELECT count(*) AS n FROM pruned')).toEqual([{ n: 0 }]);
  });

  it('goes on with the rows of a pruned execution where it was cut', async () => {
    let store = createSqliteStore({ directory });
    const history = Array.from({ length: 5_000 }, (_, id) => aRecord(id + 1));
    const execution = anExecution('long', { status: 'SUCCEEDED', stoppedAt: 1 });
    await store.create(aCommit(execution));
    for (let i = 0; i < history.length; i++)
      await store.commit(aCommit(execution, { history: history.slice(i, i + 1) }));
    expect(await store.prune({ endedBefore: 2, keep: null, limit: 10 })).toEqual({ removed: 1, more: true });
    expect(await store.history({ executionArn: execution.arn, limit: 5 })).toEqual([]);
    await store.close();
    store = createSqliteStore({ directory });
    while ((await store.prune({ endedBefore: 0, keep: null, limit: 10 })).more);
    await store.close();
    expect(query('SELECT count(*) AS n FROM history')).toEqual([{ n: 0 }]);
  });

  it('takes over the state machines and executions of the first format', async () => {
    const db = new DatabaseSync(join(directory, 'engine.db'));
    db.exec(readFileSync(new URL('./migrations/0001-init.sql', import.meta.url), 'utf8'));
    db.exec(`CREATE TABLE synced (times INTEGER NOT NULL); INSERT INTO synced (times) VALUES (0);
      INSERT INTO state_machines VALUES ('arn:m', 'm', 'STANDARD', 'role', 'd1', 5); PRAGMA user_version = 1`);
    const header = JSON.stringify({ ...anExecution('a'), input: '{}' });
    for (const [id, name] of ['a', 'b'].entries()) {
      db.prepare(`INSERT INTO executions VALUES (?, ?, 'arn:m', 'RUNNING', 7, ?)`).run(
        id + 1,
        executionArn(name),
        header,
      );
      for (const frame of FRAMES)
        db.prepare('INSERT INTO frames VALUES (?, ?, ?)').run(
          id + 1,
          frame.id,
          JSON.stringify({ ...frame, input: '{}' }),
        );
      db.prepare(`INSERT INTO outputs VALUES (?, '0/1', 3, '{"b":1}')`).run(id + 1);
    }
    db.close();
    const store = createSqliteStore({ directory });
    const machine = {
      arn: 'arn:m',
      name: 'm',
      type: 'STANDARD',
      status: 'ACTIVE',
      roleArn: 'role',
      definition: 'd1',
      revisionId: null,
      settings: {
        logging: { level: 'OFF', includeExecutionData: false },
        tracing: { enabled: false },
        encryption: { type: 'AWS_OWNED_KEY' },
      },
      createdAt: 5,
      updatedAt: 5,
      tags: [],
      versions: [],
      lastVersion: 0,
      aliases: [],
    };
    expect(await store.stateMachines()).toEqual([machine]);
    expect(await store.running()).toEqual([executionArn('a'), executionArn('b')]);
    await store.commit(aCommit(anExecution('a'), { frames: new Map([['0/1.0', null]]) }));
    for (const [name, kept] of [
      ['a', ['0']],
      ['b', ['0', '0/1.0']],
    ] as const) {
      const { frames, outputs } = (await store.load(executionArn(name))) ?? {};
      expect(readable([...(frames?.values() ?? [])])).toEqual(
        readable(FRAMES.filter(({ id }) => kept.some((name) => name === id))),
      );
      expect(readable(outputs)).toEqual(readable([anOutput('0/1', 3, '{"b":1}')]));
    }
    expect(await store.list({ stateMachineArn: 'arn:m', limit: 9 })).toMatchObject([{ name: 'a' }, { name: 'a' }]);
    await store.saveStateMachine({ ...machine, type: 'EXPRESS', status: 'ACTIVE' });
    expect(await store.stateMachine('arn:m')).toMatchObject({ type: 'EXPRESS' });
    await store.close();
  });

  it('reads what was asked for before, within the same turn', async () => {
    const store = createSqliteStore({ directory });
    const created = store.create(streamCommit('a', 1));
    const committed = store.commit(streamCommit('a', 2));
    expectStreamAt(2, await store.load(executionArn('a')));
    expect(await store.running()).toEqual([executionArn('a')]);
    await Promise.all([created, committed]);
    await store.close();
  });

  it('writes what was not flushed yet when it closes', async () => {
    const store = createSqliteStore({ directory });
    const created = store.create(streamCommit('a', 1));
    await store.close();
    expect(await created).toBe(true);
    await store.close();
    await expect(store.load(executionArn('a'))).rejects.toThrow('closed');
    await expect(store.commit(streamCommit('a', 2))).rejects.toThrow('closed');
    const again = createSqliteStore({ directory });
    expectStreamAt(1, await again.load(executionArn('a')));
    await again.close();
  });

  it('writes the commits of a turn as one: one header, one run of history, nothing that came and went', async () => {
    const store = createSqliteStore({ directory });
    const execution = anExecution('a');
    await store.create(aCommit(execution));
    const large = Value.ofText(JSON.stringify('x'.repeat(5_000)));
    const written = Array.from({ length: 10 }, (_, i) =>
      store.commit(
        aCommit(execution, {
          frames: new Map([['0/1.0', i < 9 ? aFrame('0/1.0', { input: large }) : null]]),
          outputs: [anOutput('0/1', i, large.text)],
          droppedForks: i < 9 ? [] : ['0/1'],
          history: [aRecord(i + 1)],
        }),
      ),
    );
    await Promise.all(written);
    await store.close();
    expect(query('SELECT first_id, last_id FROM history')).toEqual([{ first_id: 1, last_id: 10 }]);
    expect(query('SELECT id FROM stored_values')).toEqual([]);
    expect(query('SELECT id FROM frames UNION ALL SELECT fork FROM outputs')).toEqual([]);
  });

  it('writes a batch that grows too large before the turn is over', async () => {
    const store = createSqliteStore({ directory });
    const written: number[] = [];
    const all = Array.from({ length: 450 }, (_, i) =>
      store.create(streamCommit(`e${i}`, 1)).then(() => written.push(i)),
    );
    // No more than promises: the event loop has not gone on.
    for (let i = 0; i < 10; i++) await Promise.resolve();
    expect(written).toHaveLength(400);
    await Promise.all(all);
    expect(await store.list({ limit: 999 })).toHaveLength(450);
    await store.close();
  });

  it('stores a large value once per execution, wherever it is mentioned', async () => {
    const texts = [600, 5_000, 70_000].map((length) => JSON.stringify('x'.repeat(length)));
    let store = createSqliteStore({ directory });
    for (const text of texts) {
      const value = Value.ofText(text);
      for (const name of ['a', 'b']) {
        const execution = anExecution(`${name}${text.length}`, { input: value });
        const fields = { frames: new Map([['0', aFrame('0', { input: value })]]), history: [aRecord(1, { value })] };
        await store.create(aCommit(execution, fields));
        await store.commit(aCommit(execution, { outputs: [{ fork: '0/1', index: 0, value }] }));
        await store.close();
        store = createSqliteStore({ directory });
        const found = await store.load(execution.arn);
        if (found) await store.commit(aCommit(found.execution, { frames: found.frames, outputs: found.outputs }));
      }
    }
    await store.close();
    expect(query('SELECT count(*) AS n FROM stored_values GROUP BY execution')).toEqual(
      Array.from({ length: 6 }, () => ({ n: 1 })),
    );
    expect(valueFiles().sort()).toEqual(['5.json', '6.json']);
  });

  it('keeps values that are not very large with the children of map runs, so that these can be packed', async () => {
    const mapRunArn = 'arn:aws:states:us-east-1:000000000000:mapRun:orders/Rows:5b3c0a52-6f0a-3a5c-8b8f-0c6f0f8d2f11';
    const store = createSqliteStore({ directory, packs: SMALL_PACKS });
    const output = Value.ofText(JSON.stringify('x'.repeat(4_000)));
    const children = [0, 1, 2].map((index) =>
      anExecution(childName(mapRunArn, index), {
        origin: { kind: 'mapRun', mapRunArn, index, items: 1, redriveCount: 0 },
      }),
    );
    for (const child of children)
      await store.create(aCommit(child, { frames: new Map([['0', aFrame('0', { input: output })]]) }));
    for (const child of children)
      await store.commit(
        aCommit(
          { ...child, status: 'SUCCEEDED', stoppedAt: 1, output },
          { frames: new Map([['0', null]]), history: [aRecord(1, { value: output })] },
        ),
      );
    for (const { arn } of children) expect((await store.describe(arn))?.output?.text).toBe(output.text);
    await store.close();
    expect(query('SELECT count FROM child_packs')).toEqual([{ count: 3 }]);
    expect(query('SELECT id FROM executions')).toEqual([]);
  });

  it('sweeps files of values that were never committed, and nothing else', async () => {
    const store = createSqliteStore({ directory });
    await store.create(streamCommit('a', 2));
    await store.close();
    const [kept] = valueFiles() as [string];
    for (const name of ['77.json', '78.json.tmp', `${kept}.tmp`, 'notes.txt'])
      writeFileSync(join(directory, 'values', name), '"half');
    const again = createSqliteStore({ directory });
    expect(valueFiles().sort()).toEqual([kept, 'notes.txt']);
    expectStreamAt(2, await again.load(executionArn('a')));
    await again.close();
  });

  it('marks files of values as safe with a sync, those of an earlier opening too', async () => {
    const store = createSqliteStore({ directory });
    await store.create(streamCommit('a', 2));
    await store.close();
    expect(query('SELECT synced_through FROM value_files')).toEqual([{ synced_through: 0 }]);
    const again = createSqliteStore({ directory });
    await again.sync();
    await again.close();
    expect(query('SELECT synced_through FROM value_files')).toEqual([{ synced_through: 1 }]);
  });

  it('says why a value cannot be read any more', async () => {
    const store = createSqliteStore({ directory });
    await store.create(streamCommit('a', 2));
    rmSync(join(directory, 'values', '1.json'));
    const again = await store.describe(executionArn('a'));
    expect(() => again?.input.text).toThrow(join('values', '1.json'));
    await store.close();
    expect(() => again?.input.text).toThrow('Keep the store open');
  });

  it('refuses everything with one error once a write has failed', async () => {
    const store = createSqliteStore({ directory });
    await store.create(streamCommit('a', 1));
    const broken = Value.lazy(() => {
      throw new Error('no space left');
    });
    const failed = store.commit(aCommit(anExecution('a', { input: broken })));
    const beside = store.create(streamCommit('b', 1));
    const [first, ...others] = await Promise.all(
      [failed, beside, store.load(executionArn('a')), store.sync()].map((call) =>
        call.catch((error: unknown) => error),
      ),
    );
    expect(String(first)).toMatch(/Cannot write to .*engine\.db: no space left/);
    for (const error of others) expect(error).toBe(first);
    for (const call of [() => store.outbox(), () => store.create(streamCommit('c', 1)), () => store.sync()])
      await expect(call()).rejects.toBe(first);
    await store.close();
    const again = createSqliteStore({ directory });
    expectStreamAt(1, await again.load(executionArn('a')));
    expect(await again.describe(executionArn('b'))).toBeUndefined();
    await again.close();
  });

  describe('durability full', () => {
    const ELSEWHERE: SyncPace = { isHere: false, madeHere: () => {}, madeElsewhere: () => {} };
    /** The syncs of the log wait for the test, all but the first, which SQLite makes. */
    const open = async () => {
      const syncing: PromiseWithResolvers<void>[] = [];
      const syncFile = (): Promise<void> => {
        const sync = Promise.withResolvers<void>();
        syncing.push(sync);
        return sync.promise;
      };
      const store = createSqliteStore({ directory, durability: 'full', syncs: { syncFile, pace: ELSEWHERE } });
      await store.create(streamCommit('a', 1));
      return { store, syncing };
    };
    const turns = async (): Promise<void> => {
      for (let i = 0; i < 5; i++) await new Promise(setImmediate);
    };

    it('tells nobody of what is not synced yet, and gathers and writes the next batch meanwhile (I2)', async () => {
      const { store, syncing } = await open();
      const told: string[] = [];
      const tell = (name: string) => () => told.push(name);
      const all = [store.commit(streamCommit('a', 2)).then(tell('commit'))];
      await turns();
      expect(syncing).toHaveLength(1);
      all.push(store.describe(executionArn('a')).then(tell('read of it')));
      all.push(store.commit(streamCommit('a', 3)).then(tell('next')));
      await turns();
      all.push(store.create(streamCommit('a', 1)).then((isNew) => told.push(`created ${isNew}`)));
      await turns();
      all.push(store.commit(streamCommit('a', 4)).then(tell('last')));
      await turns();
      expect([told, syncing.length]).toEqual([[], 2]);
      syncing[1]?.resolve();
      await turns();
      // What was written first is told first. What was written while two were under way has a sync of its own.
      expect([told, syncing.length]).toEqual([[], 3]);
      syncing[0]?.resolve();
      await turns();
      expect(told).toEqual(['commit', 'next', 'created false', 'read of it']);
      syncing[2]?.resolve();
      await Promise.all(all);
      expect(told.at(-1)).toBe('last');
      expectStreamAt(4, await store.load(executionArn('a')));
      await store.close();
    });

    it('refuses everything once a sync has failed', async () => {
      const { store, syncing } = await open();
      const refused: Promise<unknown>[] = [store.commit(streamCommit('a', 2)).catch(String)];
      await turns();
      refused.push(store.commit(streamCommit('a', 3)).catch(String));
      await turns();
      refused.push(store.load(executionArn('a')).catch(String));
      syncing[0]?.reject(new Error('EIO: i/o error, fdatasync'));
      for (const error of await Promise.all(refused)) expect(error).toMatch(/Cannot write to .*engine\.db: EIO/);
      await expect(store.commit(streamCommit('a', 4))).rejects.toThrow('EIO');
      syncing[1]?.resolve();
      await store.close();
    });

    it('confirms what is under way before it closes', async () => {
      const { store, syncing } = await open();
      const told: string[] = [];
      const commit = store.commit(streamCommit('a', 2)).then(() => told.push('commit'));
      const closed = store.close().then(() => told.push('closed'));
      await turns();
      expect(told).toEqual([]);
      syncing[0]?.resolve();
      await Promise.all([commit, closed]);
      expect(told).toEqual(['commit', 'closed']);
    });
  });

  it('takes at most 400 bytes for the history of an iteration with one task', async () => {
    const execution = anExecution('a');
    let store = createSqliteStore({ directory });
    await store.create(aCommit(execution));
    await store.close();
    const sizeBefore = sizeOnDisk(directory);
    store = createSqliteStore({ directory });
    // The worst case of real life: its beginning and its end fall into turns of their own.
    for (let i = 0; i < 300; i++) {
      const history = iteration(i);
      await store.commit(aCommit(execution, { history: history.slice(0, 3) }));
      await store.commit(aCommit(execution, { history: history.slice(3) }));
    }
    await store.close();
    expect((sizeOnDisk(directory) - sizeBefore) / 300).toBeLessThan(400);
  });

  it.each([
    ['that ends at once', 1],
    ['with one task', 2],
  ])('takes at most 500 bytes for the child of a map run %s, its history and its result', async (_, steps) => {
    const children = 2000;
    const together = 40;
    const mapRunArn = 'arn:aws:states:us-east-1:000000000000:mapRun:orders/Rows:5b3c0a52-6f0a-3a5c-8b8f-0c6f0f8d2f11';
    const stateMachineArn = 'arn:aws:states:us-east-1:000000000000:stateMachine:orders/Rows';
    const siblings = 'arn:aws:states:us-east-1:000000000000:execution:orders/Rows';
    let store = createSqliteStore({ directory });
    await store.saveMapRun(aMapRun(mapRunArn), []);
    await store.close();
    const sizeBefore = sizeOnDisk(directory);
    store = createSqliteStore({ directory });
    for (let first = 0; first < children; first += together) {
      const commits = Array.from({ length: together }, (_, i): readonly Commit[] => {
        const index = first + i;
        const name = childName(mapRunArn, index);
        const input = Value.ofText(
          JSON.stringify({ id: String(index), amount: index * 7919, city: `City ${index % 97}` }),
        );
        const origin = { kind: 'mapRun', mapRunArn, index, items: 1, redriveCount: 0 } as const;
        const startedAt = 1_700_000_000_000 + index;
        const execution = {
          ...anExecution(name, { input, origin, startedAt, stateMachineArn }),
          arn: `${siblings}:${name}`,
        };
        const history = iteration(0).map((record) => ({
          ...record,
          at: record.at + index,
          value: record.value && input,
        }));
        const ended = { ...execution, status: 'SUCCEEDED', output: input, stoppedAt: startedAt + 9 } as const;
        const outbox = [{ executionArn: execution.arn, key: 'closed:9', body: { kind: 'closed', origin } as const }];
        if (steps === 1) return [aCommit(ended, { history, outbox })];
        return [
          aCommit(execution, { history: history.slice(0, 3), frames: new Map([['0', aFrame('0', { input })]]) }),
          aCommit(ended, { history: history.slice(3), frames: new Map([['0', null]]), outbox }),
        ];
      });
      await Promise.all(commits.map(([created]) => store.create(created as Commit)));
      await Promise.all(commits.map(([, commit]) => commit && store.commit(commit)));
      const ended = commits.map((all) => (all.at(-1) as Commit).execution);
      const results = ended.map(({ output, startedAt }, i) => aResult(first + i, { output, startedAt }));
      await store.saveMapRun(aMapRun(mapRunArn), results);
      await Promise.all(commits.map((all) => store.acknowledge((all.at(-1) as Commit).outbox[0] as OutboxMessage)));
    }
    expect(await store.list({ mapRunArn, limit: children + 1 })).toHaveLength(children);
    await store.close();
    expect((sizeOnDisk(directory) - sizeBefore) / children).toBeLessThan(500);
  });

  it('loses no acknowledged commit when it is killed, and stands at one of them', async () => {
    const script = fileURLToPath(new URL('../../testing/store-stream.ts', import.meta.url));
    for (const lines of [1, 60, 137]) {
      rmSync(directory, { recursive: true });
      const acknowledged = await streamUntilKilled(script, directory, lines);
      const store = createSqliteStore({ directory });
      for (const [name, n] of acknowledged) {
        const found = await store.load(executionArn(name));
        const reached = found?.execution.transitions ?? 0;
        expect(reached).toBeGreaterThanOrEqual(n);
        expectStreamAt(reached, found);
        const history = await store.history({ executionArn: executionArn(name), limit: 10_000 });
        expect(history.map(({ id }) => id)).toEqual(Array.from({ length: 3 * reached }, (_, i) => i + 1));
        await store.commit(streamCommit(name, reached + 1));
        expectStreamAt(reached + 1, await store.load(executionArn(name)));
      }
      await store.close();
      expect(existsSync(join(directory, 'values'))).toBe(true);
    }
  });
});

const FRAMES = ['0', '0/1.0'].map((id) => aFrame(id));

/** @returns the last commit that each stream acknowledged, by its name */
async function streamUntilKilled(script: string, directory: string, lines: number): Promise<Map<string, number>> {
  const child = spawn(process.execPath, [script, directory], { stdio: ['ignore', 'pipe', 'inherit'] });
  const exited = once(child, 'exit');
  const acknowledged = new Map<string, number>();
  let read = 0;
  for await (const line of createInterface({ input: child.stdout })) {
    const [name, n] = line.split(' ') as [string, string];
    acknowledged.set(name, Number(n));
    if (++read === lines) child.kill('SIGKILL');
  }
  const [, signal] = (await exited) as [number | null, string | null];
  expect(signal).toBe('SIGKILL');
  return acknowledged;
}

function sizeOnDisk(directory: string): number {
  return statSync(join(directory, 'engine.db')).size;
}

/** Seven records with values of some 40 bytes. */
function iteration(index: number): HistoryRecord[] {
  const first = 7 * index + 1;
  const input = Value.ofText(`{"order":${100_000 + index},"customer":"c-${index}"}`);
  const output = Value.ofText(`{"order":${100_000 + index},"price":${(index * 1.25).toFixed(2)}}`);
  const types = [
    ['MapIterationStarted', 'Map', null, { index }],
    ['TaskStateEntered', 'Price', input, null],
    ['LambdaFunctionScheduled', 'Price', input, null],
    ['LambdaFunctionStarted', 'Price', null, null],
    ['LambdaFunctionSucceeded', 'Price', output, null],
    ['TaskStateExited', 'Price', output, null],
    ['MapIterationSucceeded', 'Map', null, { index }],
  ] as const;
  return types.map(([type, state, value, detail], i) =>
    aRecord(first + i, { type, state, value, detail, previous: i === 0 ? 3 : first + i - 1 }),
  );
}
