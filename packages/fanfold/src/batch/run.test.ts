/** Batches from a file to what they publish, on real files and worker threads. */
import { gunzipSync } from 'node:zlib';
import { afterEach, describe, expect, it } from 'vitest';
import { type BatchProject, openBatchProject } from '../testing/batch-project.fixture.ts';

let project: BatchProject;
afterEach(() => project.close());

const SCHEMA = `{
  type: 'object',
  properties: { id: { type: 'string', minLength: 1 }, units: { type: 'integer', minimum: 1 }, note: { type: 'string' } },
  required: ['id', 'units'],
}`;

describe('a run of a batch', () => {
  it('folds the outputs of its chunks in the order of the input, and rejects what is bad with its place', async () => {
    project = await openBatchProject(`
      schema: ${SCHEMA},
      chunk: { records: 3 },
      skipLimit: { records: 4 },
      process(record, { line }) {
        if (record.id === 'throws') throw new RangeError('not this one');
        if (record.units > 90) return;
        if (record.units === 2) return [{ id: record.id, n: 1 }, { id: record.id, n: 2 }];
        return { id: record.id, n: record.units, line };
      },
      sinks: [
        { object: 'out/{stem}.csv', columns: ['id', 'n'] },
        { object: 'out/{stem}.jsonl', format: 'jsonl' },
        { object: 'out/{stem}.json.gz', format: 'json', gzip: true, columns: ['id'] },
      ],
    `);
    const file = [
      'id,units,note',
      'a,1,x',
      'b,2,"two\r\nlines, and ""quotes"""',
      'c,x,bad number',
      'd,4',
      'throws,5,',
      'e,91,filtered',
      ',7,no id',
      'f,8,last',
    ].join('\r\n');
    const { execution, account } = await project.run('in/a.csv', file);
    expect(execution).toMatchObject({ status: 'SUCCEEDED', error: null });
    expect(account).toMatchObject({ read: 8, written: 3, filtered: 1, rejected: 4, emitted: 4, chunks: 3 });
    expect(await project.text('out/a.csv')).toBe('id,n\r\na,1\r\nb,1\r\nb,2\r\nf,8\r\n');
    expect(await project.text('out/a.jsonl')).toBe(
      '{"id":"a","n":1,"line":2}\n{"id":"b","n":1}\n{"id":"b","n":2}\n{"id":"f","n":8,"line":10}\n',
    );
    expect(gunzipSync(await project.bytes('out/a.json.gz')).toString()).toBe(
      '[\n{"id":"a"},\n{"id":"b"},\n{"id":"b"},\n{"id":"f"}\n]\n',
    );
    expect(await project.text(`rejects/orders/${account.run}/a.csv`)).toBe(
      [
        'id,units,note,reject_reason,reject_code,reject_field,reject_line,reject_offset,reject_text',
        `c,x,bad number,units: must be integer,Invalid,units,5,${file.indexOf('c,x')},`,
        `,,,"The record has 2 fields, the header 3 fields.",TooFewFields,,6,${file.indexOf('d,4')},"d,4"`,
        `throws,5,,not this one,RangeError,,7,${file.indexOf('throws')},`,
        `,7,no id,id: must NOT have fewer than 1 characters,Invalid,id,9,${file.indexOf(',7,')},`,
        '',
      ].join('\r\n'),
    );
  });
});
