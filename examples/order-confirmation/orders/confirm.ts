/** Confirms the orders of a part of the input: an item in the table and a line of the output for each. */
import { createReadStream } from 'node:fs';
import { type CsvEntry, formatCsvRecord, readCsv, type Start } from 'fanfold/records';
import { orderProblem, orderReader } from './columns.ts';
import { confirmationId } from './confirmation.ts';
import type { OrderItem, OrderTable } from './order-table.ts';

export interface ConfirmParams {
  readonly runId: string;
  /** A file of records without a header. */
  readonly path: string;
  readonly header: readonly string[];
  /** Where its first record stands in the input. */
  readonly start: Start;
  readonly table: OrderTable;
  /** Whether a record that is no order becomes a reject, or fails everything. */
  readonly tolerant: boolean;
}

export interface Confirmed {
  /** `OrderId,ConfirmationId` of each order, in the input's order. */
  readonly lines: readonly string[];
  /** Line, reason and text of each record that is no order. */
  readonly rejects: readonly string[];
}

/**
 * Nothing is written when there are records that are no orders, unless these are tolerated.
 *
 * @throws Error that names the first of them
 */
export async function confirm({ runId, path, header, start, table, tolerant }: ConfirmParams): Promise<Confirmed> {
  const toOrder = orderReader(header);
  const items: OrderItem[] = [];
  const rejects: string[] = [];
  const records = readCsv(createReadStream(path), { header, encoding: 'utf-8', start, onLostRecord: 'reject' });
  for await (const batch of records)
    for (const entry of batch) {
      const order = entry.kind === 'record' ? toOrder(entry.fields) : undefined;
      const problem = entry.kind === 'reject' ? entry.reason : order && orderProblem(order);
      if (order && problem === undefined)
        items.push({ ...order, ConfirmationId: confirmationId(runId, order.OrderId) });
      else if (tolerant) rejects.push(rejectLine(entry, problem ?? ''));
      else throw new Error(`Line ${entry.line}: ${problem}. Nothing of this piece was written.`);
    }
  await table.put(items);
  const lines = items.map(({ OrderId = '', ConfirmationId = '' }) =>
    formatCsvRecord([OrderId, ConfirmationId], OUTPUT),
  );
  return { lines, rejects };
}

const OUTPUT = { newline: '\n' } as const;

function rejectLine(entry: CsvEntry, reason: string): string {
  const text = entry.kind === 'reject' ? entry.raw : entry.fields.join(',');
  return formatCsvRecord([String(entry.line), reason, text], OUTPUT);
}
