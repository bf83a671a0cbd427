import { afterAll, describe, expect, it } from 'vitest';
import { type BatchProject, openBatchProject } from '../testing/batch-project.fixture.ts';
import { ruleProblems } from './column-rules.ts';

const open: BatchProject[] = [];
afterAll(() => Promise.all(open.map((project) => project.close())));

const SCHEMA = `{ type: 'object', properties: { id: { type: 'string' }, units: { type: ['integer', 'null'] }, note: { type: 'string' } }, required: ['id'] }`;

const RULES = `{ extra: 'drop', renamed: { Nr: 'id' }, empty: { word: 'null', quoted: 'missing', empty: 'reject', cut: 'null' } }`;

describe('rules of columns', () => {
  it('hold for a run, and its rejects keep the columns of the file', async () => {
    const project = await openBatchProject(
      `source: { bucket: 'files', prefix: 'in/', rules: ${RULES} }, schema: ${SCHEMA},
      sinks: [{ object: 'out/{file}.jsonl', format: 'jsonl' }], skipLimit: { records: 1 }`,
    );
    open.push(project);
    const { account } = await project.run('in/a.csv', 'more,note,Nr,units\nx,"",1,NULL\ny,b,2\nz,,3,4\n');
    expect(account).toMatchObject({ read: 3, written: 2, rejected: 1 });
    expect(await project.text('out/a.csv.jsonl')).toBe('{"id":"1","units":null}\n{"note":"b","id":"2","units":null}\n');
    expect(await project.text(account.rejects?.key ?? '')).toMatch(
      /^more,note,Nr,units,reject_reason,.*\r\nz,,3,4,note: is empty,Invalid,note,/,
    );
  });

  it.each([['"'], ["'"]])('tell what is empty from what is empty in %s also in rejects', async (quote) => {
    const source = { bucket: 'files', prefix: 'in/', quote, rules: { empty: { empty: 'missing', quoted: 'text' } } };
    const project = await openBatchProject(
      `source: ${JSON.stringify(source)}, schema: ${SCHEMA},
      sinks: [{ object: 'out/{file}.jsonl', format: 'jsonl' }], skipLimit: { percent: 100 }`,
    );
    open.push(project);
    const { account } = await project.run('in/a.csv', `id,units,note\n1,x,${quote}${quote}\n2,x,\n3,x,a\n`);
    expect(account).toMatchObject({ read: 3, rejected: 3 });
    const rejects = await project.text(account.rejects?.key ?? '');
    const again = await project.run('in/b.csv', rejects.replaceAll(',x,', ',7,'));
    expect(again.account).toMatchObject({ read: 3, written: 3 });
    expect(await project.text('out/b.csv.jsonl')).toBe(
      '{"id":"1","units":7,"note":""}\n{"id":"2","units":7}\n{"id":"3","units":7,"note":"a"}\n',
    );
  });

  it('that are wrong are refused by name', () => {
    const rules = {
      missing: 'no',
      extra: 'fail',
      other: 1,
      renamed: { a: '' },
      empty: { blank: 'x', cut: 'text', wrong: 'null', words: [1] },
    };
    expect([...ruleProblems(rules as never, 'source.rules')]).toEqual([
      expect.stringContaining('source.rules.other is not known'),
      expect.stringContaining('source.rules.missing is "no"'),
      expect.stringContaining('source.rules.renamed gives "a"'),
      expect.stringContaining('source.rules.empty.blank is "x". Use text, missing, null, reject.'),
      expect.stringContaining('source.rules.empty.cut is "text". Use missing, null, reject.'),
      expect.stringContaining('source.rules.empty.wrong is not known'),
      expect.stringContaining('source.rules.empty.words'),
    ]);
  });
});
