import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Value } from '../interpreter/value.ts';
import type { Executions } from '../ports/executions.ts';
import { ServiceError } from '../ports/service-error.ts';
import { createMachines } from '../runtimes/machines/machines.ts';
import { createMemoryStore } from '../runtimes/memory/store.ts';
import { createRuntime } from '../runtimes/runtime.ts';
import { machineClock } from '../testing/clocks.ts';
import { recordingLogger } from '../testing/logger.fixture.ts';
import { ARN_PREFIX, PLACE, ROLE, startTestServer, type TestServer } from '../testing/server.fixture.ts';
import { createRemoteExecutions, createRemoteStateMachines } from './client.ts';

const PASS = '{"StartAt":"A","States":{"A":{"Type":"Pass","End":true}}}';
const FAIL = '{"StartAt":"F","States":{"F":{"Type":"Fail","Error":"Bad","Cause":"because"}}}';
const WAIT = '{"StartAt":"W","States":{"W":{"Type":"Wait","Seconds":9999,"End":true}}}';

const store = createMemoryStore();
const stateMachines = createMachines({ store, clock: machineClock, ...PLACE });
const local = createRuntime({
  store,
  machines: stateMachines,
  services: () => ({ perform: () => new Promise(() => {}) }),
  clock: machineClock,
  logger: recordingLogger(),
  seed: () => 1,
  region: 'us-east-1',
  account: '000000000000',
  tokenSecret: 'secret',
  onClosed: async () => {},
  onFatal: () => {},
}).executions;

let server: TestServer;
let remote: Executions;
beforeAll(async () => {
  server = await startTestServer({ executions: local, stateMachines });
  remote = createRemoteExecutions(server.url);
  for (const [name, definition] of Object.entries({ pass: PASS, fail: FAIL, wait: WAIT }))
    await stateMachines.put({ name, definition, roleArn: ROLE, type: 'STANDARD' });
});
afterAll(() => server.close());

const machine = (name: string): string => `${ARN_PREFIX}:stateMachine:${name}`;

async function refusal(work: Promise<unknown>): Promise<readonly unknown[]> {
  const error = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(ServiceError);
  const { code, message, status } = error as ServiceError;
  return [code, message, status];
}

