/** Runs in which a record is lost on the way (I9). */
import { afterEach, describe, expect, it } from 'vitest';
import { type BatchProject, openBatchProject } from '../testing/batch-project.fixture.ts';
import { addCounts, imbalance, NOTHING } from './account.ts';

describe('an account', () => {
  const counts = { read: 10, written: 7, filtered: 2, rejected: 1, emitted: 9 };

  it.each([
    [counts, 10, undefined],
    [NOTHING, 0, undefined],
    [addCounts(counts, counts), 20, undefined],
    [counts, 11, '11 records were split off, but 10 were read'],
    [{ ...counts, written: 6 }, 10, '10 records were read, but 6 written + 2 filtered + 1 rejected are 9'],
  ])('of %j against %i records: %s', (given, expected, problem) => expect(imbalance(given, expected)).toBe(problem));
});

describe('a run that has lost a record', () => {
  let project: BatchProject;
  afterEach(() => project.close());

  it('fails with the difference, and publishes nothing', async () => {
    // While its last chunk is processed, the account of the first one is made to lack a record.
    project = await openBatchProject(`
      chunk: { records: 2 },
      concurrency: 1,
      async process({ id }, { objects, run }) {
        if (id !== '4') return { id };
        const key = '.fanfold/orders/' + run + '/chunks/0000000.json';
        const parts = [];
        for await (const part of (await objects.get({ bucket: 'files', key })).body) parts.push(part);
        const account = JSON.parse(Buffer.concat(parts).toString());
        await objects.put({ bucket: 'files', key, body: JSON.stringify({ ...account, written: account.written - 1 }) });
        return { id };
      },
      sinks: [{ object: 'out/{file}', columns: ['id'] }],
    `);
    const { execution } = await project.run('in/a.csv', 'id\n1\n2\n3\n4\n');
    expect(execution).toMatchObject({ status: 'FAILED', error: 'Fanfold.DoesNotAddUp' });
    expect(execution.cause).toContain('2 records were read, but 1 written + 0 filtered + 0 rejected are 1');
    expect(await project.keys('out/')).toEqual([]);
  });
});
