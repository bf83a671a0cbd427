/** Readers at full size: 100,000 generated CSV files against csv-parse, and streams of ten million items. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type CsvEntry, openCsv, readItems, readJsonItems } from '../src/records/index.ts';
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

  describe('a quote that 1 GiB does not end', () => {
    let given = 0;
    async function* source(): AsyncGenerator<Uint8Array> {
      const part = Buffer.alloc(1 << 20, 'x');
      yield Buffer.from('id,v\n1,"');
      for (given = 0; given < 1024; given++) yield part;
    }
    const rss = (): number => process.memoryUsage().rss;

    it.each([
      ['a batch', 4, async () => (await openCsv(source())).batches],
      ['an ItemReader', 64, async () => readItems(source(), { InputType: 'CSV', CSVHeaderLocation: 'FIRST_ROW' })],
    ] as const)('is refused by its line when %s reads it', async (_, most, open) => {
      const read = async (): Promise<void> => {
        for await (const _ of await open());
      };
      await expect(read()).rejects.toThrow(/line 2/);
      expect(given).toBeLessThan(most);
      expect(rss()).toBeLessThan(512 << 20);
    });

    it('is one reject where reading goes on behind it', async () => {
      const { batches } = await openCsv(source(), { onLostRecord: 'reject' });
      const entries: CsvEntry[] = [];
      for await (const batch of batches) entries.push(...batch);
      expect(entries).toMatchObject([{ kind: 'reject', line: 2 }]);
      expect(given).toBe(1024);
      expect(rss()).toBeLessThan(512 << 20);
    });
  });
});
