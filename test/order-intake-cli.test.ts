/** order-intake, fed by the AWS CLI. Left out where there is none. */
import { globSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stateMachineArn } from 'fanfold';
import { expect, it, vi } from 'vitest';
import { financialItem, generateOrders } from '../examples/order-intake/generate.ts';
import { hasAwsCli, openAwsCli } from './aws.ts';
import { callStates, startServe } from './serve.ts';

if (!hasAwsCli) process.stderr.write('order-intake-cli.test.ts is left out: there is no AWS CLI.\n');

it.skipIf(!hasAwsCli)('starts with `aws s3 cp` of its input, and its output comes back with `aws s3 cp`', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'fanfold-order-intake-cli-'));
  const serve = await startServe({ args: ['-C', join(import.meta.dirname, '..', 'examples', 'order-intake')] });
  const aws = openAwsCli(serve.url);
  try {
    const orders = generateOrders({ records: 20, seed: 1, planted: false });
    const puts = [...orders.financials()].map((record) => ({ PutRequest: { Item: financialItem(record) } }));
    await aws.run('dynamodb', 'batch-write-item', '--request-items', JSON.stringify({ FinancialTable: puts }));
    let csv = '';
    for await (const block of orders.csv()) csv += block;
    const input = join(folder, 'my orders.csv');
    writeFileSync(input, csv);
    await aws.run('s3', 'cp', input, 's3://source-bucket/input/');

    const arn = stateMachineArn('BlogBatchMainOrchestrator');
    const execution = await vi.waitFor(async () => {
      const listed = (await callStates(serve.url, 'ListExecutions', { stateMachineArn: arn })) as {
        readonly executions: readonly { readonly executionArn: string; readonly status: string }[];
      };
      const [started] = listed.executions;
      if (!started || started.status === 'RUNNING') throw new Error('It goes on.');
      return callStates(serve.url, 'DescribeExecution', { executionArn: started.executionArn });
    }, 30_000);
    expect(execution).toMatchObject({ status: 'SUCCEEDED' });
    const only = ['--recursive', '--exclude', '*', '--include', '*/output/completed/*'];
    await aws.run('s3', 'cp', 's3://source-bucket/', folder, ...only);
    const [output = ''] = globSync('*/output/completed/my orders.csv', { cwd: folder });
    const ids = (text: string): string[] =>
      text
        .trim()
        .split('\r\n')
        .map((line) => line.replaceAll('"', '').slice(0, 9));
    expect(ids(readFileSync(join(folder, output), 'utf8')).slice(1)).toEqual(ids(csv).slice(1));
  } finally {
    await aws.close();
    await serve.stop();
    rmSync(folder, { recursive: true, force: true });
  }
});
