import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { JsonEntry, JsonOptions } from '../json/types.ts';
import { type HostileCase, hostileBytes, hostileCases } from '../../testing/records/hostile.ts';
import { gather, inPieces } from '../../testing/records/streams.ts';
import { readJsonLines } from './read.ts';

const read = async (bytes: Buffer | string, size = 1000, options: JsonOptions = {}): Promise<JsonEntry[]> =>
  gather(readJsonLines(inPieces(bytes, size), { windowBytes: size, ...options }));

/** What an entry says in one line: `2: {"a":1}` or `3! InvalidJson`. */
const brief = (entries: readonly JsonEntry[]): string[] =>
  entries.map((entry) => `${entry.line}${entry.kind === 'record' ? `: ${entry.text}` : `! ${entry.code}`}`);

describe('readJsonLines', () => {
  it.each([
    ['lines', '{"a":1}\n2\n"x"\n', ['1: {"a":1}', '2: 2', '3: "x"']],
    ['no final newline', '1\n2', ['1: 1', '2: 2']],
    ['CRLF', '1\r\n{"a":1}\r\n', ['1: 1', '2: {"a":1}']],
    ['blank lines', '\n 1 \n\r\n \t\n2\n\n', ['2: 1', '5: 2']],
    ['a byte order mark', '\ufeff{"a":1}\n2', ['1: {"a":1}', '2: 2']],
    ['line separators inside a string', '"a\u2028b"\n2', ['1: "a\u2028b"', '2: 2']],
    ['an empty file', '', []],
    [
      'broken lines',
      '{"a":1\n2 3\n4\nnull\n"x',
      ['1! InvalidJson', '2! InvalidJson', '3: 4', '4: null', '5! InvalidJson'],
    ],
    ['a byte order mark further on', '1\n\ufeff2\n3', ['1: 1', '2! InvalidJson', '3: 3']],
  ])('reads %s', async (_, text, expected) => {
    for (const size of [1, 2, 3, 1000]) expect(brief(await read(text, size))).toEqual(expected);
  });

  it('loses no number that is beyond a double', async () => {
    expect(await read('{"a":1e400}\n')).toMatchObject([{ value: { a: 'Infinity' }, text: '{"a":1e400}' }]);
  });

  it('says of each line where it is, in bytes', async () => {
    expect(await read('\ufeff"é"\r\n\n  {"a":\t1}\nx\n')).toEqual([
      { kind: 'record', value: 'é', text: '"é"', line: 1, byteOffset: 3, byteLength: 4 },
      { kind: 'record', value: { a: 1 }, text: '{"a":\t1}', line: 3, byteOffset: 10, byteLength: 10 },
      {
        kind: 'reject',
        code: 'InvalidJson',
        reason: expect.stringContaining('The line is not JSON'),
        raw: 'x',
        line: 4,
        byteOffset: 21,
        byteLength: 1,
      },
    ]);
  });

  it('keeps __proto__ as a name like any other', async () => {
    const [entry] = await read('{"__proto__":{"polluted":1}}');
    expect(Object.keys((entry as { value: object }).value)).toEqual(['__proto__']);
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
  });

  it('rejects what is not UTF-8 instead of replacing it', async () => {
    const bytes = Buffer.concat([Buffer.from('1\n"'), Buffer.from([0xe9]), Buffer.from('"\n3\n')]);
    expect(brief(await read(bytes))).toEqual(['1: 1', '2! InvalidEncoding', '3: 3']);
    expect(brief(await read(bytes, 7, { encoding: 'latin1' }))).toEqual(['1: 1', '2: "é"', '3: 3']);
  });

  it.each([['utf-16le' as const], ['utf-16be' as const]])('reads %s, by its mark and by name', async (encoding) => {
    const marked = Buffer.from('\ufeff"é"\r\n\n{"日本":1}', 'utf16le');
    const plain = Buffer.from(marked.subarray(2));
    if (encoding === 'utf-16be') [marked, plain].forEach((bytes) => bytes.swap16());
    for (const size of [1, 2, 3, 1000]) {
      expect(brief(await read(marked, size))).toEqual(['1: "é"', '3: {"日本":1}']);
      const entries = await read(plain, size, { encoding });
      expect(entries.map(({ byteOffset, byteLength }) => [byteOffset, byteLength])).toEqual([
        [0, 6],
        [12, 16],
      ]);
    }
    const cut = await read(plain.subarray(0, -1), 5, { encoding });
    expect(brief(cut)).toEqual(['1: "é"', '3! InvalidEncoding']);
  });

  it('lets go of a line that is too large, and goes on behind it', async () => {
    const long = `"${'é'.repeat(5000)}"`;
    const expected = { code: 'RecordTooLarge', line: 2, byteOffset: 2, byteLength: 10_002 };
    for (const size of [1, 64, 100_000])
      expect(await read(`1\n${long}\n3`, size, { maxRecordBytes: 100 })).toMatchObject([
        { value: 1 },
        expected,
        { value: 3, line: 3, byteOffset: 10_005 },
      ]);
    expect(await read(`1\n${long}`, 64, { maxRecordBytes: 100 })).toMatchObject([{ value: 1 }, expected]);
  });

  it('does not hold a line that is too large', async () => {
    const piece = Buffer.alloc(1 << 20, 'x');
    async function* endless(): AsyncGenerator<Uint8Array> {
      for (let i = 0; i < 300; i++) yield piece;
    }
    const before = process.memoryUsage().arrayBuffers;
    let most = 0;
    async function* watched(): AsyncGenerator<Uint8Array> {
      for await (const bytes of endless()) {
        most = Math.max(most, process.memoryUsage().arrayBuffers - before);
        yield bytes;
      }
    }
    const entries = await gather(readJsonLines(watched()));
    expect(entries).toMatchObject([{ code: 'RecordTooLarge', byteLength: 300 << 20 }]);
    expect(most).toBeLessThan(150 << 20);
  });

  it('gives the same for any pieces', async () => {
    const line = fc.oneof(
      fc.json({ noUnicodeString: false } as object),
      fc.constantFrom('', ' ', '{', '"x', '\r', '{"a":1}\r', 'nul', '\u2028'),
    );
    await fc.assert(
      fc.asyncProperty(
        fc.array(line),
        fc.integer({ min: 1, max: 40 }),
        fc.integer({ min: 1, max: 40 }),
        async (lines, size, windowBytes) => {
          const text = lines.join('\n');
          const options = { maxRecordBytes: 30 };
          expect(await read(text, size, { ...options, windowBytes })).toEqual(await read(text, 1e6, options));
          for (const entry of await read(text, size)) {
            const part = Buffer.from(text)
              .subarray(entry.byteOffset, entry.byteOffset + entry.byteLength)
              .toString();
            expect(part.trim()).toBe((entry.kind === 'record' ? entry.text : entry.raw).trim());
          }
        },
      ),
    );
  });
});

describe('hostile JSON Lines', () => {
  it.each(hostileCases('jsonl').map((entry): [string, HostileCase] => [entry.id, entry]))('%s', async (id, entry) => {
    const entries = await read(hostileBytes(entry), 5);
    const rejects = entries.filter(({ kind }) => kind === 'reject').length;
    if (entry.expect.verdict === 'accept') expect(rejects).toBe(0);
    if (entry.expect.verdict === 'reject') expect(rejects).toBeGreaterThan(0);
    if (/ok|no-final-nl|u2028/.test(id)) expect(entries).toHaveLength(2);
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
  });
});
