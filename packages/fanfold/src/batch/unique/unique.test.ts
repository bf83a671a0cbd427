/** Records that repeat each other, against what a plain map of keys finds. */
import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import { openBatchProject, type BatchProject } from '../../testing/batch-project.fixture.ts';
import { runPlace } from '../run-place.ts';
import { createRepeatFinder, type Repeat } from './repeats.ts';
import { createSpillSort } from './spill-sort.ts';

let project: BatchProject;
afterEach(() => project.close());

const SINKS = `sinks: [{ object: 'out/{stem}.csv', columns: ['id'] }]`;

const BROKEN = {
  kind: 'reject',
  line: 0,
  byteOffset: 0,
  byteLength: 1,
  raw: '',
  reason: '',
  code: 'TooFewFields',
} as const;

describe('sorting with runs put away', () => {
  it('gives what sorting in memory gives, and leaves nothing', { timeout: 60_000 }, async () => {
    project = await openBatchProject(SINKS);
    const { objects } = project.app;
    const number = fc.oneof(fc.integer({ min: 0, max: 3 }), fc.integer({ min: 0, max: 2 ** 32 - 1 }));
    const most = fc.integer({ min: 1, max: 5 });
    await fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(number, number, number), { maxLength: 60 }), most, async (entries, most) => {
        const place = (run: number) => ({ bucket: 'files', key: `sorted/${run}` });
        const sort = createSpillSort({ objects, place, words: 3, most });
        for (const entry of entries) await sort.add(entry);
        const sorted: number[][] = [];
        for await (const block of sort.sorted())
          for (let at = 0; at < block.length; at += 3) sorted.push([...block.subarray(at, at + 3)]);
        expect(sorted).toEqual(entries.toSorted((a, b) => a[0] - b[0] || a[1] - b[1] || a[2] - b[2]));
        await sort.clear();
        expect(await project.keys('sorted/')).toEqual([]);
      }),
      { numRuns: 25 },
    );
  });
});

describe('records that are to be unique', () => {
  it('are compared over all chunks, whatever memory holds', async () => {
    project = await openBatchProject(SINKS);
    const { objects } = project.app;
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.option(fc.integer({ min: 0, max: 30 }).map(String), { nil: undefined }), { maxLength: 100 }),
        fc.integer({ min: 1, max: 40 }),
        fc.integer({ min: 2, max: 20 }),
        fc.uuid(),
        async (keys, chunk, most, run) => {
          const place = runPlace('files', 'orders', run);
          const finder = createRepeatFinder({ objects, place, most, keyOf: (entry) => keys[entry.line] });
          // Only their lines are looked at.
          const entries = keys.map((_, line) => ({ ...BROKEN, line }));
          async function* batches() {
            for (let from = 0; from < entries.length; from += 7) yield entries.slice(from, from + 7);
          }
          for await (const _ of finder.seen(batches()));
          const ranges = Array.from({ length: Math.ceil(keys.length / chunk) }, (_, index) => {
            const first = index * chunk;
            const count = Math.min(chunk, keys.length - first);
            return { index, byteOffset: first, byteLength: count, firstLine: first, records: count };
          });
          const found: (readonly [line: number, first: number])[] = [];
          for (const { index, repeats = 0 } of await finder.mark(ranges)) {
            if (repeats === 0) continue;
            const text = await project.text(place.chunkRepeats(index).key);
            const own = JSON.parse(text) as readonly Repeat[];
            expect(own).toHaveLength(repeats);
            found.push(...own.map(([record, first]) => [index * chunk + record, first] as const));
          }
          const expected = keys.flatMap((key, line) => {
            const first = keys.indexOf(key);
            return key === undefined || first === line ? [] : [[line, first] as const];
          });
          expect(found).toEqual(expected);
          expect(await project.keys(place.allSorted)).toEqual([]);
        },
      ),
      { numRuns: 20 },
    );
  });

  it.for([1, 4])('are rejected when they repeat the first, with %s records a chunk', async (records) => {
    project = await openBatchProject(`
      unique: ['id', 'day'],
      schema: { type: 'object', properties: { id: { type: 'string' }, day: { type: 'string' }, n: { type: 'integer' } }, required: ['id', 'day'] },
      source: { bucket: 'files', prefix: 'in/', rules: { renamed: { Tag: 'day' }, empty: { word: 'missing' } } },
      chunk: { records: ${records} },
      skipLimit: { percent: 100 },
      ${SINKS},
    `);
    const file = [
      'n,id,Tag',
      '1,a,mon',
      '2,a,tue',
      'x,b,mon', // The first of its key, though it is no good itself.
      '4,"b",mon',
      '5,,mon', // Nothing to compare.
      '6,,mon',
      '7,a,"mon"',
      '8,NULL,tue',
      '9,a,mon',
      '10,c', // Broken.
      '',
    ].join('\n');
    const { execution, account } = await project.run('in/a.csv', file);
    expect(execution).toMatchObject({ status: 'SUCCEEDED', error: null });
    expect(account).toMatchObject({ read: 10, rejected: 6 });
    expect(await project.text('out/a.csv')).toBe('id\r\na\r\na\r\n""\r\n""\r\n');
    const rejects = (await project.text(account.rejects?.key ?? '')).split('\r\n').slice(1, -1);
    expect(rejects.map((line) => line.split(',').slice(3, 5).join(': '))).toEqual([
      'n: must be integer: Invalid',
      'id day: repeats line 4: Repeated',
      'id day: repeats line 2: Repeated',
      'id: is missing: Invalid',
      'id day: repeats line 2: Repeated',
      expect.stringContaining('The record has 2 fields'),
    ]);
  });

  it('are compared by the values of their members where they are JSON', async () => {
    project = await openBatchProject(`
      source: { bucket: 'files', prefix: 'in/', format: 'jsonl' },
      unique: ['id'],
      chunk: { records: 2 },
      skipLimit: { percent: 100 },
      ${SINKS},
    `);
    const lines = [
      '{"id":1}',
      '{"id":"1"}',
      '{"id":1.0}',
      '{"n":1}',
      '{"id":null}',
      '{"n":1}',
      '[1]',
      '{"id":{"a":1}}',
      '{"id":{"a":1}}',
    ];
    const { account } = await project.run('in/a.jsonl', `${lines.join('\n')}\n`);
    const rejects = (await project.text(account.rejects?.key ?? '')).split('\n').slice(0, -1);
    expect(rejects.map((line) => (JSON.parse(line) as { reject_reason: string }).reject_reason)).toEqual([
      'id: repeats line 1',
      'The record is a list, not an object.',
      'id: repeats line 8',
    ]);
  });

  it('fail the run when there is no such column', async () => {
    project = await openBatchProject(`unique: ['uuid'], ${SINKS}`);
    const { execution } = await project.run('in/a.csv', 'id\n1\n');
    expect(execution).toMatchObject({ status: 'FAILED', error: 'Fanfold.BadFile' });
    expect(execution.cause).toContain('The file has no column uuid, which is to be unique. Its columns are id.');
  });
});
