/**
 * Writes streams of commits to the SQLite store in the directory given, as fast as it can, until it is killed. For
 * each commit acknowledged it prints the execution's name and the commit's number. Run by a test.
 */
import { writeSync } from 'node:fs';
import { createSqliteStore } from '../runtimes/sqlite/store.ts';
import { streamCommit } from './store.fixture.ts';

const STREAMS = 5;

const store = createSqliteStore({ directory: process.argv[2] as string });

async function stream(name: string): Promise<void> {
  await store.create(streamCommit(name, 1));
  for (let n = 1; ; n++) {
    writeSync(1, `${name} ${n}\n`);
    await store.commit(streamCommit(name, n + 1));
  }
}

await Promise.all(Array.from({ length: STREAMS }, (_, i) => stream(`s${i}`)));
