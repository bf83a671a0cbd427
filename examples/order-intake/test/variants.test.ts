/** The state machines with other settings, other files, and in the older form. */
import { setTimeout as pause } from 'node:timers/promises';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { pathToFileURL } from 'node:url';
import { type Execution, functionArn, type LoadedProject, loadProject, stateMachineArn } from 'fanfold';
import PostalMime from 'postal-mime';
import { afterEach, describe, expect, it } from 'vitest';
import { manualClock } from '../../../packages/fanfold/src/testing/clocks.ts';
import { type OpenExample, openExample } from '../../testing/open-example.ts';
import { BUCKET, completed, loadOrders, uuids } from './orders-of-test.ts';

const PROJECT = join(import.meta.dirname, '..');
const MAIN = 'BlogBatchMainOrchestrator';
const POLLING = 'BlogBatchPollingOrchestrator';
const CHUNK = 'BlogBatchProcessChunk';

let example: OpenExample;
afterEach(() => example.close());

/** With other values of what the triggers hand on. */
async function withInput(input: object): Promise<LoadedProject> {
  const { definition, ...rest } = await loadProject(PROJECT);
  const triggers = definition.triggers?.map((trigger) =>
    trigger.input ? { ...trigger, input: { ...(trigger.input as object), ...input } } : trigger,
  );
  return { ...rest, definition: { ...definition, ...(triggers && { triggers }) } } as LoadedProject;
}

describe('order-intake', () => {
  it.each([
    [1, ',', 12],
    [10_000, ';', 1],
  ])(
    'with %i records in a chunk and "%s" between fields gives one output in order',
    async (size, delimiter, chunks) => {
      example = await openExample(await withInput({ fileChunkSize: size, fileDelimiter: delimiter }));
      const body = (await loadOrders(example, 12)).body.replaceAll(',', delimiter);
      const run = await example.drop(MAIN, { bucket: BUCKET, key: 'input/my file.csv', body });
      expect(run.status, run.cause ?? '').toBe('SUCCEEDED');
      const { executions } = await example.app.executions.list({ stateMachineArn: stateMachineArn(CHUNK) });
      expect(executions).toHaveLength(chunks);
      const [output = ''] = await completed(example);
      expect(uuids(output)).toEqual(uuids(body));
      expect(output.split('\r\n')[1]?.split(`"${delimiter}"`)).toHaveLength(14);
      expect(await example.keys(BUCKET, 'input_archive/')).toEqual(['input_archive/my file.csv']);
    },
  );

  it('makes a header of a file that has only a header, and starts no chunk', async () => {
    example = await openExample(await loadProject(PROJECT));
    const [header = ''] = (await loadOrders(example, 10)).body.split('\r\n');
    const run = await example.drop(MAIN, { bucket: BUCKET, key: 'input/empty.csv', body: header });
    expect(run.status, run.cause ?? '').toBe('SUCCEEDED');
    expect((await completed(example)).map((output) => output.trim().split(',').length)).toEqual([14]);
  });

  it('hands on 700 records of a chunk, unless the limits of AWS hold', async () => {
    const project = await withInput({ fileChunkSize: 700 });
    example = await openExample(project, { limits: 'aws' });
    const put = { bucket: BUCKET, key: 'input/wide.csv', body: (await loadOrders(example, 700)).body };
    const refused = await example.drop(MAIN, put);
    expect(refused.status).toBe('FAILED');
    expect(refused.cause).toContain('States.DataLimitExceeded');
    await example.close();
    example = await openExample(project);
    await loadOrders(example, 700);
    const run = await example.drop(MAIN, put);
    expect(run.status, run.cause ?? '').toBe('SUCCEEDED');
    expect(uuids((await completed(example))[0] ?? '')).toEqual(uuids(put.body));
  });

  it('keeps the limits of AWS with 600 records in a chunk, though its chunks hand on more together', async () => {
    example = await openExample(await loadProject(PROJECT), { limits: 'aws' });
    const run = await example.drop(MAIN, {
      bucket: BUCKET,
      key: 'input/fits.csv',
      body: (await loadOrders(example, 1300)).body,
    });
    expect(run.status, run.cause ?? '').toBe('SUCCEEDED');
    expect((await completed(example)).map((output) => output.trim().split('\r\n').length)).toEqual([1301]);
  });
});

