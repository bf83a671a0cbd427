import { parse } from 'csv-parse/sync';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatCsvRecord, openCsv, RecordError, readCsv } from '../index.ts';
import type { CsvEntry, CsvOptions } from './types.ts';

async function* bytes(...parts: readonly (string | Uint8Array)[]): AsyncGenerator<Uint8Array> {
  for (const part of parts) yield typeof part === 'string' ? Buffer.from(part) : part;
}

async function* inPieces(text: Buffer, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < text.length; at += size) yield text.subarray(at, at + size);
}

async function read(source: AsyncIterable<Uint8Array>, options?: CsvOptions): Promise<CsvEntry[]> {
  const entries: CsvEntry[] = [];
  for await (const batch of readCsv(source, options)) entries.push(...batch);
  return entries;
}

/** What an entry says in one line: `2: a|b` or `3! TooFewFields`. */
function brief(entries: readonly CsvEntry[]): string[] {
  return entries.map((entry) =>
    entry.kind === 'record' ? `${entry.line}: ${entry.fields.join('|')}` : `${entry.line}! ${entry.code}`,
  );
}

async function failure(source: AsyncIterable<Uint8Array>, options?: CsvOptions): Promise<RecordError> {
  const error: unknown = await read(source, options).then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(RecordError);
  return error as RecordError;
}

