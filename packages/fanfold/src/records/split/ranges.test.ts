import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { gather, inPieces } from '../../testing/records/streams.ts';
import { openCsv, openCsvPlaces, readCsv } from '../csv/read.ts';
import { readJsonLinePlaces, readJsonLines } from '../jsonl/read.ts';
import { gatherRanges, type RecordRange } from './ranges.ts';

async function rangesOf(text: Buffer, limits: { records: number; bytes: number }): Promise<readonly RecordRange[]> {
  const { batches } = await openCsvPlaces(inPieces(text, 7), { onLostRecord: 'reject' });
  return (await gatherRanges(batches, limits, text.length)).ranges;
}

describe('ranges of records', () => {
  it('end with whichever limit is reached first', async () => {
    const text = Buffer.from('a,b\n1,2\n3,4\n5,6\n"7\n8",9\n10,11\n');
    const brief = async (records: number, bytes: number): Promise<number[]> =>
      (await rangesOf(text, { records, bytes })).map((range) => range.records);
    expect(await brief(2, 1000)).toEqual([2, 2, 1]);
    expect(await brief(100, 8)).toEqual([2, 1, 1, 1]);
    expect(await brief(100, 1)).toEqual([1, 1, 1, 1, 1]);
    expect(await rangesOf(Buffer.from('a,b\n'), { records: 1, bytes: 1 })).toEqual([]);
  });

  it('of any file are read to the same records, in their places', async () => {
    const part = fc.constantFrom('a', 'é', ',', '"', '""', '\n', '\r\n', 'x,y\n', '"q\nq",z\n', '\n\n', '#');
    await fc.assert(
      fc.asyncProperty(
        fc.array(part, { maxLength: 40 }),
        fc.integer({ min: 1, max: 4 }),
        fc.integer({ min: 1, max: 20 }),
        async (parts, records, bytes) => {
          const text = Buffer.from(`c,d\n${parts.join('')}`);
          const options = { onLostRecord: 'reject' } as const;
          const { header, encoding, batches } = await openCsv(inPieces(text, 5), options);
          const whole = await gather(batches);
          const found = [];
          for (const { byteOffset, byteLength, firstLine, records: count } of await rangesOf(text, {
            records,
            bytes,
          })) {
            const start = { line: firstLine, byteOffset };
            const own = text.subarray(byteOffset, byteOffset + byteLength);
            const entries = await gather(readCsv(inPieces(own, 6), { ...options, header, encoding, start }));
            expect(entries).toHaveLength(count);
            expect(count <= records && (count === 1 || byteLength <= bytes + 3 * count + 40)).toBe(true);
            found.push(...entries);
          }
          expect(found).toEqual(whole);
        },
      ),
    );
  });

  it('of JSON Lines, too', async () => {
    const text = Buffer.from('{"a":1}\r\n\n{"a":\n "é"\n  \n{"a":2}');
    const places = await gather(readJsonLinePlaces(inPieces(text, 3)));
    const entries = await gather(readJsonLines(inPieces(text, 3)));
    expect(places).toEqual(entries.map(({ line, byteOffset, byteLength }) => ({ line, byteOffset, byteLength })));
    const { ranges } = await gatherRanges(
      readJsonLinePlaces(inPieces(text, 3)),
      { records: 2, bytes: 100 },
      text.length,
    );
    expect(ranges.map(({ firstLine, records }) => [firstLine, records])).toEqual([
      [1, 2],
      [4, 2],
    ]);
  });
});
