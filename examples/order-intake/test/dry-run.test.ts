import { parse } from 'csv-parse/sync';
import { describe, expect, it } from 'vitest';
import { generateOrders, type PlantedKind } from '../generate.ts';
import { ORDER_HEADER, OUTPUT_HEADER } from '../orders/columns.ts';
import { BUCKET, dryRun, load, splitEvent } from './dry-run.ts';
import { createFakes } from './fakes.ts';

/** The most that a state may hand on, in bytes of JSON. */
const PAYLOAD_LIMIT = 262_144;

const REASONS: Readonly<Record<PlantedKind, RegExp>> = {
  tenDigitUuid: /^uuid "\d{10}" is not nine digits\.$/,
  longCountry: /^country is 51 characters long, at most 50 are allowed\.$/,
  emptyShipDate: /^shipDate is empty\.$/,
  noFinancialData: /^no financial data for uuid \d{9}\.$/,
  repeatedUuid: /^uuid \d{9} repeats that of line 2\.$/,
};

describe('order intake, in process', () => {
  it.each([
    { records: 10, chunkSize: 1, delimiter: ',', key: 'input/orders.csv' },
    { records: 10, chunkSize: 600, delimiter: ',', key: 'input/my file.csv' },
    { records: 1500, chunkSize: 1, delimiter: ',', key: 'input/orders.csv' },
    { records: 1000, chunkSize: 600, delimiter: ';', key: 'input/orders.csv' },
    { records: 10_000, chunkSize: 600, delimiter: ',', key: 'input/orders.csv' },
    { records: 10_000, chunkSize: 700, delimiter: ';', key: 'input/deep/er/orders.csv' },
  ])('$records records, $chunkSize a chunk, "$delimiter", $key', async ({ records, chunkSize, delimiter, key }) => {
    const fakes = createFakes();
    const generated = generateOrders({ records, seed: 11, planted: true });
    const text = await load(fakes, generated, key, delimiter);
    const input: string[][] = parse(text, { delimiter });
    const { split, merged, largestPayload } = await dryRun(fakes, splitEvent(key, chunkSize, delimiter));

    expect(split.splitFileNames).toHaveLength(Math.ceil(records / chunkSize));
    if (chunkSize <= 600) expect(largestPayload).toBeLessThan(PAYLOAD_LIMIT);
    expect(merged.S3OutputFileName.endsWith(`/output/completed/${key.slice(key.lastIndexOf('/') + 1)}`)).toBe(true);
    expect(merged.summary).toMatchObject({ read: records, written: records - 5, filtered: 0, rejected: 5 });

    const bad = new Set(generated.expectedRejects.map((reject) => reject.line - 1));
    const outputText = fakes.text(`${BUCKET}/${merged.S3OutputFileName}`);
    expect(outputText.endsWith('"\r\n')).toBe(true);
    const [header, ...output]: string[][] = parse(outputText, { delimiter });
    expect(header).toEqual(OUTPUT_HEADER);
    expect(output.map((row) => row.slice(0, 8))).toEqual(input.filter((_, at) => at > 0 && !bad.has(at)));
    const financials = new Map([...generated.financials()].map(({ uuid, ...data }) => [uuid, Object.values(data)]));
    expect(output.map((row) => row.slice(8))).toEqual(output.map((row) => financials.get(row[0] ?? '')));

    const [rejectHeader, ...rejects]: string[][] = parse(fakes.text(`${BUCKET}/${merged.summary.rejects}`), {
      delimiter,
    });
    expect(rejectHeader).toEqual([...ORDER_HEADER, 'line', 'reason']);
    expect(rejects.map((row) => Number(row[8]))).toEqual(generated.expectedRejects.map((reject) => reject.line));
    generated.expectedRejects.forEach(({ line, kind }, at) => {
      expect(rejects[at]?.slice(0, 8)).toEqual(input[line - 1]);
      expect(rejects[at]?.[9]).toMatch(REASONS[kind]);
    });
  });

  it('writes a clean file whole, without rejects', async () => {
    const fakes = createFakes();
    await load(fakes, generateOrders({ records: 1000, seed: 1, planted: false }), 'input/orders.csv');
    const { merged } = await dryRun(fakes, splitEvent('input/orders.csv'));
    expect(merged.summary).toEqual({ read: 1000, written: 1000, filtered: 0, rejected: 0, rejects: null });
    expect(fakes.text(`${BUCKET}/${merged.S3OutputFileName}`).split('\r\n')).toHaveLength(1002);
    expect([...fakes.files.keys()].filter((key) => key.includes('reject'))).toEqual([]);
  });

  it('hands on a chunk in which every record is bad', async () => {
    const fakes = createFakes();
    const generated = generateOrders({ records: 600, seed: 2, planted: false });
    const text = await load(fakes, generated, 'input/orders.csv');
    fakes.files.set(`${BUCKET}/input/orders.csv`, Buffer.from(text.replace(/,\d+\/\d+\/\d+(?=\r\n|$)/g, ',')));
    const { merged, largestPayload } = await dryRun(fakes, splitEvent('input/orders.csv'));
    expect(merged.summary).toMatchObject({ read: 600, written: 0, rejected: 600 });
    expect(largestPayload).toBeLessThan(PAYLOAD_LIMIT);
  });

  it('makes a header of a file that has only a header', async () => {
    const fakes = createFakes();
    fakes.files.set(`${BUCKET}/input/orders.csv`, Buffer.from(ORDER_HEADER.join(',')));
    const { split, merged } = await dryRun(fakes, splitEvent('input/orders.csv'));
    expect(split.splitFileNames).toEqual([]);
    expect(merged.summary).toEqual({ read: 0, written: 0, filtered: 0, rejected: 0, rejects: null });
    expect(fakes.text(`${BUCKET}/${merged.S3OutputFileName}`)).toBe(`${OUTPUT_HEADER.join(',')}\r\n`);
  });

  it('gives the same bytes when everything is done twice', async () => {
    const fakes = createFakes();
    await load(fakes, generateOrders({ records: 1000, seed: 4, planted: true }), 'input/orders.csv');
    await dryRun(fakes, splitEvent('input/orders.csv', 100));
    const first = new Map(fakes.files);
    await dryRun(fakes, splitEvent('input/orders.csv', 100));
    expect(fakes.files).toEqual(first);
  });
});