describe('readCsv', () => {
  it.each([
    ['LF', 'a,b\n1,2\n3,4\n', ['2: 1|2', '3: 3|4']],
    ['CRLF', 'a,b\r\n1,2\r\n3,4\r\n', ['2: 1|2', '3: 3|4']],
    ['both by turns', 'a,b\n1,2\r\n3,4\n5,6', ['2: 1|2', '3: 3|4', '4: 5|6']],
    ['a byte order mark', '\ufeffa,b\n1,2', ['2: 1|2']],
    ['a byte order mark before a quote', '\ufeff"a",b\n1,2', ['2: 1|2']],
    ['quoted newlines count as lines', 'a,b\n"x\ny\r\nz",2\n3,4', ['2: x\ny\r\nz|2', '5: 3|4']],
    ['quoted delimiters', 'a,b\n"1,2",3', ['2: 1,2|3']],
    ['doubled quotes', 'a,b\n"say ""hi""",""\n"""",""""""', ['2: say "hi"|', '3: "|""']],
    ['blank lines', '\n\r\na,b\n\n1,2\n\r\n\n3,4\n\n', ['5: 1|2', '8: 3|4']],
    ['header only', 'a,b', []],
    ['numbers stay text', 'a,b\n007,1e5\n', ['2: 007|1e5']],
    ['NUL is text', 'a,b\nx\0y,2\n', ['2: x\0y|2']],
    ['CR alone, and all by turns', 'a,b\r1,2\r\r3,"4\r5"\n6,7\r\n8,9\r', ['2: 1|2', '4: 3|4\r5', '6: 6|7', '7: 8|9']],
    ['one column', 'a\n1\n""\n2', ['2: 1', '3: ', '4: 2']],
    ['other scripts', 'naïve,b\né,ü\n"ñ\nx",日本', ['2: é|ü', '3: ñ\nx|日本']],
    ['__proto__ is a name like any other', '__proto__,b\n1,2', ['2: 1|2']],
  ])('reads %s', async (_, text, expected) => {
    for (const size of [1, 2, 3, 1000])
      expect(brief(await read(inPieces(Buffer.from(text), size), { windowBytes: size }))).toEqual(expected);
  });

  it.each([
    ['too few fields', 'a,b\n1\n3,4', ['2! TooFewFields', '3: 3|4']],
    ['too many fields', 'a,b\n1,2,3\n3,4', ['2! TooManyFields', '3: 3|4']],
    ['a quote inside an unquoted field', 'a,b\n1,x"y\n3,4', ['2! QuoteInField', '3: 3|4']],
    ['two of them', 'a,b\n1",x"y\n"3\n",4', ['2! QuoteInField', '3: 3\n|4']],
    ['text after a closing quote', 'a,b\n"1"x,2\n3,4', ['2! TextAfterQuote', '3: 3|4']],
    ['text after a quoted newline', 'a,b\n"1\n"x,2\n3,4', ['2! TextAfterQuote', '4: 3|4']],
  ])('makes a reject of %s and goes on', async (_, text, expected) => {
    for (const size of [1, 2, 1000])
      expect(brief(await read(inPieces(Buffer.from(text), size), { windowBytes: size }))).toEqual(expected);
  });

  it('says of a reject where it is, what it was and why', async () => {
    expect(await read(bytes('a,b\r\n1,2\r\n"é",x,y\r\n'))).toEqual([
      { kind: 'record', fields: ['1', '2'], quotedEmpty: [], line: 2, byteOffset: 5, byteLength: 3 },
      {
        kind: 'reject',
        code: 'TooManyFields',
        reason: 'The record has 3 fields, the header 2 fields.',
        line: 3,
        byteOffset: 10,
        byteLength: 8,
        raw: '"é",x,y',
      },
    ]);
  });

  it('rejects what is not UTF-8 instead of replacing it', async () => {
    const file = [Buffer.from('a,b\né,1\n'), Buffer.from([0xe9, 0x2c, 0x32, 0x0a]), Buffer.from('3,4\n')];
    expect(brief(await read(bytes(...file)))).toEqual(['2: é|1', '3! InvalidEncoding', '4: 3|4']);
  });

  it.each([
    ['EmptyFile', ''],
    ['EmptyFile', '\ufeff\n\r\n\n'],
    ['UnterminatedQuote', 'a,b\n1,2\n3,"4\n5,6\n'],
    ['UnterminatedQuote', 'a,"b\n1,2\n'],
    ['BrokenHeader', 'a,b"c\n1,2'],
    ['DuplicateHeaderName', 'a,b,a\n'],
    ['BlankHeaderName', 'a,,b\n'],
  ])('fails with %s as a whole for %j', async (code, text) => {
    for (const size of [1, 1000])
      expect((await failure(inPieces(Buffer.from(text), size), { windowBytes: size })).code).toBe(code);
  });

  it('names the line on which a quote was opened that is never closed', async () => {
    const error = await failure(bytes('a,b\n1,2\n"3\n3",\n"x\ny","4\n5,6\n'));
    expect(error.line).toBe(6);
    expect(error.message).toContain('opened in line 6');
    expect(error.message).toContain('starts in line 5');
  });

  it('names a header name that is there twice', async () => {
    expect((await failure(bytes('a,b,a\n'))).message).toContain('"a" twice, as columns 1 and 3');
  });

  it('bounds what a record may take', async () => {
    const options = { maxRecordBytes: 50, windowBytes: 16 };
    const long = 'x'.repeat(60);
    expect((await failure(bytes(`a,b\n1,${long}\n`), options)).code).toBe('RecordTooLarge');
    const open = await failure(bytes(`a,b\n1,2\n3,"${`${long}\n`.repeat(1000)}`), options);
    expect([open.code, open.message.includes('opened in line 3')]).toEqual(['RecordTooLarge', true]);
    expect(await read(bytes(`a,b\n1,${'x'.repeat(48)}\n`), options)).toHaveLength(1);
  });

  it('checks the header against a list or by a check', async () => {
    const wrong = await failure(bytes('a;b\n1;2'), { expectedHeader: ['a', 'b'] });
    expect([wrong.code, wrong.message.includes('"a;b"')]).toEqual(['WrongHeader', true]);
    const check = await failure(bytes('a,b\n'), { expectedHeader: () => 'it has no c.' });
    expect(check.message).toBe('The header in line 1 is wrong: it has no c.');
    expect(await read(bytes('a,b\n1,2'), { expectedHeader: ['a', 'b'] })).toHaveLength(1);
  });

  it('reads a file without a header when the columns are given', async () => {
    expect(brief(await read(bytes('1,2\n3\n'), { header: ['a', 'b'] }))).toEqual(['1: 1|2', '2! TooFewFields']);
    expect(await read(bytes(), { header: ['a'] })).toEqual([]);
  });

  it.each(['', ',\n', '"', '\n', '\ud800'])('refuses the delimiter %j', async (delimiter) => {
    expect((await failure(bytes('a,b'), { delimiter })).code).toBe('BadOption');
  });

  it('closes its source when the reader is left early', async () => {
    let closed = false;
    async function* source(): AsyncGenerator<Uint8Array> {
      try {
        for (;;) yield Buffer.from('a,b\n');
      } finally {
        closed = true;
      }
    }
    const reader = await openCsv(source(), { windowBytes: 8 });
    expect(reader.header).toEqual(['a', 'b']);
    await reader.batches.return();
    expect(closed).toBe(true);
  });
});

