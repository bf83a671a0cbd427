/** The order-intake example end to end: real files, real processes, real HTTP. */
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'csv-parse/sync';
import { type Clock, createApp, loadProject, silentLogger, systemClock } from 'fanfold';
import PostalMime from 'postal-mime';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { generateOrders } from '../examples/order-intake/generate.ts';
import { follow } from '../examples/testing/follow.ts';
import { reportOf } from './example.ts';
import { mailsIn, type OrderIntakeReport, runOrderIntake } from './order-intake.ts';

const RECORDS = 2000;
const PROJECT = join(import.meta.dirname, '..', 'examples', 'order-intake');
const HEADER =
  'uuid,Country,Item Type,Sales Channel,Order Priority,Order Date,Region,Ship Date,Units Sold,Unit Price,Unit Cost,Total Revenue,Total Cost,Total Profit';

describe('order-intake', () => {
  const directory = mkdtempSync(join(tmpdir(), 'fanfold-order-intake-'));
  const orders = generateOrders({ records: RECORDS, seed: 7, planted: true });
  let report: OrderIntakeReport;

  beforeAll(async () => {
    const finished = await runOrderIntake(directory, ['--records', String(RECORDS), '--seed', '7']);
    expect(finished.code, finished.stderr).toBe(0);
    report = reportOf<OrderIntakeReport>(finished);
  });
  afterAll(() => rmSync(directory, { recursive: true, force: true }));

  it('gives an account that adds up', () => {
    expect(report).toMatchObject({
      status: 'SUCCEEDED',
      read: RECORDS,
      written: RECORDS - 5,
      filtered: 0,
      rejected: 5,
    });
    expect(report.transitions).toBeGreaterThan(2 * RECORDS);
  });

  it('writes 14 columns under one header, in input order, with the values of the lookup', async () => {
    const text = readFileSync(report.output, 'utf8');
    expect(text.split(/\r?\n/)[0]).toBe(HEADER);
    const rows = parse(text, { columns: true }) as Record<string, string>[];
    const rejected = new Set(orders.expectedRejects.map(({ line }) => line));
    let csv = '';
    for await (const block of orders.csv()) csv += block;
    const input = (parse(csv, { columns: true }) as Record<string, string>[]).filter((_, i) => !rejected.has(i + 2));
    const lookup = new Map([...orders.financials()].map((record) => [record.uuid, record]));
    expect(rows.length).toBe(input.length);
    for (const [i, row] of rows.entries()) {
      expect(row).toMatchObject(input[i] as object);
      const { unitsSold, unitPrice, unitCost, totalRevenue, totalCost, totalProfit } =
        lookup.get(row['uuid'] ?? '') ?? {};
      expect(Object.values(row).slice(8)).toEqual([
        unitsSold,
        unitPrice,
        unitCost,
        totalRevenue,
        totalCost,
        totalProfit,
      ]);
    }
  });

  it('rejects exactly the planted records, each with its line and a reason', () => {
    const rejects = parse(readFileSync(report.rejects, 'utf8'), { columns: true }) as Record<string, string>[];
    expect(rejects.map((reject) => Number(reject['line']))).toEqual(orders.expectedRejects.map(({ line }) => line));
    for (const reject of rejects) expect(reject['reason']).toMatch(/\w+/);
  });

  it('sends one mail whose link downloads the output, and refuses when altered or late', async () => {
    const mails = mailsIn(report.mails);
    expect(mails.length).toBe(1);
    const mail = await PostalMime.parse(mails[0] ?? '');
    expect(mail.subject).toMatch(/batch processing/i);
    const link = new URL(/http:\/\/[^\s"<>]+/.exec(mail.text ?? '')?.[0] ?? '');
    await serving(directory, systemClock, async (get) => {
      const good = await get(link);
      expect(good.status).toBe(200);
      expect(sha256(await good.text())).toBe(sha256(readFileSync(report.output, 'utf8')));
      expect((await get(altered(link, (url) => url.searchParams.set('X-Amz-Expires', '7200')))).status).toBe(403);
      expect(
        (await get(altered(link, (url) => (url.pathname = url.pathname.replace('completed', 'rejected'))))).status,
      ).toBe(403);
    });
    const anHourLater = { ...systemClock, now: () => Date.now() + 3_601_000 };
    await serving(directory, anHourLater, async (get) => {
      const late = await get(link);
      expect(late.status).toBe(403);
      expect(await late.text()).toContain('expired');
    });
  });

  it('archives the input', async () => {
    const app = await createApp({
      project: await loadProject(PROJECT),
      logger: silentLogger,
      dataDirectory: directory,
    });
    try {
      const keys = async (prefix: string): Promise<string[]> =>
        (await app.objects.list({ bucket: 'source-bucket', prefix })).objects.map(({ key }) => key);
      expect(await keys('input/')).toEqual([]);
      expect(await keys('input_archive/')).toEqual([`input_archive/orders-${RECORDS}-seed7-run1.csv`]);
    } finally {
      await app.close();
    }
  });
});

function altered(link: URL, change: (url: URL) => void): URL {
  const url = new URL(link);
  change(url);
  return url;
}

/** Serves the data directory while `work` goes on. */
async function serving(
  directory: string,
  clock: Clock,
  work: (get: (link: URL) => Promise<Response>) => Promise<void>,
): Promise<void> {
  const app = await createApp({
    project: await loadProject(PROJECT),
    logger: silentLogger,
    dataDirectory: directory,
    clock,
  });
  try {
    await work((link) => follow(app.url, link));
  } finally {
    await app.close();
  }
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
