/** The script that is written first: a stream of rows, one after the other. */
import { createReadStream, createWriteStream, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { once } from 'node:events';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { parse } from 'csv-parse';
import { parse as parseSync } from 'csv-parse/sync';
import { stringify } from 'csv-stringify/sync';
import { z } from 'zod';
import { COUNTRIES, CURRENCIES, OUTPUT_COLUMNS, STATUSES, TABLE_COLUMNS } from '../orders.ts';

const Order = z.object({
  order_id: z.string().regex(/^[0-9]{9}$/),
  ordered_at: z.string().regex(/^[0-9]{4}-[0-9]{2}-[0-9]{2}$/),
  customer: z.string().min(1).max(80),
  email: z.string().regex(/^[^@ ]+@[^@ ]+$/),
  country: z.enum(COUNTRIES),
  sku: z.string().min(1).max(20),
  quantity: z.coerce.number().int().min(1).max(999),
  unit_price: z.coerce.number().gt(0),
  currency: z.enum(CURRENCIES),
  status: z.enum(STATUSES),
});

export async function prepare({ folder }) {
  mkdirSync(folder, { recursive: true });
}

export async function run({ folder, orders, products, withTable }) {
  const known = new Map(parseSync(readFileSync(products), { columns: true }).map((product) => [product.sku, product]));
  const db = withTable ? new DatabaseSync(join(folder, 'orders.db')) : undefined;
  db?.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL');
  db?.exec('CREATE TABLE orders (key TEXT PRIMARY KEY, document TEXT NOT NULL)');
  const upsert = db?.prepare(
    'INSERT INTO orders (key, document) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET document = excluded.document',
  );
  const output = createWriteStream(join(folder, 'output.csv'));
  const rejects = createWriteStream(join(folder, 'rejects.csv'));
  output.write(stringify([OUTPUT_COLUMNS]));
  rejects.write('line,order_id,reason\n');
  const rows = createReadStream(orders).pipe(parse({ columns: true, info: true }));
  let count = 0;
  db?.exec('BEGIN');
  for await (const { record, info } of rows) {
    const { success, data: order, error } = Order.safeParse(record);
    const product = success ? known.get(order.sku) : undefined;
    if (!product) {
      const reason = success
        ? `There is no product ${order.sku}.`
        : error.issues.map(({ message }) => message).join('; ');
      rejects.write(stringify([[info.lines, record.order_id, reason]]));
      continue;
    }
    const unit_cents = Math.round(order.unit_price * 100);
    const net_cents = unit_cents * order.quantity;
    const tax_cents = Math.floor((net_cents * Number(product.tax) + 50) / 100);
    const total_cents = net_cents + tax_cents;
    const made = {
      ...order,
      product: product.name,
      category: product.category,
      unit_cents,
      net_cents,
      tax_cents,
      total_cents,
    };
    if (!output.write(stringify([made], { columns: OUTPUT_COLUMNS }))) await once(output, 'drain');
    if (!db) continue;
    upsert.run(made.order_id, JSON.stringify(Object.fromEntries(TABLE_COLUMNS.map((name) => [name, made[name]]))));
    if (++count % 10_000 === 0) db.exec('COMMIT; BEGIN');
  }
  db?.exec('COMMIT');
  db?.close();
  await Promise.all([output, rejects].map((stream) => new Promise((resolve) => stream.end(resolve))));
}

export async function show({ folder, withTable }) {
  if (!withTable) return;
  const db = new DatabaseSync(join(folder, 'orders.db'));
  let text = '';
  for (const { document } of db.prepare('SELECT document FROM orders ORDER BY key').iterate()) {
    const order = JSON.parse(document);
    text += `${JSON.stringify(TABLE_COLUMNS.map((name) => String(order[name])))}\n`;
  }
  writeFileSync(join(folder, 'table.jsonl'), text);
}