describe('readCsv against csv-parse', () => {
  const field = fc.oneof(
    fc.string({ unit: fc.constantFrom('a', '1', ' ', ',', ';', '"', '\n', '\r\n', 'é', '日', '\ufeff'), maxLength: 6 }),
    fc.string({ unit: 'binary', maxLength: 4 }).filter((text) => text.isWellFormed()),
  );
  const rows = (columns: number): fc.Arbitrary<string[][]> =>
    fc.array(fc.array(field, { minLength: columns, maxLength: columns }), { maxLength: 8 });
  const format = fc.record({
    delimiter: fc.constantFrom(',', ';', '\t', '|'),
    quote: fc.constantFrom('all' as const, 'needed' as const),
  });
  const newline = fc.constantFrom('\n' as const, '\r\n' as const);

  it('reads back what formatCsvRecord wrote, cut anywhere', async () => {
    const file = fc.integer({ min: 1, max: 4 }).chain((columns) => fc.tuple(fc.constant(columns), rows(columns)));
    const arbitrary = fc.tuple(
      file,
      format,
      fc.array(newline, { minLength: 9, maxLength: 9 }),
      fc.boolean(),
      fc.boolean(),
    );
    await fc.assert(
      fc.asyncProperty(arbitrary, async ([[columns, records], style, newlines, bom, trim]) => {
        const header = Array.from({ length: columns }, (_, index) => `c${index}`);
        const lines = [header, ...records].map((fields, index) =>
          formatCsvRecord(fields, { ...style, newline: newlines[index] ?? '\n' }),
        );
        const joined = (bom ? '\ufeff' : '') + lines.join('');
        const text = Buffer.from(trim ? joined.replace(/\r?\n$/, '') : joined);
        const oracle = parse(text, {
          bom: true,
          delimiter: style.delimiter,
          record_delimiter: ['\n', '\r\n', '\r'],
          from: 2,
        });
        expect(oracle).toEqual(records);
        for (let size = 1; size <= Math.min(text.length, 40); size++) {
          const options = { delimiter: style.delimiter, windowBytes: size };
          const entries = await read(inPieces(text, size), options);
          expect(entries.map((entry) => entry.kind === 'record' && entry.fields)).toEqual(records);
          for (const entry of entries) {
            const own = text.subarray(entry.byteOffset, entry.byteOffset + entry.byteLength);
            const [again] = await read(bytes(own), { delimiter: style.delimiter, header });
            expect(again).toMatchObject({ kind: 'record', fields: entry.kind === 'record' ? entry.fields : [] });
            const lineOf = text
              .subarray(0, entry.byteOffset)
              .toString('latin1')
              .split(/\r\n|\n|\r/).length;
            expect(entry.line).toBe(lineOf);
          }
        }
      }),
      { numRuns: 60 },
    );
  });

  it('of any text gives the records csv-parse gives, or a reject, or an error', async () => {
    const soup = fc.array(
      fc.constantFrom('a', 'b', ',', '"', '""', '\n', '\r\n', '\r', ' ', 'é', '",', '"\n', 'x,y\n'),
      {
        maxLength: 24,
      },
    );
    await fc.assert(
      fc.asyncProperty(soup, fc.integer({ min: 1, max: 8 }), async (parts, size) => {
        const text = Buffer.from(`h,k\n${parts.join('')}`);
        const ours = await read(inPieces(text, size), { windowBytes: size }).catch((error: RecordError) => error.code);
        expect(ours).toEqual(await read(bytes(text)).catch((error: RecordError) => error.code));
        let theirs: string[][] | undefined;
        try {
          theirs = parse(text, { record_delimiter: ['\n', '\r\n', '\r'], skip_empty_lines: true, from: 2 });
        } catch {
          theirs = undefined;
        }
        if (theirs === undefined) {
          const clean = typeof ours !== 'string' && ours.every((entry) => entry.kind === 'record');
          expect(clean).toBe(false);
        } else {
          expect(
            typeof ours === 'string' ? ours : ours.map((entry) => (entry.kind === 'record' ? entry.fields : entry.raw)),
          ).toEqual(theirs);
        }
      }),
      { numRuns: 2000 },
    );
  });
});
