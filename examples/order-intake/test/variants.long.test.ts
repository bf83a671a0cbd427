/** The state machines with more chunks than a listing shows, and with nobody to take the mail. */
import { join } from 'node:path';
import { type LoadedProject, loadProject, stateMachineArn } from 'fanfold';
import PostalMime from 'postal-mime';
import { afterEach, expect, it } from 'vitest';
import { follow } from '../../testing/follow.ts';
import { type OpenExample, openExample } from '../../testing/open-example.ts';
import { BUCKET, completed, loadOrders, uuids } from './orders-of-test.ts';

const PROJECT = join(import.meta.dirname, '..');
const MAIN = 'BlogBatchMainOrchestrator';

let example: OpenExample;
afterEach(() => example.close());

it('merges 1,200 chunks, all of them and in order', async () => {
  const { definition, ...rest } = await loadProject(PROJECT);
  const triggers = definition.triggers?.map((trigger) =>
    trigger.input ? { ...trigger, input: { ...(trigger.input as object), fileChunkSize: 1 } } : trigger,
  );
  example = await openExample({ ...rest, definition: { ...definition, triggers } } as LoadedProject);
  const body = (await loadOrders(example, 1200)).body;
  const run = await example.drop(MAIN, { bucket: BUCKET, key: 'input/many.csv', body });
  expect(run.status, run.cause ?? '').toBe('SUCCEEDED');
  const [output = ''] = await completed(example);
  expect(uuids(output)).toEqual(uuids(body));
});

it('takes 10,000 clean orders through 17 chunks into one output, one mail and the archive', async () => {
  example = await openExample(await loadProject(PROJECT));
  const { app } = example;
  const { body } = await loadOrders(example, 10_000);
  const run = await example.drop(MAIN, { bucket: BUCKET, key: 'input/testfile.csv', body });
  expect(run.status, run.cause ?? '').toBe('SUCCEEDED');
  const chunks = await app.executions.list({ stateMachineArn: stateMachineArn('BlogBatchProcessChunk') });
  expect(chunks.executions).toHaveLength(17);
  const [output = ''] = await completed(example);
  const lines = output.trimEnd().split('\r\n');
  expect([lines.length, lines[0]?.split(',').length]).toEqual([10_001, 14]);
  expect(uuids(output)).toEqual(uuids(body));
  await app.settled();
  expect([await example.keys(BUCKET, 'input/'), await example.keys(BUCKET, 'input_archive/')]).toEqual([
    [],
    ['input_archive/testfile.csv'],
  ]);
  expect(await example.items('ErrorTable')).toEqual([]);
  const mails = example.mails();
  expect(mails).toHaveLength(1);
  const { text = '' } = await PostalMime.parse(mails[0] ?? '');
  const link = new URL(/http:\/\/[^\s"<>]+/.exec(text)?.[0] ?? '');
  expect(await (await follow(app.url, link)).text()).toBe(output);
});

it('fails by the mail when nobody takes it, tried four times, its output kept', async () => {
  const { definition, ...rest } = await loadProject(PROJECT);
  // Nobody listens at port 1.
  const mail = { ...definition.mail, smtp: 'smtp://127.0.0.1:1' };
  example = await openExample({ ...rest, definition: { ...definition, mail } });
  const run = await example.drop(MAIN, {
    bucket: BUCKET,
    key: 'input/orders.csv',
    body: (await loadOrders(example, 20)).body,
  });
  expect(run.status).toBe('FAILED');
  expect(run.cause).toContain('ECONNREFUSED');
  const { events } = await example.app.executions.history({ executionArn: run.arn, limit: 1000, reverse: true });
  expect(events.filter(({ type }) => type === 'LambdaFunctionFailed')).toHaveLength(4);
  expect(await completed(example)).toHaveLength(1);
});
