/**
 * The order file of the bench, the same for the same number of records: 10 columns, about 95 bytes a record, 5 % with a
 * quoted field (0.5 % with line breaks and quotes in it), 2 % with characters beyond ASCII, 1 % that are not valid; and the
 * 10,000 products that they are enriched from.
 */
import { closeSync, openSync, writeSync } from 'node:fs';

export const PRODUCTS = 10_000;

export const INPUT_COLUMNS = [
  'order_id',
  'ordered_at',
  'customer',
  'email',
  'country',
  'sku',
  'quantity',
  'unit_price',
  'currency',
  'status',
] as const;

export const OUTPUT_COLUMNS = [
  'order_id',
  'ordered_at',
  'customer',
  'email',
  'country',
  'sku',
  'product',
  'category',
  'quantity',
  'unit_cents',
  'net_cents',
  'tax_cents',
  'total_cents',
  'status',
] as const;

/** What the table keeps of an output; its key is the first. */
export const TABLE_COLUMNS = [
  'order_id',
  'ordered_at',
  'customer',
  'sku',
  'category',
  'quantity',
  'total_cents',
  'status',
] as const;

export const COUNTRIES = [
  'AT',
  'BE',
  'CH',
  'DE',
  'DK',
  'ES',
  'FI',
  'FR',
  'GB',
  'IE',
  'IT',
  'NL',
  'NO',
  'PL',
  'PT',
  'SE',
];
export const CURRENCIES = ['CHF', 'DKK', 'EUR', 'GBP', 'NOK', 'PLN', 'SEK'];
export const STATUSES = ['new', 'packed', 'paid', 'returned', 'sent'];

/** What a record must look like. */
export const SCHEMA = {
  type: 'object',
  properties: {
    order_id: { type: 'string', pattern: '^[0-9]{9}$' },
    ordered_at: { type: 'string', pattern: '^[0-9]{4}-[0-9]{2}-[0-9]{2}$' },
    customer: { type: 'string', minLength: 1, maxLength: 80 },
    email: { type: 'string', pattern: '^[^@ ]+@[^@ ]+$' },
    country: { type: 'string', enum: COUNTRIES },
    sku: { type: 'string', minLength: 1, maxLength: 20 },
    quantity: { type: 'integer', minimum: 1, maximum: 999 },
    unit_price: { type: 'number', exclusiveMinimum: 0 },
    currency: { type: 'string', enum: CURRENCIES },
    status: { type: 'string', enum: STATUSES },
  },
  required: ['order_id', 'ordered_at', 'customer', 'email', 'country', 'sku', 'quantity', 'unit_price'],
} as const;

export interface Product {
  readonly sku: string;
  readonly name: string;
  readonly category: string;
  /** Percent. */
  readonly tax: number;
}

const FIRST = ['Nora', 'Emil', 'Ida', 'Jonas', 'Maja', 'Otto', 'Lena', 'Paul', 'Rosa', 'Theo', 'Vera', 'Hugo'];
const LAST = ['Lind', 'Berg', 'Haas', 'Moser', 'Weber', 'Rossi', 'Novak', 'Keller', 'Dubois', 'Larsen', 'Meyer'];
const FOREIGN = ['Åsa Öberg', 'Zoë Ångström', 'Łukasz Żak', '山田 太郎', 'José Peña'];
const CATEGORIES = ['books', 'garden', 'kitchen', 'office', 'sports', 'toys'];

export function productOf(n: number): Product {
  return {
    sku: `SKU-${String(n).padStart(5, '0')}`,
    name: `Product ${(n * 7919) % PRODUCTS}`,
    category: pick(CATEGORIES, n),
    tax: [0, 7, 10, 19, 25][n % 5] as number,
  };
}

/** Prime, so that its multiples visit every number below it once: ids that are each there once, in no order. */
const IDS = 999_999_937;

/** One record with its line ending. */
export function orderOf(n: number): string {
  const id = String((n * 7_654_321 + 123_456_789) % IDS).padStart(9, '0');
  const mixed = (Math.imul(n + 1, 2_654_435_761) >>> 0) % 1_000_003;
  const first = pick(FIRST, mixed);
  const last = pick(LAST, mixed >> 4);
  const fields = [
    id,
    `2026-${two(1 + (mixed % 12))}-${two(1 + ((mixed >> 3) % 28))}`,
    customerOf(n, mixed, first, last),
    `${first}.${last}${mixed % 10_000}@mailbox.example`.toLowerCase(),
    pick(COUNTRIES, mixed >> 2),
    productOf(mixed % PRODUCTS).sku,
    String(1 + (mixed % 40)),
    `${1 + (mixed % 400)}.${two(mixed % 100)}`,
    pick(CURRENCIES, mixed >> 5),
    pick(STATUSES, mixed >> 6),
  ];
  if (n % 100 === 57) spoil(fields, Math.floor(n / 100));
  return `${fields.join(',')}\n`;
}

function customerOf(n: number, mixed: number, first: string, last: string): string {
  if (n % 200 === 31) return `"${first} ""${last.slice(0, 2)}"" ${last}\nc/o ${pick(LAST, mixed)}"`;
  if (n % 20 === 11) return `"${last}, ${first}"`;
  return n % 50 === 7 ? pick(FOREIGN, mixed) : `${first} ${last}`;
}

/** What is wrong with the records that are not valid, in turn. */
function spoil(fields: string[], turn: number): void {
  const [at, value] = [
    [6, '0'],
    [6, 'many'],
    [3, 'nobody'],
    [4, 'XX'],
    [0, ''],
    [5, 'SKU-99999'],
    [7, '-1.00'],
    [1, '14.03.2026'],
  ][turn % 8] as [number, string];
  fields[at] = value;
}

export function writeOrders(path: string, records: number): void {
  writeRecords(path, records, `${INPUT_COLUMNS.join(',')}\n`, orderOf);
}

export function writeProducts(path: string): void {
  writeRecords(path, PRODUCTS, 'sku,name,category,tax\n', (n) => `${Object.values(productOf(n)).join(',')}\n`);
}

function writeRecords(path: string, records: number, header: string, recordOf: (n: number) => string): void {
  const file = openSync(path, 'w');
  let text = header;
  for (let n = 0; n < records; n++) {
    text += recordOf(n);
    if (text.length > 1_000_000) {
      writeSync(file, text);
      text = '';
    }
  }
  writeSync(file, text);
  closeSync(file);
}

function pick(from: readonly string[], n: number): string {
  return from[n % from.length] as string;
}

function two(n: number): string {
  return String(n).padStart(2, '0');
}