describe('executions through a server', () => {
  it('are the same as beside the store', async () => {
    const input = '{ "a": 1 }';
    const started = await remote.start({ stateMachineArn: machine('pass'), name: 'same', input });
    expect(started).toEqual({
      executionArn: `${ARN_PREFIX}:execution:pass:same`,
      startDate: expect.any(Date),
      existing: false,
    });
    const ended = await remote.closed(started.executionArn);
    const { input: remoteInput, output: remoteOutput, ...shown } = ended;
    const { input: localInput, output: localOutput, ...kept } = await local.describe(started.executionArn);
    expect(shown).toEqual(kept);
    expect([remoteInput.text, remoteOutput?.text]).toEqual([localInput.text, localOutput?.text]);
    expect(remoteInput).toBeInstanceOf(Value);
    expect(await remote.history({ executionArn: started.executionArn })).toEqual(
      await local.history({ executionArn: started.executionArn }),
    );
  });

  it('that failed tell why', async () => {
    const { executionArn } = await remote.start({ stateMachineArn: machine('fail') });
    expect(await remote.closed(executionArn)).toMatchObject({
      status: 'FAILED',
      error: 'Bad',
      cause: 'because',
      output: null,
    });
  });

  it('are redriven, with a corrected definition too', async () => {
    const { executionArn } = await remote.start({ stateMachineArn: machine('fail') });
    const at = await remote.redrive({ executionArn, clientToken: 'x' });
    expect(await remote.redrive({ executionArn, clientToken: 'x' })).toEqual(at);
    const definition = FAIL.replace('because', 'therefore');
    await remote.redrive({ executionArn, definition });
    const ended = await remote.closed(executionArn);
    expect(ended).toMatchObject({ cause: 'therefore', redrive: { count: 2 } });
    expect(ended.redrive).toEqual((await local.describe(executionArn)).redrive);
    expect((await refusal(remote.redrive({ executionArn, definition: PASS })))[1]).toContain(
      "the state 'F' is missing",
    );
  });

  it('are waited for until they end', async () => {
    const { executionArn } = await remote.start({ stateMachineArn: machine('wait') });
    const closed = remote.closed(executionArn);
    const stopped = await remote.stop({ executionArn, error: 'Enough', cause: 'now' });
    const { status, error, stoppedAt } = await closed;
    expect({ status, error, stoppedAt }).toEqual({ status: 'ABORTED', error: 'Enough', stoppedAt: stopped.getTime() });
  });

  it('that are running already are said to be', async () => {
    const params = { stateMachineArn: machine('wait'), name: 'again' };
    expect((await remote.start(params)).existing).toBe(false);
    expect((await remote.start(params)).existing).toBe(true);
  });

  it('are listed in pages, of one machine or of all, without their data', async () => {
    for (let i = 0; i < 3; i++) await remote.start({ stateMachineArn: machine('fail'), name: `list-${i}` });
    const names: string[] = [];
    for (let after: string | undefined, more = true; more;) {
      const page = await remote.list({ stateMachineArn: machine('fail'), limit: 2, ...(after && { after }) });
      names.push(...page.executions.map(({ name }) => name));
      after = page.next;
      more = after !== undefined;
    }
    expect(names.slice(0, 3)).toEqual(['list-2', 'list-1', 'list-0']);
    const all = await remote.list({});
    expect(all.executions.map(({ arn }) => arn)).toEqual((await local.list({})).executions.map(({ arn }) => arn));
    const failed = all.executions.find(({ name }) => name === 'list-0');
    expect(failed).toMatchObject({ status: 'FAILED', error: 'Bad', cause: 'because', output: null });
    expect(() => failed?.input.text).toThrow(/Describe the execution/);
    expect((await remote.list({ status: 'RUNNING' })).executions.every(({ status }) => status === 'RUNNING')).toBe(
      true,
    );
  });

  it.each([false, true])('have their history in pages, reverse: %s', async (reverse) => {
    const { executionArn } = await remote.start({ stateMachineArn: machine('pass') });
    const first = await remote.history({ executionArn, reverse, limit: 3, includeData: false });
    const rest = await remote.history({ executionArn, reverse, includeData: false, after: first.next ?? -1 });
    const ids = [...first.events, ...rest.events].map(({ id }) => id);
    expect(ids).toEqual(reverse ? [4, 3, 2, 1] : [1, 2, 3, 4]);
    expect(rest.next).toBeUndefined();
  });

  it('are refused in the words of the service', async () => {
    const executionArn = `${ARN_PREFIX}:execution:pass:gone`;
    const gone = ['ExecutionDoesNotExist', `Execution Does Not Exist: '${executionArn}'`, 400];
    expect(await refusal(remote.describe(executionArn))).toEqual(gone);
    expect(await refusal(remote.closed(executionArn))).toEqual(gone);
    expect((await refusal(remote.start({ stateMachineArn: machine('pass'), input: '{' })))[0]).toBe(
      'InvalidExecutionInput',
    );
  });
});

describe('state machines through a server', () => {
  it('are made, given a new definition, described and listed', async () => {
    const machines = createRemoteStateMachines(server.url);
    const params = { name: 'remote', definition: PASS, roleArn: ROLE, type: 'STANDARD' } as const;
    expect(await machines.put(params)).toEqual((await stateMachines.list()).find(({ name }) => name === 'remote'));
    const { executionArn } = await remote.start({ stateMachineArn: machine('remote') });
    await machines.put({ ...params, definition: FAIL, roleArn: `${ROLE}-2` });
    expect(await machines.describe(machine('remote'))).toEqual(await stateMachines.describe(machine('remote')));
    expect(await machines.describeForExecution(executionArn)).toEqual(
      await stateMachines.describeForExecution(executionArn),
    );
    expect(await machines.list()).toEqual(await stateMachines.list());
    expect((await refusal(machines.put({ ...params, type: 'EXPRESS' })))[0]).toBe('ConflictException');
    expect((await refusal(machines.put({ ...params, definition: '{}' })))[0]).toBe('InvalidDefinition');
  });
});

describe('a server that is none', () => {
  it('is said not to answer', async () => {
    const gone = await startTestServer();
    await gone.close();
    await expect(createRemoteExecutions(gone.url).list({})).rejects.toThrow(
      `The server at ${gone.url} does not answer`,
    );
  });

  it.each(['hello', '[]', '{}', '{"executions":[{}]}'])('is said to be no Fanfold when it answers %s', async (body) => {
    const other = createServer((_, outgoing) => outgoing.end(body)).listen(0, '127.0.0.1');
    await once(other, 'listening');
    const { port } = other.address() as AddressInfo;
    await expect(createRemoteExecutions(`http://127.0.0.1:${port}`).list({})).rejects.toThrow(/Fanfold/);
    other.close();
    other.closeAllConnections();
  });
});
