/** The collection of bad and hostile files, each dropped into a batch: it runs to an end, and its account adds up (I9). */
import { afterEach, describe, expect, it } from 'vitest';
import { detectEncoding } from '../records/text/encoding.ts';
import { type BatchProject, openBatchProject } from '../testing/batch-project.fixture.ts';
import { type HostileCase, hostileBytes, hostileCases } from '../testing/records/hostile.ts';

let project: BatchProject | undefined;
afterEach(async () => {
  await project?.close();
  project = undefined;
});

type Format = 'csv' | 'jsonl' | 'json';

interface Ran {
  readonly entry: HostileCase;
  readonly status: string;
  readonly error: string | null;
  readonly read: number;
  readonly rejected: number;
  /** Each record that came out, its members in pairs. */
  readonly records: readonly (readonly (readonly [name: string, value: unknown])[])[];
}

/** Runs at a time. */
const TOGETHER = 8;

async function run(opened: BatchProject, format: Format, entry: HostileCase, name: number): Promise<Ran> {
  const bytes = hostileBytes(entry);
  const { execution, account } = await opened.run(`in/${name}.${format}`, bytes);
  const { status, error, cause } = execution;
  if (status !== 'SUCCEEDED') {
    expect([entry.id, cause]).toEqual([entry.id, expect.stringMatching(/\w/)]);
    return { entry, status, error, read: 0, rejected: 0, records: [] };
  }
  const { read, written, filtered, rejected, emitted } = account;
  expect([entry.id, read]).toEqual([entry.id, written + filtered + rejected]);
  const text = await opened.text(`out/${name}.jsonl`);
  const lines = text.split('\n').slice(0, -1);
  expect([entry.id, lines.length]).toEqual([entry.id, emitted]);
  // What cannot be read is never shown as something else.
  if (!bytes.toString('latin1').includes('\xef\xbf\xbd')) expect(text).not.toContain('\ufffd');
  return { entry, status, error, read, rejected, records: lines.map((line) => JSON.parse(line) as Ran['records'][0]) };
}

async function runAll(format: Format): Promise<readonly Ran[]> {
  // A document that is refused takes the same way as every other one; the reader's own tests have them all.
  const cases = hostileCases(format).filter(
    ({ expect: { verdict } }, i) => format !== 'json' || verdict !== 'reject' || i % 8 === 0,
  );
  if (cases.length === 0) return [];
  const opened = await openBatchProject(`
    source: { bucket: 'files', prefix: 'in/', suffix: ['.${format}'], format: '${format}' },
    chunk: { records: 2 },
    skipLimit: { percent: 100 },
    process: (record) => Object.entries(record).length > 0 ? [{ ...Object.entries(record) }] : [],
    sinks: [{ object: 'out/{stem}.jsonl', format: 'jsonl' }],
  `);
  project = opened;
  const ran: Ran[] = [];
  for (let i = 0; i < cases.length; i += TOGETHER)
    ran.push(...(await Promise.all(cases.slice(i, i + TOGETHER).map((entry, n) => run(opened, format, entry, i + n)))));
  expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
  const odd = ran.filter(({ error }) => error !== null && error !== 'Fanfold.BadFile');
  expect(odd.map(({ entry, error }) => [entry.id, error])).toEqual([]);
  return ran;
}

/** Nothing was refused and no record was rejected. */
function isWhole({ status, rejected }: Ran): boolean {
  return status === 'SUCCEEDED' && rejected === 0;
}

function idsOf(ran: readonly Ran[]): readonly string[] {
  return ran.map(({ entry }) => entry.id);
}

describe('hostile files in a batch', () => {
  it('of CSV', async () => {
    /** Read by other rules than a batch's own: another delimiter, backslashes, rows of any length, names that come twice. */
    const otherRules = /papaparse|backslash|delim-|ragged|trailing-comma/;
    const own = (await runAll('csv')).filter(({ entry }) => !otherRules.test(entry.id));
    expect(idsOf(own.filter((each) => each.entry.expect.verdict === 'accept' && !isWhole(each)))).toEqual([]);
    for (const { entry, records } of own) {
      const [header, ...rows] = entry.expect.rows ?? [];
      if (!header) continue;
      const wanted = rows.map((row) => Object.entries(Object.fromEntries(row.map((field, i) => [header[i], field]))));
      expect([entry.id, records.map((record) => Object.values(record))]).toEqual([entry.id, wanted]);
    }
  });

  it('with a quote that never ends fails by its line', async () => {
    project = await openBatchProject(`sinks: [{ object: 'out/{file}', columns: ['id'] }]`);
    const { execution } = await project.run('in/a.csv', `id,v\n1,"${'x'.repeat(4 << 20)}`);
    expect(execution).toMatchObject({ status: 'FAILED', error: 'Fanfold.BadFile' });
    expect(execution.cause).toMatch(/line 2.*1048576/);
  });

  it('of JSON Lines', async () => {
    for (const each of await runAll('jsonl')) {
      const { verdict } = each.entry.expect;
      if (verdict !== 'either') expect([each.entry.id, isWhole(each)]).toEqual([each.entry.id, verdict !== 'reject']);
    }
  });

  it('of JSON', async () => {
    for (const each of await runAll('json')) {
      const { entry, status, read, rejected, records } = each;
      const bytes = hostileBytes(entry);
      // What is marked as UTF-16 is decoded.
      if (detectEncoding(bytes).name.startsWith('utf-16')) continue;
      if (entry.expect.verdict === 'reject') expect([entry.id, status]).toEqual([entry.id, 'FAILED']);
      if (entry.expect.verdict !== 'accept') continue;
      const value = JSON.parse(bytes.toString('utf8')) as unknown;
      if (!Array.isArray(value)) {
        expect([entry.id, status]).toEqual([entry.id, 'FAILED']);
        continue;
      }
      const isRecord = (item: unknown): boolean => typeof item === 'object' && item !== null && !Array.isArray(item);
      const others = value.filter((item) => !isRecord(item)).length;
      expect([entry.id, read, rejected]).toEqual([entry.id, value.length, others]);
      const wanted = value.filter(isRecord).map((item) => Object.entries(item as object));
      expect(records.map((record) => Object.values(record))).toEqual(wanted.filter(({ length }) => length > 0));
    }
  });
});
