/**
 * Write output file: the chunk's good records as CSV without a header, the others as rejects with their reasons, and
 * last the chunk's account, which says that both are there.
 */
import type { FunctionHandler, Json } from 'fanfold';
import { formatCsvRecord } from 'fanfold/records';
import type { ChunkAccount } from '../orders/account.ts';
import { readChunkNote } from '../orders/chunk-note.ts';
import { FINANCIAL_COLUMNS, type FinancialData, ORDER_COLUMNS, type Order } from '../orders/columns.ts';
import { sha256 } from '../orders/objects.ts';
import { orderFields, putRejects, type Reject } from '../orders/reject.ts';
import { parseFilePath } from '../orders/run-folder.ts';

/** A record behind the Map: either its financial data or what went wrong. */
export type EnrichedOrder = Order & {
  readonly financialdata?: { readonly item: Partial<FinancialData> | null };
  readonly 'error-info'?: { readonly Error: string; readonly Cause: string };
};

export interface WriteEvent {
  readonly FilePath: string;
  readonly enrichedData: readonly EnrichedOrder[];
}

export interface WriteResult {
  readonly outputFile: string;
  readonly written: number;
  readonly rejected: number;
}

export const handler: FunctionHandler<WriteEvent, WriteResult> = async (event, { objects }) => {
  const { bucket, folder, part } = parseFilePath(event.FilePath);
  const { delimiter } = await readChunkNote(objects, { bucket, key: folder.note(part) });
  const lines: string[] = [];
  const rejects: Reject[] = [];
  for (const order of event.enrichedData) {
    const reason = rejectReason(order);
    if (reason === undefined) lines.push(formatCsvRecord(outputFields(order), { delimiter, quote: 'all' }));
    else rejects.push({ line: order.line, reason, record: orderFields(order) });
  }
  const body = lines.join('');
  const account: ChunkAccount = { written: lines.length, rejected: rejects.length, sha256: sha256(body) };
  await objects.put({ bucket, key: folder.output(part), body, contentType: 'text/csv' });
  await putRejects(objects, { bucket, key: folder.rejects(part, 'write') }, rejects);
  await objects.put({
    bucket,
    key: folder.account(part),
    body: `${JSON.stringify(account)}\n`,
    contentType: 'application/json',
  });
  return { outputFile: `${bucket}/${folder.output(part)}`, written: account.written, rejected: account.rejected };
};

function outputFields(order: EnrichedOrder): readonly string[] {
  return [
    ...ORDER_COLUMNS.map(({ field }) => order[field]),
    ...FINANCIAL_COLUMNS.map(({ field }) => order.financialdata?.item?.[field] ?? ''),
  ];
}

function rejectReason(order: EnrichedOrder): string | undefined {
  const failure = order['error-info'];
  if (failure) return failureReason(failure.Error, failure.Cause, order.line);
  const item = order.financialdata?.item;
  if (!item) return `no financial data for uuid ${order.uuid}.`;
  const missing = FINANCIAL_COLUMNS.filter(({ field }) => typeof item[field] !== 'string').map(({ field }) => field);
  return missing.length > 0 ? `financial data for uuid ${order.uuid} lacks ${missing.join(', ')}.` : undefined;
}

/** The reasons of a ValidationError without its line, which a reject has for itself; of another error all that is known. */
function failureReason(error: string, cause: string, line: number): string {
  const message = messageOf(cause);
  const prefix = `Line ${line}: `;
  if (error === 'ValidationError' && message.startsWith(prefix)) return message.slice(prefix.length);
  return `${error}: ${message}`;
}

/** A function's Cause is JSON with an errorMessage; another Cause is a text. */
function messageOf(cause: string): string {
  try {
    const parsed = JSON.parse(cause) as Json;
    const message = typeof parsed === 'object' && parsed !== null && 'errorMessage' in parsed && parsed.errorMessage;
    return typeof message === 'string' ? message : cause;
  } catch {
    return cause;
  }
}
