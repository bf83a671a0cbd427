import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setImmediate as turn } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startCheckpointer } from '../../database/checkpointer.ts';
import type { LogLimits } from '../../database/checkpoints.ts';
import { Value } from '../../interpreter/value.ts';
import { aCommit, anExecution, aRecord } from '../../testing/store.fixture.ts';
import { createSqliteStore, type SqliteStore, type SqliteStoreOptions } from './store.ts';

const KB = 1024;
const LIMITS: LogLimits = { checkpoint: 200 * KB, catchUp: 400 * KB, rest: 20 * KB, crowded: 1000 * KB };

let directory: string;
let store: SqliteStore;

beforeEach(() => {
  started = 0;
  directory = mkdtempSync(join(tmpdir(), 'fanfold-checkpoints-'));
});
afterEach(async () => {
  await store.close();
  rmSync(directory, { recursive: true });
});

const open = (checkpoints: SqliteStoreOptions['checkpoints']): void => {
  store = createSqliteStore({ directory, ...(checkpoints && { checkpoints }) });
};

/** The write-ahead log's file, which is never opened here: only asked for its size. */
const logSize = (): number => statSync(join(directory, 'engine.db-wal')).size;

/** Commits about 5 KB to an execution of its own. */
let started: number;
const start = async (): Promise<void> => {
  const value = Value.ofText(JSON.stringify('x'.repeat(4000)));
  await store.create(aCommit(anExecution(`e${started++}`), { history: [aRecord(1, { value })] }));
};

/** A checkpointer that does nothing until it is let, and then does it in the thread. */
function held() {
  let gate = Promise.withResolvers<void>();
  let asked = 0;
  return {
    asked: () => asked,
    let: () => {
      gate.resolve();
      gate = Promise.withResolvers();
    },
    start: (path: string) => {
      const thread = startCheckpointer(path);
      return {
        checkpoint: async () => {
          asked += 1;
          await gate.promise;
          await thread.checkpoint();
        },
        close: thread.close,
        release: thread.release,
      };
    },
  };
}

describe('the write-ahead log of the store', () => {
  it('is moved by a thread, and begins anew under a load that never pauses', async () => {
    open({ limits: LIMITS });
    let longest = 0;
    for (let i = 0; i < 1000; i++) {
      await store.hasRoom?.();
      await Promise.all([start(), start()]);
      longest = Math.max(longest, logSize());
    }
    // What comes in while there is room comes in whole: some commits more.
    expect(longest).toBeLessThan(LIMITS.crowded + 100 * KB);
    expect(await store.list({ limit: 1 })).toHaveLength(1);
  });

  it('stops what is new at its limit while checkpoints are slow; what runs goes on, and all of it when there is room', async () => {
    const slow = held();
    open({ limits: LIMITS, start: slow.start });
    let begun = 0;
    while (!store.hasRoom?.()) {
      await start();
      begun += 1;
    }
    expect(logSize()).toBeGreaterThan(LIMITS.crowded);
    expect(logSize()).toBeLessThan(LIMITS.crowded + 100 * KB);
    expect(slow.asked()).toBe(1);
    let admitted = false;
    const waiting = store.hasRoom?.()?.then(() => {
      admitted = true;
    });
    // Work under way is committed meanwhile.
    await store.commit(aCommit(anExecution('e0', { startedAt: 1 })));
    await turn();
    expect(admitted).toBe(false);
    slow.let();
    for (; !admitted; slow.let()) await turn();
    await waiting;
    expect(store.hasRoom?.()).toBeUndefined();
    await start();
    expect(await store.list({ limit: 9999 })).toHaveLength(begun + 1);
  });

  it('waits for a reader to end, and then begins anew', async () => {
    open({ limits: LIMITS });
    await start();
    const reader = new DatabaseSync(join(directory, 'engine.db'), { readOnly: true });
    reader.exec('BEGIN');
    const count = reader.prepare('SELECT count(*) AS count FROM executions');
    const seen = (count.get() as { count: number }).count;
    while (!store.hasRoom?.()) await start();
    expect(count.get()).toEqual({ count: seen });
    reader.exec('COMMIT');
    reader.close();
    await store.hasRoom?.();
    await start();
    // The log is overwritten from its beginning: its file does not grow, while less is written than is in it.
    const size = logSize();
    for (let i = 0; i < 10; i++) await start();
    expect(logSize()).toBeLessThanOrEqual(size);
  });

  it('ends the store when the disk refuses a checkpoint', async () => {
    const refused = Object.assign(new Error('disk I/O error'), { code: 'ERR_SQLITE_ERROR', errcode: 10 });
    open({
      limits: LIMITS,
      start: () => ({ checkpoint: () => Promise.reject(refused), close: async () => {}, release: () => {} }),
    });
    const until = async (): Promise<void> => {
      for (;;) await start();
    };
    await expect(until()).rejects.toThrow('disk I/O error. Nothing more is taken in');
    expect(store.hasRoom?.()).toBeUndefined();
  });

  it('is gone when the store is closed, also while a checkpoint is under way', async () => {
    open({ limits: LIMITS });
    for (let i = 0; i < 60; i++) await start();
    await store.close();
    expect(statSync(join(directory, 'engine.db-wal'), { throwIfNoEntry: false })).toBeUndefined();
    store = createSqliteStore({ directory });
    expect(await store.list({ limit: 9999 })).toHaveLength(60);
  });
});
