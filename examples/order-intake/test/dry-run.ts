/** Does by hand what the two state machines do with the functions. */
import type { FunctionContext, JsonObject } from 'fanfold';
import { handler as lookUp } from '../functions/get-financial-data.ts';
import { type MergeResult, handler as merge } from '../functions/merge-files.ts';
import { handler as readFile } from '../functions/read-file.ts';
import { type SplitResult, handler as split } from '../functions/split-input-file.ts';
import { handler as validate } from '../functions/validate-data.ts';
import { type EnrichedOrder, handler as write } from '../functions/write-output-chunk.ts';
import { financialItem, type GeneratedOrders } from '../generate.ts';
import type { Order } from '../orders/columns.ts';
import type { SplitEvent } from '../orders/input-file.ts';
import type { Fakes } from './fakes.ts';

export const BUCKET = 'source-bucket';

export function splitEvent(key: string, chunkSize?: number, delimiter?: string): SplitEvent {
  const encoded = key.split('/').map(encodeURIComponent).join('/').replaceAll('%20', '+');
  return {
    Records: { s3: { bucket: { name: BUCKET }, object: { key: encoded } } },
    inputArchiveFolder: 'input_archive',
    ...(chunkSize !== undefined && { fileChunkSize: chunkSize }),
    ...(delimiter !== undefined && { fileDelimiter: delimiter }),
  };
}

export async function load(fakes: Fakes, generated: GeneratedOrders, key: string, delimiter = ','): Promise<string> {
  let text = '';
  for await (const block of generated.csv()) text += block;
  // Generated fields have a comma only inside quotes.
  if (delimiter !== ',') text = text.replace(/"[^"]*"|,/g, (found) => (found === ',' ? delimiter : found));
  fakes.files.set(`${BUCKET}/${key}`, Buffer.from(text));
  for (const record of generated.financials())
    fakes.items.set(`FinancialTable/${JSON.stringify({ uuid: { S: record.uuid } })}`, financialItem(record));
  return text;
}

export interface DryRun {
  readonly split: SplitResult;
  readonly merged: MergeResult;
  /** Largest output of the Map, in characters of JSON. */
  readonly largestPayload: number;
}

export async function dryRun(fakes: Fakes, event: SplitEvent): Promise<DryRun> {
  const { context } = fakes;
  const done = await split(event, context);
  let largestPayload = 0;
  // Backwards: the order in which chunks end must not matter.
  for (const FilePath of [...done.splitFileNames].reverse())
    largestPayload = Math.max(largestPayload, await processChunk(FilePath, context));
  const { toProcessFolder, bucket, key } = done;
  return { split: done, merged: await merge({ toProcessFolder, bucket, key }, context), largestPayload };
}

export async function processChunk(FilePath: string, context: FunctionContext): Promise<number> {
  const orders = await readFile({ input: { FilePath } }, context);
  const enrichedData: EnrichedOrder[] = [];
  for (const order of orders) enrichedData.push(await processRecord(order, context));
  await write({ FilePath, enrichedData }, context);
  return JSON.stringify({ FilePath, enrichedData }).length;
}

async function processRecord(order: Order, context: FunctionContext): Promise<EnrichedOrder> {
  try {
    const validated = { ...order, validatedresult: await validate(order, context) };
    const { statusCode, body } = await lookUp({ pathParameters: { uuid: order.uuid } }, context);
    if (statusCode !== 200) throw new Error(`The lookup answered ${statusCode}.`);
    const { item } = JSON.parse(body) as JsonObject;
    return { ...validated, financialdata: { item } } as unknown as EnrichedOrder;
  } catch (thrown) {
    const error = thrown as Error;
    const cause = { errorType: error.name, errorMessage: error.message, trace: (error.stack ?? '').split('\n') };
    return { ...order, 'error-info': { Error: error.name, Cause: JSON.stringify(cause) } };
  }
}
