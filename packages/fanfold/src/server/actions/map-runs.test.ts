import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Json, JsonObject } from '../../json.ts';
import { ROLE, startTestServer, type TestServer } from '../../testing/server.fixture.ts';

function mapOf(state: Json, rest: JsonObject = {}): string {
  const ItemProcessor = {
    ProcessorConfig: { Mode: 'DISTRIBUTED', ExecutionType: 'STANDARD' },
    StartAt: 'Work',
    States: { Work: state },
  };
  return JSON.stringify({
    StartAt: 'Each',
    States: { Each: { Type: 'Map', Label: 'Lines', MaxConcurrency: 2, ItemProcessor, End: true, ...rest } },
  });
}

const PASS: Json = { Type: 'Pass', End: true };
/** Nobody answers it. */
const WAIT: Json = { Type: 'Wait', Seconds: 99_999, End: true };

describe('map runs', () => {
  let server: TestServer;
  beforeEach(async () => {
    server = await startTestServer();
  });
  afterEach(() => server.close());
  const call = async (action: string, params: JsonObject): Promise<JsonObject> =>
    (await server.call(action, params)).body;
  const begin = async (definition: string, input: Json): Promise<{ executionArn: string; mapRunArn: string }> => {
    const { stateMachineArn = '' } = await call('CreateStateMachine', { name: 'm', definition, roleArn: ROLE });
    const started = await call('StartExecution', { stateMachineArn, input: JSON.stringify(input) });
    const executionArn = started.executionArn as string;
    for (;;) {
      const { mapRuns = [] } = await call('ListMapRuns', { executionArn });
      const [first] = mapRuns as JsonObject[];
      if (first) return { executionArn, mapRunArn: first.mapRunArn as string };
    }
  };
  const until = async (mapRunArn: string, wanted: (run: JsonObject) => boolean): Promise<JsonObject> => {
    for (;;) {
      const run = await call('DescribeMapRun', { mapRunArn });
      if (wanted(run)) return run;
    }
  };

  it('are described and listed as AWS does', async () => {
    const { executionArn, mapRunArn } = await begin(mapOf(PASS), [1, 2, 3]);
    const run = await until(mapRunArn, ({ status }) => status === 'SUCCEEDED');
    const counts = {
      pending: 0,
      running: 0,
      succeeded: 3,
      failed: 0,
      timedOut: 0,
      aborted: 0,
      total: 3,
      resultsWritten: 3,
    };
    expect(run).toEqual({
      mapRunArn,
      executionArn,
      status: 'SUCCEEDED',
      startDate: expect.any(Number) as number,
      stopDate: expect.any(Number) as number,
      maxConcurrency: 2,
      toleratedFailureCount: 0,
      toleratedFailurePercentage: 0,
      itemCounts: counts,
      executionCounts: counts,
      redriveCount: 0,
    });
    const stateMachineArn = 'arn:aws:states:us-east-1:000000000000:stateMachine:m/Lines';
    expect(await call('ListMapRuns', { executionArn })).toEqual({
      mapRuns: [
        { executionArn, mapRunArn, stateMachineArn, startDate: run.startDate as Json, stopDate: run.stopDate as Json },
      ],
    });
  });

  it('have children that are listed and described with their run', async () => {
    const { mapRunArn } = await begin(mapOf(PASS), [1, 2, 3]);
    await until(mapRunArn, ({ status }) => status === 'SUCCEEDED');
    const page = await call('ListExecutions', { mapRunArn, maxResults: 2 });
    const rest = await call('ListExecutions', { mapRunArn, maxResults: 2, nextToken: page.nextToken ?? '' });
    const children = [...(page.executions as JsonObject[]), ...(rest.executions as JsonObject[])];
    expect(children).toHaveLength(3);
    expect(children[0]).toMatchObject({ mapRunArn, itemCount: 1, status: 'SUCCEEDED' });
    const executionArn = children[0]?.executionArn ?? '';
    expect(await call('DescribeExecution', { executionArn })).toMatchObject({ mapRunArn });
    expect(await call('DescribeStateMachineForExecution', { executionArn })).toMatchObject({ name: 'm' });
    const { events } = await call('GetExecutionHistory', { executionArn });
    expect((events as JsonObject[]).map(({ type }) => type)).toEqual([
      'ExecutionStarted',
      'PassStateEntered',
      'PassStateExited',
      'ExecutionSucceeded',
    ]);
    expect(await call('ListExecutions', { mapRunArn, statusFilter: 'FAILED' })).toEqual({ executions: [] });
  });

  it('take another concurrency and tolerance while they run, and none when they have ended', async () => {
    const { executionArn, mapRunArn } = await begin(mapOf(WAIT), [1, 2, 3, 4]);
    const running = (count: number) => (run: JsonObject) => (run.itemCounts as JsonObject).running === count;
    await until(mapRunArn, running(2));
    await call('UpdateMapRun', { mapRunArn, maxConcurrency: 3, toleratedFailurePercentage: 12.5 });
    const run = await until(mapRunArn, running(3));
    expect(run).toMatchObject({ maxConcurrency: 3, toleratedFailurePercentage: 12.5 });
    await call('StopExecution', { executionArn });
    await until(mapRunArn, ({ status }) => status === 'ABORTED');
    expect(await call('UpdateMapRun', { mapRunArn, maxConcurrency: 1 })).toMatchObject({
      __type: 'ValidationException',
    });
  });

  it.each([
    ['DescribeMapRun', { mapRunArn: 'arn:aws:states:us-east-1:000000000000:mapRun:m/l:nobody' }, 'ResourceNotFound'],
    ['DescribeMapRun', { mapRunArn: 'arn:aws:states:us-east-1:000000000000:execution:m:x' }, 'InvalidArn'],
    ['DescribeMapRun', {}, 'ValidationException'],
    ['UpdateMapRun', { mapRunArn: 'arn:aws:states:us-east-1:000000000000:mapRun:m/l:nobody' }, 'ValidationException'],
    [
      'ListMapRuns',
      { executionArn: 'arn:aws:states:us-east-1:000000000000:execution:m:nobody' },
      'ExecutionDoesNotExist',
    ],
    ['ListExecutions', { mapRunArn: 'arn:aws:states:us-east-1:000000000000:mapRun:m/l:nobody' }, 'ResourceNotFound'],
  ])('refuses %s with %j: %s', async (action, params, code) => {
    expect(await call(action, params)).toMatchObject({ __type: code });
  });
});
