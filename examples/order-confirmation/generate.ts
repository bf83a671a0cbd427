/** Makes the input: 14 columns, no final newline, LF; the same for the same seed. */
import { formatCsvRecord } from 'fanfold/records';
import { generateOrder } from '../data/order.ts';
import { HEADER } from './orders/columns.ts';

const BLOCK = 65_536;

/** The file's text, in blocks. */
export function* generateOrders(records: number, seed: number): Generator<string, void, void> {
  let block = HEADER.join(',');
  for (let index = 0; index < records; index++) {
    block += `\n${formatCsvRecord(orderFields(seed, index)).slice(0, -2)}`;
    if (block.length < BLOCK) continue;
    yield block;
    block = '';
  }
  if (block !== '') yield block;
}

/** In the order of the columns. */
export function orderFields(seed: number, index: number): string[] {
  const { order, financial } = generateOrder(seed, index);
  const fields = { ...order, ...financial };
  return FIELDS.map((field) => fields[field]);
}

const FIELDS = [
  'region',
  'country',
  'itemType',
  'salesChannel',
  'orderPriority',
  'orderDate',
  'uuid',
  'shipDate',
  'unitsSold',
  'unitPrice',
  'unitCost',
  'totalRevenue',
  'totalCost',
  'totalProfit',
] as const;