it('keeps the reason of each record of a chunk in which all 600 are bad, within the limits of AWS', async () => {
  example = await openExample(await loadProject(PROJECT), { limits: 'aws' });
  const { body } = await loadOrders(example, 600);
  const dates = /,\d+\/\d+\/\d+(?=\r\n|$)/g;
  const run = await example.drop(MAIN, { bucket: BUCKET, key: 'input/bad.csv', body: body.replace(dates, ',') });
  expect(run.status, run.cause ?? '').toBe('SUCCEEDED');
  const keys = await example.keys(BUCKET);
  const textOf = (ending: string): Promise<string> =>
    example.text(BUCKET, keys.find((key) => key.endsWith(ending)) ?? '');
  expect(JSON.parse(await textOf('/summary.json'))).toMatchObject({
    read: 600,
    written: 0,
    filtered: 0,
    rejected: 600,
  });
  expect(uuids(await textOf('/output/completed/bad.csv'))).toEqual([]);
  expect(uuids(await textOf('/output/rejected/bad.csv'))).toEqual(uuids(body));
  const kept = await example.items('ErrorTable');
  expect(new Set(kept.map(({ uuid }) => uuid))).toEqual(new Set(uuids(body)));
  for (const { cause } of kept) expect(cause).toContain('shipDate is empty');
});

describe('the older workflow', () => {
  const POLLED = { bucket: BUCKET, key: 'input_polled/a.csv' };
  const started = async (): Promise<number> =>
    (await example.app.executions.list({ stateMachineArn: stateMachineArn(POLLING) })).executions.length;

  /** Lets a minute pass whenever the main execution waits and the chunks are done. @param meanwhile what is done before that */
  async function polled(
    project: LoadedProject,
    meanwhile: () => Promise<void> = async () => {},
  ): Promise<{ readonly run: Execution; readonly minutes: number }> {
    const clock = manualClock();
    example = await openExample(project, { clock });
    const body = (await loadOrders(example, 12)).body;
    let run: Execution | undefined;
    void example.drop(POLLING, { ...POLLED, body }).then((ended) => (run = ended));
    let minutes = 0;
    let last = 0;
    while (!run) {
      await pause(20);
      const { executions } = await example.app.executions.list({});
      const main = executions.find(({ arn }) => arn.includes(POLLING));
      const open = executions.filter(({ status, arn }) => status === 'RUNNING' && !arn.includes(POLLING));
      if (!main || open.length > 0 || main.status !== 'RUNNING') continue;
      const { events } = await example.app.executions.history({ executionArn: main.arn, reverse: true, limit: 1 });
      const [{ type, id = 0 } = {}] = events;
      if (type !== 'WaitStateEntered' || id === last) continue;
      last = id;
      await meanwhile();
      clock.advance(60_000);
      minutes++;
    }
    return { run, minutes };
  }

  it('starts the chunks, looks after them once a minute, and merges when they are done', async () => {
    const { run, minutes } = await polled(await withInput({ fileChunkSize: 5 }));
    expect(run.status, run.cause ?? '').toBe('SUCCEEDED');
    expect(minutes).toBe(1);
    expect((run.stoppedAt ?? 0) - run.startedAt).toBe(60_000);
    const [output = ''] = await completed(example);
    expect(uuids(output)).toHaveLength(12);
    expect(example.mails()).toHaveLength(1);
  });

  it('starts nothing for the event of its file when that is delivered again', async () => {
    const { bucket, key } = POLLED;
    const event = {
      eventSource: 'aws:s3',
      eventName: 'ObjectCreated:Put',
      s3: { bucket: { name: bucket }, object: { key } },
    };
    const { run } = await polled(await withInput({ fileChunkSize: 5 }), async () => {
      const response = await fetch(`${example.app.url}/_fanfold/object-events`, {
        method: 'POST',
        headers: { 'Content-Type': 'application/json' },
        body: JSON.stringify({ Records: [event] }),
      });
      expect(response.status, await response.text()).toBe(200);
      await example.app.settled();
      expect(await started()).toBe(1);
    });
    expect(run.status, run.cause ?? '').toBe('SUCCEEDED');
    await example.app.settled();
    expect(await started()).toBe(1);
    expect(await completed(example)).toHaveLength(1);
    expect(example.mails()).toHaveLength(1);
  });

  it('sends a notice and fails when a chunk has failed', async () => {
    const { definition, ...rest } = await withInput({ fileChunkSize: 5 });
    const { [CHUNK]: chunk } = definition.stateMachines;
    // A function that cannot do what is asked of it here.
    const wrong = { ...chunk?.definitionSubstitutions, ReadFileFunctionArn: functionArn('MergeS3Files') };
    const stateMachines = { ...definition.stateMachines, [CHUNK]: { ...chunk, definitionSubstitutions: wrong } };
    const { run } = await polled({ ...rest, definition: { ...definition, stateMachines } } as LoadedProject);
    expect(run).toMatchObject({ status: 'FAILED', error: 'DescribeJob returned FAILED' });
    await example.app.settled();
    const [mail = ''] = example.mails();
    const { subject, text: told } = await PostalMime.parse(mail);
    expect(subject).toBe('Failure from Batch processing step function');
    expect(told).toContain('File processing did not complete in time');
    expect(await completed(example)).toEqual([]);
  });
});

