/** What a chunk of the state machines may hold: 600 enriched records pass AWS's limits, 700 do not. */
import { join } from 'node:path';
import { type LoadedProject, loadProject } from 'fanfold';
import { afterEach, expect, it } from 'vitest';
import { type OpenExample, openExample } from '../../testing/open-example.ts';
import { financialItem, generateOrders } from '../generate.ts';
import { FINANCIAL_TABLE } from '../orders/columns.ts';

const RECORDS = 1300;

let example: OpenExample;
afterEach(() => example.close());

async function projectWith(fileChunkSize: number, limits: 'aws' | 'local'): Promise<LoadedProject> {
  const { definition, ...rest } = await loadProject(join(import.meta.dirname, '..'));
  const triggers = (definition.triggers ?? []).map((trigger) => ({
    ...trigger,
    input: { ...(trigger.input as object), fileChunkSize },
  }));
  return { ...rest, definition: { ...definition, triggers, limits } };
}

it.each([
  { fileChunkSize: 600, limits: 'aws', status: 'SUCCEEDED', chunks: ['SUCCEEDED', 'SUCCEEDED', 'SUCCEEDED'] },
  { fileChunkSize: 700, limits: 'aws', status: 'FAILED', chunks: ['FAILED'] },
  { fileChunkSize: 700, limits: 'local', status: 'SUCCEEDED', chunks: ['SUCCEEDED', 'SUCCEEDED'] },
] as const)(
  'with $fileChunkSize records in a chunk, and the limits of $limits: $status',
  async ({ fileChunkSize, limits, status, chunks }) => {
    example = await openExample(await projectWith(fileChunkSize, limits));
    const orders = generateOrders({ records: RECORDS, seed: 1, planted: false });
    await example.app.tables.putMany({ table: FINANCIAL_TABLE, items: [...orders.financials()].map(financialItem) });
    let body = '';
    for await (const block of orders.csv()) body += block;
    const run = await example.drop('BlogBatchMainOrchestrator', {
      bucket: 'source-bucket',
      key: 'input/orders.csv',
      body,
    });
    expect(run.status, run.cause ?? '').toBe(status);
    const { executions } = await example.app.executions.list({
      stateMachineArn: run.stateMachineArn.replace(/[^:]+$/, 'BlogBatchProcessChunk'),
    });
    // Of a run that has failed the other chunk may have been stopped, or done before.
    expect(executions.map((chunk) => chunk.status)).toEqual(expect.arrayContaining([...chunks]));
    const failed = executions.find((chunk) => chunk.status === 'FAILED');
    expect(failed?.error).toBe(status === 'FAILED' ? 'States.DataLimitExceeded' : undefined);
    const warned = executions.flatMap(({ warnings = [] }) => warnings.map(({ limit }) => limit));
    expect(warned).toEqual(limits === 'local' ? ['payloadSize'] : []);
  },
);
