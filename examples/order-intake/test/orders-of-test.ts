/** What tests of the whole example put in, and what they find. */
import type { OpenExample } from '../../testing/open-example.ts';
import { financialItem, type GeneratedOrders, generateOrders } from '../generate.ts';
import { FINANCIAL_TABLE } from '../orders/columns.ts';

export const BUCKET = 'source-bucket';

/** Loads the lookup table. @returns the input that goes with it */
export async function loadOrders(
  { app }: OpenExample,
  records: number,
  { planted = false }: { readonly planted?: boolean } = {},
): Promise<{ readonly orders: GeneratedOrders; readonly body: string }> {
  const orders = generateOrders({ records, seed: 1, planted });
  await app.tables.putMany({ table: FINANCIAL_TABLE, items: [...orders.financials()].map(financialItem) });
  let body = '';
  for await (const block of orders.csv()) body += block;
  return { orders, body };
}

/** The outputs of all runs of the state machines. */
export async function completed(example: OpenExample): Promise<string[]> {
  const keys = (await example.keys(BUCKET)).filter((key) => key.includes('/output/completed/'));
  return Promise.all(keys.map((key) => example.text(BUCKET, key)));
}

/** Those of a CSV file whose first column they are, in its order. */
export function uuids(csv: string): string[] {
  const lines = csv.split('\r\n').slice(1);
  return lines.filter((line) => line !== '').map((line) => line.replaceAll('"', '').slice(0, 9));
}
