import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Database, openDatabase } from '../../database/database.ts';
import type { TableDescription } from '../../ports/tables.ts';
import { performBatch } from './batch.ts';
import type { Answer, Request } from './operations.ts';
import { createTableStore, type TableStore } from './sqlite-tables.ts';
import { newDetails } from './table-details.ts';

const A: TableDescription = { table: 'aaa', partitionKey: { name: 'k', type: 'S' } };
const B: TableDescription = { table: 'bbb', partitionKey: { name: 'k', type: 'S' } };

describe('a change of the tables whose commit fails', () => {
  let directory: string;
  let db: Database;
  let store: TableStore;
  let isFailing = false;
  const openStore = (): TableStore =>
    createTableStore({
      ...db,
      transaction: (work) =>
        db.transaction(() => {
          const result = work();
          if (isFailing) throw new Error('the commit failed');
          return result;
        }),
    });
  beforeEach(() => {
    isFailing = false;
    directory = mkdtempSync(join(tmpdir(), 'fanfold-batch-'));
    const migrations = new URL('./migrations/', import.meta.url);
    db = openDatabase({ path: join(directory, 'tables.db'), migrations });
    store = openStore();
    perform({ id: 0, name: 'create', params: { description: A, details: newDetails(1) } });
  });
  afterEach(() => {
    db.close();
    rmSync(directory, { recursive: true });
  });

  const perform = (...requests: readonly Request[]): readonly Answer[] => performBatch(store, requests);
  const put = (table: string): Request => {
    const item = { partition: 'x', sort: '', item: '{"k":{"S":"x"}}', size: 2 };
    return { id: 9, name: 'put', params: { table, item, ifAbsent: false } };
  };

  it.each<Request>([
    { id: 1, name: 'create', params: { description: B, details: newDetails(2) } },
    { id: 1, name: 'drop', params: { table: 'aaa' } },
    { id: 1, name: 'alter', params: { table: 'aaa', details: newDetails(3) } },
  ])('was not made: $name', (request) => {
    const before = store.tables();
    isFailing = true;
    expect(perform(request)).toEqual([{ id: 1, ok: false, message: 'the commit failed', disk: false }]);
    expect(store.tables()).toEqual(before);
    expect(openStore().tables()).toEqual(before);
    isFailing = false;
    expect(perform(put('aaa'), put('bbb'))).toMatchObject([
      { ok: true, value: true },
      { ok: false, message: 'There is no table bbb.' },
    ]);
    expect(perform(request)).toMatchObject([{ ok: true }]);
    expect(store.tables()).not.toEqual(before);
    expect(openStore().tables()).toEqual(store.tables());
  });
});
