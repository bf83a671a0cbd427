import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { csvFile, expectAsOracle, expectOtherWays, expectPlaces, readFile } from '../../testing/records/csv-files.ts';
import { failureOf, gather, inPieces } from '../../testing/records/streams.ts';
import { STEP_FUNCTIONS_CSV } from './dialect.ts';
import { openCsv, readCsv } from './read.ts';
import type { CsvEntry, CsvOptions } from './types.ts';

const SIZES = [1, 2, 3, 1000];

async function read(text: string | Buffer, options: CsvOptions, size = 1000): Promise<CsvEntry[]> {
  return gather(readCsv(inPieces(text, size), { windowBytes: size, ...options }));
}

const brief = (entries: readonly CsvEntry[]): string[] =>
  entries.map((entry) =>
    entry.kind === 'record' ? `${entry.line}: ${entry.fields.join('|')}` : `${entry.line}! ${entry.code}`,
  );

describe('dialects', () => {
  it.each<[string, CsvOptions, string, string[]]>([
    ['another delimiter', { delimiter: 'é' }, 'aébé\n1é"é"é3\n'.replaceAll('bé\n', 'béc\n'), ['2: 1|é|3']],
    ['a longer delimiter', { delimiter: '::' }, 'a::b\n1:::2\n"::"::3\n', ['2: 1|:2', '3: ::|3']],
    ['another quote', { quote: "'" }, "a,b\n'1,''',\"2\n", ['2: 1,\'|"2']],
    ['no quote', { quote: null }, 'a,b\n"1,2"\n', ['2: "1|2"']],
    ['CR as text', { newline: 'lf' }, 'a,b\r\n1\r,2\r\n"3\r",4\n', ['2: 1\r|2', '3: 3\r|4']],
    ['comments', { comment: '#' }, '#x\na,b\n#1,"2\n1,#2\n"#3",4\n#', ['4: 1|#2', '5: #3|4']],
    ['lines to skip', { skipLines: 2 }, 'Report "1\n\na,b\n1,2\n', ['4: 1|2']],
    ['blank lines that count', { blankLines: 'keep' }, 'a\n\n1\n\n', ['2: ', '3: 1', '4: ']],
    [
      'filled records',
      { missingFields: 'fill' },
      'a,b,c\n1\n1,2,3\n1,2,3,4\n',
      ['2: 1||', '3: 1|2|3', '4! TooManyFields'],
    ],
    ['cut records', { extraFields: 'drop' }, 'a,b\n1\n1,2,3\n', ['2! TooFewFields', '3: 1|2']],
    ['lenient quotes', { quotes: 'lenient' }, 'a,b\nx"y","1" \n"1"x,2\n', ['2: x"y"|1', '3! TextAfterQuote']],
    [
      'an escape',
      { escape: '\\' },
      'a,b\n\\a\\,\\\\,"\\"1\\\n"\n"x""\\",2\n',
      ['2: a,\\|"1\n', '4! UnterminatedQuote'],
    ],
    ['an escape before a line ending', { escape: '\\' }, 'a,b\n1,2\\\r\n3,4\\', ['2: 1|2', '3: 3|4']],
    [
      'what Step Functions reads',
      STEP_FUNCTIONS_CSV,
      'a,b\n1\n"x\\"y""",2,3\nC:\\\\d,\\"\n',
      ['2: 1|', '3: x"y"|2', '4: C:\\d|"'],
    ],
  ])('reads %s', async (_, options, text, expected) => {
    for (const size of SIZES)
      expect(brief(await read(text, { onLostRecord: 'reject', ...options }, size))).toEqual(expected);
  });

  it('tells an empty field from one that is empty in quotes', async () => {
    const entries = await read('a,b,c\n,"",\n1,2,3\n"","",""\n', {});
    expect(entries.map((entry) => entry.kind === 'record' && entry.quotedEmpty)).toEqual([[1], [], [0, 1, 2]]);
  });

  it.each([
    ['a,a,a,a_1\n', ['a', 'a_2', 'a_3', 'a_1']],
    ['__proto__,__proto__,,column_3, \n', ['__proto__', '__proto___1', 'column_3_1', 'column_3', 'column_5']],
    ['10,2,x\n', ['10', '2', 'x']],
  ])('numbers the names of %j', async (text, expected) => {
    const { header } = await openCsv(inPieces(text, 3), { unclearNames: 'number' });
    expect(header).toEqual(expected);
  });

  it.each([
    ['utf-16le', 'utf-16le'],
    ['utf-16be', 'utf-16be'],
  ] as const)('knows %s by its mark', async (_, encoding) => {
    const bytes = Buffer.from('\ufeffa,b\r\n日,"é\n"\r\nx,\ud800\r\n1,2\n', 'utf16le');
    if (encoding === 'utf-16be') bytes.swap16();
    for (const size of SIZES) {
      const entries = await read(bytes, {}, size);
      expect(brief(entries)).toEqual(['2: 日|é\n', '4! InvalidEncoding', '5: 1|2']);
      expect(entries.map(({ byteOffset }) => byteOffset)).toEqual([12, 28, 38]);
    }
    expect(brief(await read(bytes.subarray(0, -1), {}))).toEqual([
      '2: 日|é\n',
      '4! InvalidEncoding',
      '5! InvalidEncoding',
    ]);
  });

  it('takes UTF-16 without a mark by name only, and says so', async () => {
    const bytes = Buffer.from('a,b\n1,2\n', 'utf16le');
    expect(brief(await read(bytes, { encoding: 'utf-16le' }))).toEqual(['2: 1|2']);
    expect(await failureOf(read(bytes, {}))).toMatchObject({
      code: 'BrokenHeader',
      message: expect.stringContaining('utf-16le'),
    });
  });

  it('reads Latin-1 and Windows-1252', async () => {
    const bytes = Buffer.concat([Buffer.from('a;b\n'), Buffer.from([0xe9, 0xa7, 0x80, 0xe9, 0x0a])]);
    expect(brief(await read(bytes, { encoding: 'latin1', delimiter: '§', header: ['a', 'b'] }))[1]).toBe('2: é|\x80é');
    expect(brief(await read(bytes, { encoding: 'windows-1252', delimiter: '§', header: ['a', 'b'] }))[1]).toBe(
      '2: é|€é',
    );
    expect(brief(await read(bytes, { delimiter: ';' }))).toEqual(['2! InvalidEncoding']);
  });

  it.each<[string, CsvOptions]>([
    ['a delimiter the encoding does not have', { delimiter: '日', encoding: 'latin1' }],
    ['a delimiter that is the quote', { delimiter: "'", quote: "'" }],
    ['a quote of two characters', { quote: '""' }],
    ['an empty comment', { comment: '' }],
    ['lines to skip below 0', { skipLines: -1 }],
    ['an encoding that is not known', { encoding: 'ebcdic' as 'latin1' }],
    ['a part of a file without a header', { start: { line: 2, byteOffset: 9 } }],
  ])('refuses %s', async (_, options) => {
    expect(await failureOf(read('a,b\n1,2\n', options))).toMatchObject({ code: 'BadOption' });
  });
});

