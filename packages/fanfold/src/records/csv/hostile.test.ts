import { describe, expect, it } from 'vitest';
import { RecordError } from '../record-error.ts';
import { type HostileCase, hostileBytes, hostileCases } from '../../testing/records/hostile.ts';
import { gather, inPieces } from '../../testing/records/streams.ts';
import { windows } from '../text/windows.ts';
import { STEP_FUNCTIONS_CSV } from './dialect.ts';
import { numberNames } from './header.ts';
import { csvCutter, openCsv } from './read.ts';
import type { CsvEntry, CsvOptions } from './types.ts';

/** What the collection says of a file in words. */
const DIALECTS: readonly (readonly [RegExp, CsvOptions])[] = [
  [/delimiter-is-guessed/, { delimiter: ';' }],
  [/pipe/, { delimiter: '|' }],
  [/semicolon/, { delimiter: ';' }],
  [/delim-space/, { delimiter: ' ' }],
  [/delim-tab/, { delimiter: '\t' }],
  [/multi-character-delimiter/, { delimiter: ', ' }],
  [/backslash|delim-|ragged/, STEP_FUNCTIONS_CSV],
  [/trailing-comma/, { unclearNames: 'keep' }],
  [/mixed-slash-n-and-slash-r/, { newline: 'lf' }],
];
const cases = hostileCases('csv').map((entry): [string, HostileCase] => [entry.id, entry]);

function dialectOf({ id, expect: { papaparse } }: HostileCase): CsvOptions {
  const found = DIALECTS.filter(([words]) => words.test(id)).map(([, options]) => options);
  const delimiter = found.map((options) => options.delimiter).find((text) => text !== undefined);
  const own = Object.assign({}, ...found, delimiter === undefined ? {} : { delimiter }) as CsvOptions;
  if (!papaparse) return own;
  const blankLines = papaparse.config.skipEmptyLines === undefined ? 'keep' : 'skip';
  return { ...own, quotes: 'lenient', blankLines };
}

interface Outcome {
  readonly rows: readonly (readonly string[])[];
  readonly rejects: number;
  readonly error?: RecordError;
}

/** The file with its header as the first row. */
async function withHeader(bytes: Buffer, size: number, options: CsvOptions): Promise<Outcome> {
  try {
    const { header, batches } = await openCsv(inPieces(bytes, size), { windowBytes: size, ...options });
    const entries = await gather(batches);
    return { ...outcome(entries), rows: [header, ...outcome(entries).rows] };
  } catch (error) {
    expect(error).toBeInstanceOf(RecordError);
    return { rows: [], rejects: 0, error: error as RecordError };
  }
}

/** The file as rows, of any number of fields. */
async function asRows(bytes: Buffer, size: number, options: CsvOptions): Promise<Outcome> {
  const cutter = csvCutter({ onLostRecord: 'reject', ...options });
  const entries: CsvEntry[] = [];
  for await (const window of windows(inPieces(bytes, size), size)) {
    cutter.feed(window.bytes, window.last);
    entries.push(...cutter.cut());
  }
  return outcome(entries);
}

function outcome(entries: readonly CsvEntry[]): Outcome {
  const rows = entries.flatMap((entry) => (entry.kind === 'record' ? [entry.fields] : []));
  return { rows, rejects: entries.length - rows.length };
}

/** A final line ending is none of the rows here; PapaParse gives it one, and its greedy mode drops blank rows. */
function comparable(rows: readonly (readonly string[])[], isGreedy: boolean): readonly (readonly string[])[] {
  const kept = isGreedy ? rows.filter((row) => row.some((field) => field.trim() !== '')) : rows;
  return kept.slice(0, kept.findLastIndex((row) => row.length > 1 || row[0] !== '') + 1);
}

describe('hostile CSV', () => {
  it.each(cases)('%s', async (id, entry) => {
    const bytes = hostileBytes(entry);
    const { verdict, rows, papaparse } = entry.expect;
    const options = dialectOf(entry);
    for (const size of [1, 2, 3, 17, 100_000]) {
      const found = papaparse ? await asRows(bytes, size, options) : await withHeader(bytes, size, options);
      if (verdict === 'accept') {
        expect(found).toMatchObject({ rejects: 0 });
        expect(found.error).toBeUndefined();
      }
      if (rows) expect(found.rows).toEqual(rows);
      if (papaparse && verdict === 'accept') {
        const isGreedy = papaparse.config.skipEmptyLines === 'greedy';
        const wanted = papaparse.data.map((row) => (Array.isArray(row) ? row : Object.values(row)) as string[]);
        const [header = [], ...others] = found.rows;
        const isNamed = papaparse.config.header === true;
        const own = isNamed && Array.isArray(papaparse.data[0]) ? [numberNames(header), ...others] : found.rows;
        const from = isNamed && !Array.isArray(papaparse.data[0]) ? 1 : 0;
        expect(comparable(own.slice(from), isGreedy)).toEqual(comparable(wanted, isGreedy));
      }
      // What cannot be read is never shown as something else.
      if (!bytes.toString('latin1').includes('\xef\xbf\xbd'))
        expect(JSON.stringify(found.rows)).not.toContain('\ufffd');
      if (id.includes('utf8-split-across-chunks')) expect(found.rows).toHaveLength(401);
    }
  });
});
