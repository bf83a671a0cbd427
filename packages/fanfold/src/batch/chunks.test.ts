/** The chunks of a run: however many there are, nothing grows but their list; what is wrong with one is told by its name. */
import { afterEach, describe, expect, it } from 'vitest';
import { type BatchProject, openBatchProject } from '../testing/batch-project.fixture.ts';

let project: BatchProject;
afterEach(() => project.close());

const IDS = Array.from({ length: 40 }, (_, id) => `${id}\n`).join('');

/** Characters of the largest event of the run's own execution, and how many events there are. */
async function historyOf(records: number): Promise<readonly [largest: number, events: number]> {
  project = await openBatchProject(
    `chunk: { records: ${records} }, sinks: [{ object: 'out/{file}', columns: ['id'] }, { table: 'ids' }],`,
    { settings: { tables: { ids: { partitionKey: 'id' } } } },
  );
  const { execution, account } = await project.run('in/a.csv', `id\n${IDS}`);
  expect(execution).toMatchObject({ status: 'SUCCEEDED', error: null });
  expect(account).toMatchObject({ read: 40, written: 40, chunks: 40 / records });
  expect(await project.app.tables.count('ids')).toBe(40);
  const { events } = await project.app.executions.history({ executionArn: execution.arn, limit: 1000 });
  const kept = await project.keys('.fanfold/');
  const names = kept.map((key) => key.slice(key.lastIndexOf('/') + 1)).sort();
  expect(names).toEqual([`${account.source.sha256}.json`, 'account.json', 'accounts.json', 'manifest.json'].sort());
  return [Math.max(...events.map((event) => JSON.stringify(event).length)), events.length];
}

describe('the list of chunks', () => {
  it('is in the manifest alone', async () => {
    const [few, events] = await historyOf(20);
    await project.close();
    const many = await historyOf(1);
    expect(many[1]).toBe(events);
    // Numbers are longer.
    expect(many[0]).toBeLessThan(few + 20);
  });
});

/** A run of 5 chunks, one after the other; the last one does something to what is there. */
async function disturbed(act: string): Promise<{ readonly error: string | null; readonly cause: string | null }> {
  project = await openBatchProject(`
    chunk: { records: 8 },
    concurrency: 1,
    async process({ id }, { objects, run }) {
      const at = '.fanfold/orders/' + run + '/chunks/';
      const bucket = 'files';
      if (id === '36') await (${act});
      return { id };
    },
    sinks: [{ object: 'out/{file}', columns: ['id'] }],
  `);
  const { execution } = await project.run('in/a.csv', `id\n${IDS}`);
  expect(execution.status).toBe('FAILED');
  expect(await project.keys('out/')).toEqual([]);
  return execution;
}

describe('a run fails by name, and publishes nothing,', () => {
  it.for<[string, string, string, string]>([
    [
      'whose chunk is gone',
      "objects.delete({ bucket, key: at + '0000002.json' })",
      'ChunkDamaged',
      'Chunk 2 is missing',
    ],
    [
      'whose chunk left something that is gone',
      "objects.delete({ bucket, key: at + '0000001.0' })",
      'ChunkDamaged',
      'Chunk 1 is missing',
    ],
    [
      'whose chunk was altered',
      "objects.put({ bucket, key: at + '0000003.0', body: 'x' })",
      'ChunkDamaged',
      'Chunk 3 was altered',
    ],
    [
      'whose manifest is gone',
      "objects.delete({ bucket, key: at.replace('chunks/', 'manifest.json') })",
      'ChunkDamaged',
      'is gone from the bucket files',
    ],
    [
      'whose manifest was cut off',
      "objects.put({ bucket, key: at.replace('chunks/', 'manifest.json'), body: '{' })",
      'ChunkDamaged',
      'The manifest cannot be used: it is not JSON.',
    ],
  ])('%s', async ([, act, error, cause]) => {
    const failed = await disturbed(act);
    expect(failed.error).toBe(`Fanfold.${error}`);
    expect(failed.cause).toContain(cause);
  });

  it('whose file was replaced before all of it was read', async () => {
    project = await openBatchProject(`
      chunk: { records: 4 },
      concurrency: 1,
      async process({ id }, { objects }) {
        if (id === '9') await objects.put({ bucket: 'files', key: 'in/a.csv', body: 'id\\n1\\n' });
        return { id };
      },
      sinks: [{ object: 'out/{file}', columns: ['id'] }],
    `);
    const { execution } = await project.run('in/a.csv', `id\n${IDS}`);
    expect(execution).toMatchObject({ status: 'FAILED', error: 'Fanfold.InputChanged' });
    expect(execution.cause).toContain('in/a.csv');
  });

  it('but takes no notice of what is not in its manifest', async () => {
    project = await openBatchProject(`
      chunk: { records: 20 },
      async process({ id }, { objects, run }) {
        const at = '.fanfold/orders/' + run + '/chunks/';
        if (id === '0') for (const name of ['0000009.json', '0000009.0', 'stray'])
          await objects.put({ bucket: 'files', key: at + name, body: '{}' });
        return { id };
      },
      sinks: [{ object: 'out/{file}', columns: ['id'] }],
    `);
    const { execution, account } = await project.run('in/a.csv', `id\n${IDS}`);
    expect(execution).toMatchObject({ status: 'SUCCEEDED', error: null });
    expect(account).toMatchObject({ read: 40, written: 40, chunks: 2 });
  });
});