describe('a hand-over', () => {
  it('gives the output to a third party as well, which is one more sink of the batch', async () => {
    const taken: string[] = [];
    const thirdParty = createServer((request, response) => {
      void text(request).then((body) => {
        taken.push(body);
        response.writeHead(204).end();
      });
    }).listen(0, '127.0.0.1');
    await once(thirdParty, 'listening');
    const url = `http://127.0.0.1:${(thirdParty.address() as AddressInfo).port}/orders`;
    const folder = mkdtempSync(join(tmpdir(), 'fanfold-hand-over-'));
    try {
      const handOver = { url, deliver: 'output', format: 'csv' };
      const module = pathToFileURL(join(PROJECT, 'order-intake.batch.ts')).href;
      const batches = import.meta.resolve('fanfold/batch');
      writeFileSync(join(folder, 'package.json'), '{"type":"module"}');
      writeFileSync(
        join(folder, 'orders.batch.ts'),
        `import orders from ${JSON.stringify(module)};
import { batch } from ${JSON.stringify(batches)};
const [output] = orders.definition.sinks;
export default batch({
  ...orders.definition,
  sinks: [output, { ...${JSON.stringify(handOver)}, columns: output.columns, csv: output.csv }],
});`,
      );
      const tables = { FinancialTable: { partitionKey: 'uuid' }, BatchErrorTable: { partitionKey: 'id' } };
      const config = { name: 'p', batches: ['./orders.batch.ts'], buckets: { [BUCKET]: {} }, tables, mail: {} };
      const http = { http: { allow: [new URL(url).host] } };
      writeFileSync(join(folder, 'fanfold.config.json'), JSON.stringify({ ...config, ...http }));
      example = await openExample(await loadProject(folder));
      const put = { bucket: BUCKET, key: 'batch_input/a.csv', body: (await loadOrders(example, 12)).body };
      const run = await example.drop('OrderIntakeBatch', put);
      expect(run.status, run.cause ?? '').toBe('SUCCEEDED');
      expect(taken).toEqual([await example.text(BUCKET, 'batch_output/a.csv')]);
    } finally {
      thirdParty.closeAllConnections();
      thirdParty.close();
      rmSync(folder, { recursive: true, force: true });
    }
  });
});
