import fc from 'fast-check';
import { expect, it } from 'vitest';
import { gather, inPieces } from '../../testing/records/streams.ts';
import type { Place } from '../place.ts';
import { type CsvReader, openCsv, openCsvPlaces } from './read.ts';
import type { CsvOptions } from './types.ts';

const text = fc.string({
  unit: fc.constantFrom('a', 'bc', ',', '"', '""', '\\', '#', '\n', '\r', '\r\n', '\n\n', 'é'),
  maxLength: 60,
});
const options = fc.record<CsvOptions>({
  newline: fc.constantFrom('any', 'lf'),
  blankLines: fc.constantFrom('skip', 'keep'),
  quote: fc.constantFrom('"', null),
  escape: fc.constantFrom('\\', null),
  comment: fc.constantFrom('#', null),
  encoding: fc.constantFrom('utf-8', 'latin1', 'utf-16le'),
  maxRecordBytes: fc.constantFrom(5, 1000),
  windowBytes: fc.integer({ min: 1, max: 30 }),
});

/** Or why they cannot be told. */
async function placesOf(opening: Promise<CsvReader<Place>>): Promise<readonly Place[] | string> {
  try {
    const entries = await gather((await opening).batches);
    return entries.map(({ line, byteOffset, byteLength }) => ({ line, byteOffset, byteLength }));
  } catch (error) {
    return (error as Error).message;
  }
}

it('finds records where they are found when they are read', async () => {
  await fc.assert(
    fc.asyncProperty(text, options, fc.integer({ min: 1, max: 9 }), async (file, given, size) => {
      const own: CsvOptions = { ...given, header: ['a'], onLostRecord: 'reject' };
      const bytes = Buffer.from(file, own.encoding as BufferEncoding);
      const read = await placesOf(openCsv(inPieces(bytes, size), own));
      expect(await placesOf(openCsvPlaces(inPieces(bytes, size), own))).toEqual(read);
    }),
    { numRuns: 2000 },
  );
});
