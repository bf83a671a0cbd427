/** Processes ranges of the file: reads its bytes, writes a part of the output and of the rejects. */
import { isAscii } from 'node:buffer';
import { closeSync, openSync, readFileSync, readSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type MessagePort, parentPort, workerData } from 'node:worker_threads';
import { Ajv } from 'ajv';
import { INPUT_COLUMNS, type Product, SCHEMA, type TABLE_COLUMNS } from '../orders.ts';
import type { Range } from './ranges.ts';

export interface WorkerData {
  readonly orders: string;
  readonly products: string;
  readonly folder: string;
  /** Of the orders. */
  readonly sha256: string;
  /** To the thread of the table. */
  readonly table?: MessagePort;
}

export interface TableRows {
  readonly index: number;
  readonly keys: readonly string[];
  readonly documents: readonly string[];
}

export interface Done {
  readonly written: number;
  readonly rejected: number;
}

interface Order {
  order_id: string;
  ordered_at: string;
  customer: string;
  email: string;
  country: string;
  sku: string;
  quantity: number | string | undefined;
  unit_price: number | string | undefined;
  currency: string;
  status: string;
}

const { orders, products, folder, sha256, table } = workerData as WorkerData;
const input = sha256.slice(0, 16);
const WHOLE = /^[+-]?\d+$/;
const DECIMAL = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/;
const TO_QUOTE = /[",\r\n]/;
const NOT_ASCII = /[\u0080-\u00ff]/;

const check = new Ajv({ allErrors: true }).compile(SCHEMA);
const known = new Map<string, Product>();
for (const line of readFileSync(products, 'utf8').split('\n').slice(1, -1)) {
  const [sku = '', name = '', category = '', tax = ''] = line.split(',');
  known.set(sku, { sku, name, category, tax: Number(tax) });
}
const file = openSync(orders, 'r');
let buffer = Buffer.allocUnsafe(0);

parentPort?.on('message', (range: Range | null) => {
  if (range) parentPort?.postMessage(processRange(range));
  else {
    closeSync(file);
    table?.postMessage(null);
    parentPort?.close();
  }
});

function processRange({ index, start, end, line: firstLine }: Range): Done {
  const length = end - start;
  if (buffer.length < length) buffer = Buffer.allocUnsafe(length);
  readSync(file, buffer, 0, length, start);
  const bytes = buffer.subarray(0, length);
  const ascii = isAscii(bytes);
  const text = bytes.toString('latin1');
  const written: string[] = [];
  const rejects: string[] = [];
  const keys: string[] = [];
  const documents: string[] = [];
  let line = firstLine;
  let quote = text.indexOf('"');
  for (let at = 0; at < length;) {
    let stop = text.indexOf('\n', at);
    if (stop === -1) stop = length;
    let lines = 1;
    let fields: readonly string[];
    if (quote !== -1 && quote < at) quote = text.indexOf('"', at);
    if (quote === -1 || quote > stop) fields = decoded(text.slice(at, stop), at, stop).split(',');
    else {
      for (;;) {
        let quotes = 0;
        for (let q = quote; q !== -1 && q < stop; q = text.indexOf('"', q + 1)) quotes++;
        if (quotes % 2 === 0) break;
        lines++;
        stop = text.indexOf('\n', stop + 1);
        if (stop === -1) stop = length;
      }
      fields = quoted(decoded(text.slice(at, stop), at, stop));
    }
    one(fields, line, start + at);
    line += lines;
    at = stop + 1;
  }
  writeFileSync(join(folder, `${index}.part`), written.join(''));
  if (rejects.length > 0) writeFileSync(join(folder, `${index}.rejects`), rejects.join(''));
  table?.postMessage({ index, keys, documents } satisfies TableRows);
  return { written: written.length, rejected: rejects.length };

  function decoded(part: string, from: number, to: number): string {
    return ascii || !NOT_ASCII.test(part) ? part : bytes.toString('utf8', from, to);
  }

  function one(fields: readonly string[], line: number, offset: number): void {
    if (fields.length !== INPUT_COLUMNS.length) {
      reject(fields, 'wrong number of fields', 'TooFewFields', '', line, offset);
      return;
    }
    const order: Order = {
      order_id: fields[0] as string,
      ordered_at: fields[1] as string,
      customer: fields[2] as string,
      email: fields[3] as string,
      country: fields[4] as string,
      sku: fields[5] as string,
      quantity: numberOf(fields[6] as string, WHOLE),
      unit_price: numberOf(fields[7] as string, DECIMAL),
      currency: fields[8] as string,
      status: fields[9] as string,
    };
    if (!check(order)) {
      const reasons = (check.errors ?? []).map(({ instancePath, message = '', keyword, params }) => ({
        field: instancePath.slice(1),
        message:
          keyword === 'enum'
            ? `must be one of ${(params['allowedValues'] as readonly string[]).map((value) => JSON.stringify(value)).join(', ')}`
            : message,
      }));
      const reason = reasons.map(({ field, message }) => `${field}: ${message}`).join('; ');
      reject(fields, reason, 'Invalid', [...new Set(reasons.map(({ field }) => field))].join(' '), line, offset);
      return;
    }
    const { order_id, ordered_at, customer, email, country, sku, status } = order;
    const product = known.get(sku);
    if (!product) {
      reject(fields, `There is no product ${sku}.`, 'Error', '', line, offset);
      return;
    }
    const quantity = order.quantity as number;
    const unit_cents = Math.round((order.unit_price as number) * 100);
    const net_cents = unit_cents * quantity;
    const tax_cents = Math.floor((net_cents * product.tax + 50) / 100);
    const total_cents = net_cents + tax_cents;
    const { name, category } = product;
    written.push(
      `${cell(order_id)},${cell(ordered_at)},${cell(customer)},${cell(email)},${cell(country)},${cell(sku)},${cell(name)},${cell(category)},${quantity},${unit_cents},${net_cents},${tax_cents},${total_cents},${cell(status)}\r\n`,
    );
    if (!table) return;
    keys.push(order_id);
    documents.push(
      JSON.stringify({ order_id, ordered_at, customer, sku, category, quantity, total_cents, status } satisfies Record<
        (typeof TABLE_COLUMNS)[number],
        unknown
      >),
    );
  }

  function reject(
    fields: readonly string[],
    reason: string,
    code: string,
    field: string,
    line: number,
    offset: number,
  ): void {
    rejects.push(
      `${[...fields, reason, code, field, input, String(line), String(offset), '', ''].map(cell).join(',')}\r\n`,
    );
  }
}

function numberOf(text: string, pattern: RegExp): number | string | undefined {
  if (text === '') return undefined;
  return pattern.test(text) ? Number(text) : text;
}

function cell(text: string): string {
  return TO_QUOTE.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

function quoted(text: string): readonly string[] {
  const fields: string[] = [];
  for (let at = 0; ;) {
    if (text[at] !== '"') {
      const comma = text.indexOf(',', at);
      fields.push(text.slice(at, comma === -1 ? undefined : comma));
      if (comma === -1) return fields;
      at = comma + 1;
      continue;
    }
    let close = text.indexOf('"', at + 1);
    let isDoubled = false;
    while (text[close + 1] === '"') {
      isDoubled = true;
      close = text.indexOf('"', close + 2);
    }
    const field = text.slice(at + 1, close);
    fields.push(isDoubled ? field.replaceAll('""', '"') : field);
    if (close + 1 >= text.length) return fields;
    at = close + 2;
  }
}
