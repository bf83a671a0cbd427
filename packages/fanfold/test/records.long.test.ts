/** Readers at full size: 100,000 generated CSV files against csv-parse, and streams of ten million items. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readJsonItems } from '../src/records/index.ts';
import { csvFile, expectAsOracle, expectOtherWays, expectPlaces, readFile } from '../src/testing/records/csv-files.ts';

describe('records', () => {
  it('reads 100,000 generated files as csv-parse does, or has a reject; from any pieces', async () => {
    const pieces = fc.integer({ min: 1, max: 30 });
    await fc.assert(
      fc.asyncProperty(csvFile, pieces, pieces, async (file, size, window) => {
        const found = await readFile(file, 1_000_000);
        expectAsOracle(file, found);
        expectPlaces(file, found);
        expect(await readFile(file, size, window)).toEqual(found);
        await expectOtherWays(file, found, window);
      }),
      { numRuns: 100_000 },
    );
  });

  it('streams an array of ten million numbers in little memory', async () => {
    const part = Buffer.from('1234567,'.repeat(100_000));
    async function* source(): AsyncGenerator<Uint8Array> {
      yield Buffer.from('[');
      for (let i = 0; i < 100; i++) yield part;
      yield Buffer.from('0]');
    }
    let count = 0;
    for await (const batch of readJsonItems(source())) count += batch.length;
    expect(count).toBe(10_000_001);
    expect(process.memoryUsage().rss).toBeLessThan(512 << 20);
  });
});
