/** The `batch()` pipeline, as it is installed: the built package, a project, its file in its bucket. */
import { createReadStream, createWriteStream, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import type { stateMachineArn as stateMachineArnType } from '../../packages/fanfold/src/app/arn.ts';
import type { App, createApp as createAppType } from '../../packages/fanfold/src/app/create-app.ts';
import type { loadProject as loadProjectType } from '../../packages/fanfold/src/app/load-project.ts';
import type { RunAccount } from '../../packages/fanfold/src/batch/account.ts';
import type { Place } from './contender.ts';
import { OUTPUT_COLUMNS, productOf, PRODUCTS, SCHEMA, TABLE_COLUMNS } from './orders.ts';

/** So many that a chunk ends with its records: what the bench varies. */
const CHUNK_BYTES = 1 << 30;

interface Built {
  readonly createApp: typeof createAppType;
  readonly loadProject: typeof loadProjectType;
  readonly stateMachineArn: typeof stateMachineArnType;
}

/** The built package. */
async function built(): Promise<Built> {
  return (await import(new URL('../../packages/fanfold/dist/index.js', import.meta.url).href)) as Built;
}

async function open({ folder }: Place): Promise<App> {
  const { createApp, loadProject } = await built();
  const logger = { info: () => {}, warn: console.warn, error: console.error };
  return createApp({ project: await loadProject(folder), logger });
}

export async function prepare(place: Place): Promise<void> {
  const { folder, orders, withTable, chunk, concurrency } = place;
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'package.json'), '{"type":"module"}');
  writeFileSync(
    join(folder, 'fanfold.config.json'),
    JSON.stringify({
      name: 'bench',
      batches: ['./orders.batch.ts'],
      buckets: { files: {} },
      tables: { products: { partitionKey: 'sku' }, orders: { partitionKey: 'order_id' } },
    }),
  );
  const sizes = [
    ...(chunk === undefined ? [] : [`\n  chunk: { records: ${chunk}, bytes: ${CHUNK_BYTES} },`]),
    ...(concurrency === undefined ? [] : [`\n  concurrency: ${concurrency},`]),
  ].join('');
  const table = withTable ? `, { table: 'orders', columns: ${JSON.stringify(TABLE_COLUMNS)} }` : '';
  writeFileSync(
    join(folder, 'orders.batch.ts'),
    `import { batch, fromTable } from 'fanfold/batch';
type Product = { readonly name: string; readonly category: string; readonly tax: number };
export default batch({
  name: 'orders',
  source: { bucket: 'files', prefix: 'in/' },${sizes}
  schema: ${JSON.stringify(SCHEMA)} as const,
  lookups: { product: fromTable<{ readonly sku: string }, Product>('products', ({ sku }) => sku) },
  process(order, { lookups: { product } }) {
    if (!product) throw new Error(\`There is no product \${order.sku}.\`);
    const unit_cents = Math.round(order.unit_price * 100);
    const net_cents = unit_cents * order.quantity;
    const tax_cents = Math.floor((net_cents * product.tax + 50) / 100);
    return {
      order_id: order.order_id,
      ordered_at: order.ordered_at,
      customer: order.customer,
      email: order.email,
      country: order.country,
      sku: order.sku,
      product: product.name,
      category: product.category,
      quantity: order.quantity,
      unit_cents,
      net_cents,
      tax_cents,
      total_cents: net_cents + tax_cents,
      status: order.status,
    };
  },
  sinks: [{ object: 'out/orders.csv', columns: ${JSON.stringify(OUTPUT_COLUMNS)} }${table}],
  rejects: { object: 'rejects/orders.csv' },
  skipLimit: { percent: 2 },
});
`,
  );
  const app = await open(place);
  for (let from = 0; from < PRODUCTS; from += 1000) {
    const items = Array.from({ length: 1000 }, (_, n) => {
      const { sku, name, category, tax } = productOf(from + n);
      return { sku: { S: sku }, name: { S: name }, category: { S: category }, tax: { N: String(tax) } };
    });
    await app.tables.putMany({ table: 'products', items });
  }
  // Beside the trigger's prefix: the run is started by itself, measured.
  await app.objects.put({ bucket: 'files', key: 'waiting/orders.csv', body: createReadStream(orders) });
  await app.close();
}

export async function run(place: Place): Promise<void> {
  const app = await open(place);
  const { stateMachineArn } = await built();
  const { executionArn } = await app.executions.start({
    stateMachineArn: stateMachineArn('orders'),
    input: JSON.stringify({ bucket: 'files', key: 'waiting/orders.csv' }),
  });
  const { status, output, cause } = await app.executions.closed(executionArn);
  await app.settled();
  await app.close();
  if (status !== 'SUCCEEDED') throw new Error(`${status}: ${cause}`);
  writeFileSync(join(place.folder, 'account.json'), JSON.stringify(output?.json));
}

export async function show(place: Place): Promise<void> {
  const { folder, withTable } = place;
  const account = JSON.parse(readFileSync(join(folder, 'account.json'), 'utf8')) as RunAccount;
  if (account.read !== account.written + account.filtered + account.rejected) throw new Error('It does not add up');
  const app = await open(place);
  for (const [key, name] of [
    ['out/orders.csv', 'output.csv'],
    ['rejects/orders.csv', 'rejects.csv'],
  ] as const)
    await pipeline((await app.objects.get({ bucket: 'files', key })).body, createWriteStream(join(folder, name)));
  if (withTable) {
    const file = createWriteStream(join(folder, 'table.jsonl'));
    for (let after: object | undefined; ;) {
      const page = await app.tables.scan({ table: 'orders', limit: 10_000, ...(after && { after: after as never }) });
      let text = '';
      for (const item of page.items)
        text += `${JSON.stringify(TABLE_COLUMNS.map((name) => Object.values(item[name] ?? { S: '' })[0]))}\n`;
      file.write(text);
      if (!page.next) break;
      after = page.next;
    }
    await new Promise<void>((resolve) => file.end(resolve));
  }
  await app.close();
}
