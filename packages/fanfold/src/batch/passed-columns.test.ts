import fc from 'fast-check';
import { expect, it } from 'vitest';
import { type BuiltColumn, PlainRecord, readCsv } from '../records/index.ts';
import { gather, inPieces } from '../testing/records/streams.ts';
import { createByteWriter } from './byte-writer.ts';
import { keepPassed, passedColumns } from './passed-columns.ts';
import type { SinkSettings } from './settings.ts';
import { formatOf } from './sink-format.ts';

const HEADER = ['id', 'name', 'mail', 'count', 'note', 'constructor', 'last'];
const BUILD: readonly BuiltColumn[] = HEADER.map((name, index) => ({
  index,
  name,
  ...(name === 'count' && { as: 'integer' }),
}));
const sinkOf = (columns: readonly string[]): SinkSettings => ({
  kind: 'object',
  object: 'out.csv',
  bucket: 'b',
  format: 'csv',
  columns,
  gzip: false,
});

it.each([
  ['those that are next to each other in both', ['id', 'name', 'mail', 'last'], ['id name mail at 0 of 0']],
  ['not those in another order', ['name', 'id', 'note', 'mail'], []],
  ['not numbers, nor names that objects have', ['mail', 'count', 'note', 'constructor', 'last'], []],
  ['more than once', ['id', 'name', 'x', 'id', 'name'], ['id name at 0 of 0', 'id name at 3 of 0']],
  ['not beyond the last', ['last', 'other'], []],
])('passes on %s', (_, columns, expected) => {
  const passed = passedColumns(columns, BUILD);
  expect(passed.map(({ names, at, field }) => `${names.join(' ')} at ${at} of ${field}`)).toEqual(expected);
});

it('comes to the same bytes, whatever was changed', async () => {
  const text = fc.oneof(fc.stringMatching(/^[a-z ]{0,12}$/), fc.constantFrom('"quoted, twice"', 'é', '', '=1', "'"));
  const change = fc.constantFrom(
    (value: unknown) => value,
    (value: unknown) => value,
    (value: unknown) => `${String(value)}!`,
    () => 'a "quote", and more',
    () => undefined,
    () => 7,
  );
  const line = fc
    .tuple(text, text, text, fc.integer({ min: -9, max: 999 }), text, text, text)
    .map((cells) => cells.join(','));
  await fc.assert(
    fc.asyncProperty(
      fc.array(line, { minLength: 1, maxLength: 20 }),
      fc.shuffledSubarray(HEADER, { minLength: 2 }),
      fc.boolean(),
      fc.array(fc.tuple(fc.constantFrom(...HEADER), change), { maxLength: 3 }),
      async (lines, shuffled, inOrder, changes) => {
        const columns = inOrder ? HEADER.filter((name) => shuffled.includes(name)) : shuffled;
        const sink = sinkOf(columns);
        const build = keepPassed(BUILD, [sink]);
        const entries = await gather(readCsv(inPieces(`${lines.join('\n')}\n`, 50), { header: HEADER, build }));
        const format = formatOf(sink, { tables: new Map(), build: BUILD });
        const plain = formatOf(sink, { tables: new Map() });
        for (const entry of entries) {
          if (!(entry instanceof PlainRecord)) continue;
          // Changed in place, as a `process` may.
          const output = entry.built as Record<string, unknown>;
          for (const [name, made] of changes) output[name] = made(output[name]);
          const [passed, written] = [createByteWriter(), createByteWriter()];
          passed.text('before');
          format(output, passed, entry);
          plain(output, written);
          expect(passed.bytes().toString()).toBe(`before${written.bytes().toString()}`);
          passed.release();
          written.release();
        }
      },
    ),
  );
});

it('keeps no texts of files with other delimiters or quotes', async () => {
  const build = keepPassed(BUILD, [sinkOf(['id', 'name'])]);
  for (const [text, dialect] of [
    ['a,b;c;d;1;e;f;g\n', { delimiter: ';' }],
    ['"a,b,c,1,e,f,g\n', { quote: null }],
  ] as const) {
    const [entry] = await gather(readCsv(inPieces(text, 50), { header: HEADER, build, ...dialect }));
    expect((entry as PlainRecord).built).toBeDefined();
    expect((entry as PlainRecord).kept).toBeUndefined();
  }
  const [entry] = await gather(readCsv(inPieces('a,b,c,1,e,f,g\n', 50), { header: HEADER, build }));
  expect((entry as PlainRecord).kept).toEqual({ id: 'a', name: 'b' });
});
