import { copyFileSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Database, openDatabase } from './database.ts';
import { createLogSyncs, LENGTHENED, type LogSyncs } from './log-syncs.ts';
import { createSyncPace } from './sync-pace.ts';

const MIGRATIONS = new URL('../runtimes/sqlite/migrations/', import.meta.url);

const MB = 1024 * 1024;

let directory: string;
let db: Database;
/** What was asked of the disk, in order. */
let asked: string[];
let answers: PromiseWithResolvers<void>[];
let syncs: LogSyncs;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'fanfold-syncs-'));
  const path = join(directory, 'some.db');
  db = openDatabase({ path, migrations: MIGRATIONS });
  asked = [];
  answers = [];
  syncs = createLogSyncs({
    path,
    db: {
      log: () => db.log(),
      sync: () => {
        asked.push('SQLite');
        db.sync();
      },
    },
    syncFile: () => {
      asked.push('log');
      const answer = Promise.withResolvers<void>();
      answers.push(answer);
      return answer.promise;
    },
  });
});
afterEach(async () => {
  await syncs.close();
  db.close();
  rmSync(directory, { recursive: true });
});

const turn = (): Promise<void> => new Promise(setImmediate);

it('syncs by SQLite first, and then the file of the log, twice at once; who asks meanwhile shares the next one', async () => {
  await syncs.sync();
  const ended: string[] = [];
  for (const name of ['a', 'b', 'c', 'd']) void syncs.sync().then(() => ended.push(name));
  await turn();
  expect(asked).toEqual(['SQLite', 'log', 'log']);
  answers[1]?.resolve();
  await turn();
  expect(ended).toEqual(['b']);
  expect(asked).toEqual(['SQLite', 'log', 'log', 'log']);
  answers[2]?.resolve();
  await turn();
  expect(ended).toEqual(['b', 'c', 'd']);
  answers[0]?.resolve();
  await turn();
  expect(ended).toEqual(['b', 'c', 'd', 'a']);
  void syncs.sync();
  await turn();
  expect(asked).toHaveLength(5);
  answers[3]?.resolve();
});

it('lengthens the file of the log behind what is in it, which a crash does not take amiss', async () => {
  const path = join(directory, 'some.db');
  db.sync();
  const long = createLogSyncs({ db, path, pace: createSyncPace() });
  await long.sync();
  expect(statSync(`${path}-wal`).size).toBe(LENGTHENED);
  db.sync();
  await long.sync();
  // What a crash leaves: SQLite reads the log anew.
  const crashed = join(directory, 'crashed.db');
  for (const suffix of ['', '-wal']) copyFileSync(path + suffix, crashed + suffix);
  await long.close();
  const again = openDatabase({ path: crashed, migrations: MIGRATIONS });
  expect(again.prepare('SELECT times FROM synced').get()).toEqual({ times: 3 });
  expect(again.prepare('PRAGMA integrity_check').get()).toEqual({ integrity_check: 'ok' });
  again.close();
});

it('lengthens it again before it has to grow', async () => {
  const path = join(directory, 'some.db');
  let length = 0;
  const long = createLogSyncs({
    db: { sync: () => db.sync(), log: () => ({ length, waiting: 0 }) },
    path,
    pace: createSyncPace(),
  });
  await long.sync();
  const sizes: number[] = [];
  for (length of [LENGTHENED - 2 * MB, LENGTHENED - MB + 1, LENGTHENED + 3 * MB, 5 * MB]) {
    await long.sync();
    sizes.push(statSync(`${path}-wal`).size);
  }
  expect(sizes).toEqual([LENGTHENED, LENGTHENED + MB, LENGTHENED + 4 * MB, LENGTHENED + 4 * MB]);
  await long.close();
});

describe('where each commit is synced', () => {
  let isHere: boolean;
  let fails: Error | undefined;
  let each: LogSyncs;
  beforeEach(async () => {
    isHere = true;
    fails = undefined;
    each = createLogSyncs({
      path: join(directory, 'some.db'),
      db,
      pace: {
        get isHere() {
          return isHere;
        },
        madeHere: () => asked.push('told here'),
        madeElsewhere: () => asked.push('told elsewhere'),
      },
      syncHere: () => {
        asked.push('here');
        if (fails) throw fails;
      },
      syncFile: async () => void asked.push('pool'),
    });
    await each.sync();
    asked.length = 0;
  });
  afterEach(() => each.close());

  it('is synced here at once, or by the pool, as the pace has it', async () => {
    const first = each.sync();
    expect(asked).toEqual(['here', 'told here']);
    await first;
    isHere = false;
    await each.sync();
    expect(asked.slice(2)).toEqual(['pool', 'told elsewhere']);
  });

  it('never says that all is well after one here that has failed', async () => {
    fails = new Error('EIO');
    await expect(each.sync()).rejects.toThrow('EIO');
    fails = undefined;
    await expect(each.sync()).rejects.toThrow('EIO');
    isHere = false;
    await expect(each.sync()).rejects.toThrow('EIO');
    expect(asked).toEqual(['here']);
  });
});

it('never says that all is well after one that has failed', async () => {
  await syncs.sync();
  const [first, second, third] = [syncs.sync(), syncs.sync(), syncs.sync()];
  await turn();
  answers[0]?.reject(new Error('EIO'));
  await expect(first).rejects.toThrow('EIO');
  await expect(third).rejects.toThrow('EIO');
  answers[1]?.resolve();
  await expect(second).rejects.toThrow('EIO');
  await expect(syncs.sync()).rejects.toThrow('EIO');
  expect(asked).toEqual(['SQLite', 'log', 'log']);
});