describe('records whose end is lost', () => {
  const long = 'é'.repeat(3000);

  it.each([
    ['plain', `1,${long}`, 'RecordTooLarge', 1],
    ['quoted', `1,"${long}\r\n""\r${long}\n"`, 'RecordTooLarge', 4],
    ['quoted, with delimiters', `1,"${long}",",\n",${long}`, 'RecordTooLarge', 2],
  ])('lets go of a record that is too large and goes on: %s', async (_, record, code, lines) => {
    const text = `a,b\n0,0\n${record}\n2,2\n`;
    for (const size of [1, 7, 64, 100_000]) {
      const entries = await read(text, { onLostRecord: 'reject', maxRecordBytes: 50 }, size);
      expect(entries).toMatchObject([
        { fields: ['0', '0'] },
        { code, line: 3, byteOffset: 8, byteLength: Buffer.byteLength(record) },
        { fields: ['2', '2'], line: 3 + lines, byteOffset: 9 + Buffer.byteLength(record) },
      ]);
    }
    expect(await failureOf(read(text, { maxRecordBytes: 50 }, 64))).toMatchObject({ code: 'RecordTooLarge', line: 3 });
  });

  it('makes one reject of a quote that is never closed, with all it took', async () => {
    const rest = '1,"2\n3,4\n5,6\n';
    for (const size of SIZES)
      for (const maxRecordBytes of [5, 1000])
        expect(await read(`a,b\n0,0\n${rest}`, { onLostRecord: 'reject', maxRecordBytes }, size)).toMatchObject([
          { fields: ['0', '0'] },
          { code: 'UnterminatedQuote', line: 3, byteOffset: 8, byteLength: rest.length },
        ]);
  });

  it('does not hold a line without an end', async () => {
    const piece = Buffer.alloc(1 << 20, 'x,');
    const before = process.memoryUsage().arrayBuffers;
    let most = 0;
    async function* source(): AsyncGenerator<Uint8Array> {
      yield Buffer.from('a,b\n1,"');
      for (let i = 0; i < 300; i++) {
        most = Math.max(most, process.memoryUsage().arrayBuffers - before);
        yield piece;
      }
    }
    const entries = await gather(readCsv(source(), { onLostRecord: 'reject' }));
    expect(entries).toMatchObject([{ code: 'UnterminatedQuote', byteLength: (300 << 20) + 3 }]);
    expect(most).toBeLessThan(150 << 20);
    expect(await failureOf(gather(readCsv(source())))).toMatchObject({ code: 'RecordTooLarge', line: 2 });
  });
});

describe('generated files', () => {
  it('are read as csv-parse reads them, or have a reject; from any pieces', async () => {
    await fc.assert(
      fc.asyncProperty(
        csvFile,
        fc.integer({ min: 1, max: 20 }),
        fc.integer({ min: 1, max: 20 }),
        async (file, size, window) => {
          const found = await readFile(file, 1_000_000);
          expectAsOracle(file, found);
          await expectOtherWays(file, found, window);
          expectPlaces(file, found);
          expect(await readFile(file, size, window)).toEqual(found);
        },
      ),
      { numRuns: 4000 },
    );
  });
});

// The time is what no machine needs for its length, and none has for its square.
it('takes the length of a record with escapes or without, not its square', { timeout: 60_000 }, async () => {
  const many = 800_000;
  for (const field of ['""', '"\\""', '\\,']) {
    const text = `a\n${`${field},`.repeat(many)}\n`;
    const [record] = await read(text, { ...STEP_FUNCTIONS_CSV, maxRecordBytes: text.length }, 65_536);
    expect(record).toBeDefined();
  }
});
