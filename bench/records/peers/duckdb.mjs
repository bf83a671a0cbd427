/** The same as SQL, in DuckDB: rows that are not valid go to the rejects by an anti join. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { COUNTRIES, CURRENCIES, INPUT_COLUMNS, OUTPUT_COLUMNS, STATUSES, TABLE_COLUMNS } from '../orders.ts';

const list = (values) => values.map((value) => `'${value}'`).join(', ');

const VALID = `
  regexp_full_match(order_id, '[0-9]{9}') AND regexp_full_match(ordered_at, '[0-9]{4}-[0-9]{2}-[0-9]{2}')
  AND length(customer) BETWEEN 1 AND 80 AND regexp_full_match(email, '[^@ ]+@[^@ ]+') AND country IN (${list(COUNTRIES)})
  AND length(sku) BETWEEN 1 AND 20 AND coalesce(TRY_CAST(quantity AS INTEGER) BETWEEN 1 AND 999, false)
  AND coalesce(TRY_CAST(unit_price AS DOUBLE) > 0, false) AND currency IN (${list(CURRENCIES)}) AND status IN (${list(STATUSES)})`;

export async function prepare({ folder }) {
  mkdirSync(folder, { recursive: true });
}

export async function run({ folder, orders, products, withTable }) {
  const instance = await DuckDBInstance.create(withTable ? join(folder, 'orders.duckdb') : ':memory:');
  const connection = await instance.connect();
  const columns = INPUT_COLUMNS.map((name) => `'${name}': 'VARCHAR'`).join(', ');
  const read = `read_csv('${orders}', header = true, delim = ',', quote = '"', escape = '"', columns = {${columns}})`;
  await connection.run(`CREATE TEMP TABLE products AS SELECT sku, name AS product, category, CAST(tax AS INTEGER) AS tax
    FROM read_csv('${products}', header = true)`);
  await connection.run(`CREATE TEMP TABLE given AS SELECT * FROM ${read}`);
  await connection.run(`CREATE TEMP TABLE checked AS SELECT o.rowid AS place, o.*, coalesce(${VALID}, false) AND p.sku IS NOT NULL AS good,
    p.product, p.category, p.tax FROM given o LEFT JOIN products p USING (sku)`);
  await connection.run(`CREATE TEMP VIEW made AS SELECT *, net_cents + tax_cents AS total_cents FROM (
    SELECT *, (net_cents * tax + 50) // 100 AS tax_cents FROM (
    SELECT *, unit_cents * quantity AS net_cents FROM (
    SELECT * REPLACE (CAST(quantity AS BIGINT) AS quantity), CAST(round(CAST(unit_price AS DOUBLE) * 100) AS BIGINT) AS unit_cents
    FROM checked WHERE good)))`);
  await connection.run(
    `COPY (SELECT ${OUTPUT_COLUMNS.join(', ')} FROM made ORDER BY place) TO '${join(folder, 'output.csv')}' (HEADER)`,
  );
  await connection.run(
    `COPY (SELECT ${INPUT_COLUMNS.join(', ')} FROM checked WHERE NOT good ORDER BY place) TO '${join(folder, 'rejects.csv')}' (HEADER)`,
  );
  if (withTable) {
    await connection.run(`CREATE TABLE orders (order_id VARCHAR PRIMARY KEY, ordered_at VARCHAR, customer VARCHAR,
      sku VARCHAR, category VARCHAR, quantity BIGINT, total_cents BIGINT, status VARCHAR)`);
    await connection.run(`INSERT OR REPLACE INTO orders SELECT ${TABLE_COLUMNS.join(', ')} FROM made`);
  }
  connection.closeSync();
  instance.closeSync();
}

export async function show({ folder, withTable }) {
  if (!withTable) return;
  const instance = await DuckDBInstance.create(join(folder, 'orders.duckdb'));
  const connection = await instance.connect();
  const reader = await connection.runAndReadAll(`SELECT ${TABLE_COLUMNS.join(', ')} FROM orders ORDER BY order_id`);
  writeFileSync(
    join(folder, 'table.jsonl'),
    reader
      .getRows()
      .map((row) => `${JSON.stringify(row.map(String))}\n`)
      .join(''),
  );
}
