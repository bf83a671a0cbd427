import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { financialItem, generateOrders } from '../generate.ts';
import { ORDER_COLUMNS } from '../orders/columns.ts';

async function textOf(records: number, seed: number, planted: boolean): Promise<string> {
  let text = '';
  for await (const block of generateOrders({ records, seed, planted }).csv()) text += block;
  return text;
}

describe('generateOrders', () => {
  it('makes S1’s shape: CRLF, no final newline, nine digits, short dates', async () => {
    const lines = (await textOf(2000, 7, false)).split('\r\n');
    expect(lines).toHaveLength(2001);
    expect(lines[0]).toBe('uuid,Country,Item Type,Sales Channel,Order Priority,Order Date,Region,Ship Date');
    const rows = lines.slice(1).map((line) => line.split(','));
    for (const row of rows) {
      expect(row.join(',')).toMatch(
        /^[1-9]\d{8},[^,]+,[^,]+,(Online|Offline),[CHLM],\d{1,2}\/\d{1,2}\/1\d,[^,]+,\d{1,2}\/\d{1,2}\/1\d$/,
      );
      row.forEach((value, at) => {
        expect(value.length).toBeLessThanOrEqual(ORDER_COLUMNS[at]?.maxLength ?? 0);
      });
    }
    expect(new Set(rows.map((row) => row[0])).size).toBe(2000);
    expect(new Set(rows.map((row) => row[2])).size).toBe(12);
    expect(new Set(rows.map((row) => row[6])).size).toBe(7);
  });

  it('gives the same for the same seed, another for another', async () => {
    const hash = (text: string): string => createHash('sha256').update(text).digest('hex');
    const first = hash(await textOf(1000, 1, true));
    expect(hash(await textOf(1000, 1, true))).toBe(first);
    expect(hash(await textOf(1000, 2, true))).not.toBe(first);
    expect(generateOrders({ records: 1000, seed: 1, planted: true }).fileName).toBe('orders-1000-seed1-planted.csv');
  });

  it('plants five rejects and a quoted comma, from ten records on', async () => {
    for (const records of [10, 11, 1000]) {
      const generated = generateOrders({ records, seed: 3, planted: true });
      const lines = (await textOf(records, 3, true)).split('\r\n');
      const at = (kind: string): string =>
        lines[(generated.expectedRejects.find((reject) => reject.kind === kind)?.line ?? 0) - 1] ?? '';
      expect(generated.expectedRejects.map((reject) => reject.line)).toEqual(
        [...new Set(generated.expectedRejects.map((reject) => reject.line))].sort((a, b) => a - b),
      );
      expect(at('tenDigitUuid')).toMatch(/^\d{10},/);
      expect(at('longCountry').split(',')[1]).toHaveLength(51);
      expect(at('emptyShipDate')).toMatch(/,$/);
      expect(at('repeatedUuid').split(',')[0]).toBe(lines[1]?.split(',')[0]);
      expect(lines[(generated.quotedCommaLine ?? 0) - 1]).toMatch(/^\d{9},"[^"]+, mainland",/);
      const ids = new Set([...generated.financials()].map((record) => record.uuid));
      expect(ids.has(at('noFinancialData').split(',')[0] ?? '')).toBe(false);
      expect(ids.size).toBe(records - 3);
    }
  });

  it('has a lookup whose totals are units times price and cost', () => {
    for (const record of generateOrders({ records: 100, seed: 5, planted: false }).financials()) {
      const cents = (text: string): number => Math.round(Number(text) * 100);
      const units = Number(record.unitsSold);
      expect(cents(record.totalRevenue)).toBe(units * cents(record.unitPrice));
      expect(cents(record.totalCost)).toBe(units * cents(record.unitCost));
      expect(cents(record.totalProfit)).toBe(cents(record.totalRevenue) - cents(record.totalCost));
      expect(financialItem(record)).toMatchObject({ uuid: { S: record.uuid }, unitsSold: { S: record.unitsSold } });
    }
  });

  it.each([
    [{ records: 9, seed: 1, planted: true }, 'records is 9'],
    [{ records: 10, seed: 1.5, planted: true }, 'seed is 1.5'],
  ])('refuses %j', (options, message) => {
    expect(() => generateOrders(options)).toThrow(message);
  });
});
