/** The batch beside the state machine. */
import { join } from 'node:path';
import { loadProject } from 'fanfold';
import type { RunAccount } from 'fanfold/batch';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { type OpenExample, openExample } from '../../testing/open-example.ts';
import { generateStudents } from '../generate.ts';
import { loadedBy } from '../loaded-by.ts';
import { BATCH_INBOUND, INBOUND, STATE_MACHINE, TABLE } from '../names.ts';

let example: OpenExample;
beforeEach(async () => {
  example = await openExample(await loadProject(join(import.meta.dirname, '..')));
});
afterEach(() => example.close());

it('puts the same items as the state machine, counts the same, tells of it, and files the input away', async () => {
  const { text: sample, wrongRows } = generateStudents(60, 1, 3);
  // Columns that nobody knows, and a student with two courses.
  const body = `${sample.replaceAll(/$/gm, ',x').replace('course,x', 'course,room').replace(/,x$/, '')}A10001,Jo,Field,"Modern Maps",x\n`;
  const machine = await example.drop(STATE_MACHINE, { bucket: INBOUND, key: 'students list.csv', body });
  expect(machine.status, machine.cause ?? '').toBe('SUCCEEDED');
  const bare = async (): Promise<object[]> => (await example.items(TABLE)).map((item) => ({ ...item, batch_id: null }));
  const expected = await bare();
  expect(expected).toHaveLength(58);
  const all = await example.app.tables.scan({ table: TABLE });
  for (const { student_id: id, course } of all.items)
    if (id && course) await example.app.tables.delete({ table: TABLE, key: { student_id: id, course } });
  expect(await bare()).toEqual([]);

  const run = await example.drop('StudentFilesBatch', { bucket: BATCH_INBOUND, key: 'in/students list.csv', body });
  await example.app.settled();
  expect(run.status, run.cause ?? '').toBe('SUCCEEDED');
  expect(await bare()).toEqual(expected);
  const { read, written, rejected, rejects } = (run.output?.json ?? {}) as unknown as RunAccount;
  const loaded = await loadedBy(example.app, machine.arn);
  if (!loaded) throw new Error('The state machine has loaded nothing.');
  const { totalRecordsProcessed, totalInsertedRecords, totalFailedRecords, errorDetails } = loaded;
  expect([read, written, rejected]).toEqual([totalRecordsProcessed, totalInsertedRecords, totalFailedRecords]);
  const rows = (await example.text(rejects?.bucket ?? '', rejects?.key ?? '')).trim().split('\r\n').slice(1);
  expect(rows).toHaveLength(wrongRows.length);
  for (const [index, { line }] of errorDetails.entries()) expect(rows[index]).toContain(`,${line},`);
  expect(await example.keys(BATCH_INBOUND, 'archive/')).toEqual(['archive/students list.csv']);
  expect(await example.keys(BATCH_INBOUND, 'in/')).toEqual([]);
  expect(example.mails()).toHaveLength(2);
});

it('sets a file aside whose header lacks a column, and writes nothing', async () => {
  const put = { bucket: BATCH_INBOUND, key: 'in/a.csv', body: 'student_id,fname,lname\nA10001,Jo,Field\n' };
  const run = await example.drop('StudentFilesBatch', put);
  await example.app.settled();
  expect(run).toMatchObject({ status: 'FAILED', error: 'Fanfold.BadFile' });
  expect(run.cause).toContain('course');
  expect(await example.items(TABLE)).toEqual([]);
  expect(await example.keys(BATCH_INBOUND, 'error/')).toContain('error/a.csv');
  expect(example.mails()).toHaveLength(1);
});
