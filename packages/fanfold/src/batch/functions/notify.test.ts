/** Runs whose people cannot be told: the mail server is away. */
import { afterEach, expect, it, vi } from 'vitest';
import { stateMachineArn } from '../../app/arn.ts';
import type { App } from '../../app/create-app.ts';
import { accountText } from '../../cli/account-text.ts';
import type { Execution } from '../../interpreter/execution.ts';
import { type BatchProject, openBatchProject } from '../../testing/batch-project.fixture.ts';
import { manualClock } from '../../testing/clocks.ts';
import type { RunAccount } from '../account.ts';

let project: BatchProject;
afterEach(() => project.close());

/** The end of a run over the text, and how long it was tried to tell of it, by the clock, in seconds. */
async function untold(text: string): Promise<{ readonly execution: Execution; readonly waits: readonly number[] }> {
  const clock = manualClock();
  project = await openBatchProject(
    `schema: { type: 'object', properties: { n: { type: 'integer' } }, required: ['n'] },
     notify: { from: 'batch@example.com', success: ['ok@example.com'], failure: ['bad@example.com'] },
     sinks: [{ object: 'out/{file}', columns: ['n'] }],`,
    // Nothing listens on port 1.
    { settings: { mail: { smtp: 'smtp://127.0.0.1:1' } }, clock },
  );
  const { app } = project;
  await app.objects.put({ bucket: 'files', key: 'in/a.csv', body: text });
  await app.settled();
  const [{ arn = '' } = {}] = (await app.executions.list({ stateMachineArn: stateMachineArn('orders') })).executions;
  const waits: number[] = [];
  for (;;) {
    const type = await vi.waitFor(() => nextStop(app, arn, waits.length), { interval: 10, timeout: 30_000 });
    if (type !== 'TaskFailed') break;
    const seconds = 5 * 2 ** waits.length;
    waits.push(seconds);
    clock.advance(seconds * 1000);
  }
  return { execution: await app.executions.closed(arn), waits };
}

/** The event that an execution stands at: its end, or a failed task that comes behind as many others. */
async function nextStop({ executions }: App, executionArn: string, failed: number): Promise<string> {
  const { events } = await executions.history({ executionArn });
  const type = events.at(-1)?.type ?? '';
  if (/^Execution(Succeeded|Failed)$/.test(type)) return type;
  if (type === 'TaskFailed' && events.filter((event) => event.type === type).length > failed) return type;
  throw new Error(`It goes on: ${type}`);
}

it('a run that nobody can be told of has succeeded all the same, and its account says so', async () => {
  const { execution, waits } = await untold('n\n1\n');
  expect(execution).toMatchObject({ status: 'SUCCEEDED', error: null });
  expect(waits).toEqual([5, 10, 20, 40, 80, 160, 320]);
  const account = execution.output?.json as unknown as RunAccount;
  expect(account).toMatchObject({ read: 1, written: 1, notTold: { cause: expect.stringContaining('127.0.0.1:1') } });
  expect(accountText(account)).toMatch(/^  not told {4}\w+: [^{]*127\.0\.0\.1:1/m);
  expect(await project.text('out/a.csv')).toBe('n\r\n1\r\n');
});

it('a run that has failed fails with its own error, whoever can be told', async () => {
  const { execution } = await untold('n\nx\n');
  expect(execution).toMatchObject({ status: 'FAILED', error: 'Fanfold.SkipLimitExceeded' });
});

it('a topic is told of a success and of a failure, with what its subscribers need to tell them apart', async () => {
  const nobody = `notify: { failure: [{ topic: 'nobody' }] }, sinks: [{ object: 'out/{file}', columns: ['id'] }],`;
  await expect(openBatchProject(nobody)).rejects.toThrow('tells the topic nobody, which is not in topics.');
  project = await openBatchProject(
    `notify: { success: [{ topic: 'runs' }], failure: [{ topic: 'arn:aws:sns:eu-west-1:123456789012:runs' }, { topic: 'other' }] },
     process: ({ id }) => { if (id === 'x') throw new Error('no'); return { id }; },
     sinks: [{ object: 'out/{file}', columns: ['id'] }],`,
    {
      before: `export const handler = async ({ Records: [{ Sns }] }, { objects }) => {
        const { batch, state } = Sns.MessageAttributes;
        const key = 'told/' + Sns.TopicArn.split(':').at(-1) + '-' + state.Value;
        await objects.put({ bucket: 'files', key, body: JSON.stringify([Sns.Subject, batch.Value, JSON.parse(Sns.Message)]) });
      };`,
      settings: {
        functions: { told: { module: './orders.batch.ts' } },
        topics: {
          runs: { subscriptions: [{ function: 'told' }] },
          other: { subscriptions: [{ function: 'told', filter: { state: ['FAILED'] } }] },
        },
      },
    },
  );
  const told = (topic: string): Promise<unknown> =>
    vi.waitFor(async () => JSON.parse(await project.text(`told/${topic}`)) as unknown, {
      interval: 20,
      timeout: 30_000,
    });

  const { account } = await project.run('in/a b.csv', 'id\n1\n');
  const { run } = account;
  expect(await told('runs-SUCCEEDED')).toEqual([
    'orders has succeeded',
    'orders',
    { batch: 'orders', run, file: 'files/in/a b.csv', state: 'SUCCEEDED', account },
  ]);

  const { execution } = await project.run('in/c.csv', 'id\nx\n');
  expect(execution).toMatchObject({ status: 'FAILED', error: 'Fanfold.SkipLimitExceeded' });
  const failure = {
    batch: 'orders',
    run: execution.name,
    file: 'files/in/c.csv',
    state: 'FAILED',
    error: 'Fanfold.SkipLimitExceeded',
    cause: expect.stringMatching(/^1 of 1 records were rejected/),
  };
  expect(await told('runs-FAILED')).toEqual(['orders has failed', 'orders', failure]);
  expect(await told('other-FAILED')).toEqual(['orders has failed', 'orders', failure]);
  expect(project.mails()).toEqual([]);
});
