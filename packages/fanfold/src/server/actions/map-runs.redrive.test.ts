/** Redrives of map runs, as the client of AWS's SDK sees them. */
import {
  DeleteStateMachineCommand,
  DescribeExecutionCommand,
  DescribeMapRunCommand,
  type ExecutionStatus,
  type DescribeMapRunOutput,
  CreateStateMachineCommand,
  ListExecutionsCommand,
  ListMapRunsCommand,
  RedriveExecutionCommand,
  SFNClient,
  StartExecutionCommand,
  StopExecutionCommand,
  UpdateMapRunCommand,
} from '@aws-sdk/client-sfn';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { PLACE, ROLE, startTestServer, type TestServer } from '../../testing/server.fixture.ts';

/** Each child waits for longer than the test takes. */
const DEFINITION = JSON.stringify({
  StartAt: 'Each',
  States: {
    Each: {
      Type: 'Map',
      MaxConcurrency: 2,
      ItemProcessor: {
        ProcessorConfig: { Mode: 'DISTRIBUTED', ExecutionType: 'STANDARD' },
        StartAt: 'Work',
        States: { Work: { Type: 'Wait', Seconds: 99_999, End: true } },
      },
      End: true,
    },
  },
});

let server: TestServer;
let client: SFNClient;
beforeEach(async () => {
  server = await startTestServer();
  const credentials = { accessKeyId: 'a', secretAccessKey: 'b' };
  client = new SFNClient({ endpoint: server.url, region: PLACE.region, credentials });
});
afterEach(async () => {
  client.destroy();
  await server.close();
});

const until = async (
  mapRunArn: string,
  wanted: (run: DescribeMapRunOutput) => boolean,
): Promise<DescribeMapRunOutput> => {
  for (;;) {
    const run = await client.send(new DescribeMapRunCommand({ mapRunArn }));
    if (wanted(run)) return run;
  }
};

const NONE = { running: 0, succeeded: 0, failed: 0, timedOut: 0, aborted: 0, total: 3, resultsWritten: 0 };

it('tells what waits to be redriven, and who redrives what', async () => {
  const { stateMachineArn } = await client.send(
    new CreateStateMachineCommand({ name: 'm', definition: DEFINITION, roleArn: ROLE }),
  );
  const { executionArn } = await client.send(new StartExecutionCommand({ stateMachineArn, input: '[1,2,3]' }));
  let mapRunArn: string | undefined;
  while (mapRunArn === undefined) {
    const { mapRuns } = await client.send(new ListMapRunsCommand({ executionArn }));
    mapRunArn = mapRuns?.[0]?.mapRunArn;
  }
  await until(mapRunArn, ({ executionCounts }) => executionCounts?.running === 2);
  // The two that run go on, and a redrive begins one at a time.
  await client.send(new UpdateMapRunCommand({ mapRunArn, maxConcurrency: 1 }));
  await client.send(new StopExecutionCommand({ executionArn }));
  const stopped = await until(mapRunArn, ({ status }) => status === 'ABORTED');
  const counts = { ...NONE, pending: 1, aborted: 2, failuresNotRedrivable: 0, pendingRedrive: 0 };
  expect(stopped).toMatchObject({ redriveCount: 0, itemCounts: counts, executionCounts: counts });
  expect(stopped.redriveDate).toBeUndefined();

  const { executions: [child] = [] } = await client.send(new ListExecutionsCommand({ mapRunArn }));
  const describe = new DescribeExecutionCommand({ executionArn: child?.executionArn });
  expect(await client.send(describe)).toMatchObject({ status: 'ABORTED', redriveStatus: 'REDRIVABLE_BY_MAP_RUN' });
  await expect(client.send(new RedriveExecutionCommand({ executionArn: child?.executionArn }))).rejects.toMatchObject({
    name: 'ExecutionNotRedrivable',
  });

  const { redriveDate } = await client.send(new RedriveExecutionCommand({ executionArn }));
  const redriven = await until(mapRunArn, ({ executionCounts }) => executionCounts?.running === 1);
  const waiting = { ...NONE, pending: 1, running: 1, failuresNotRedrivable: 0, pendingRedrive: 1 };
  expect(redriven).toMatchObject({
    status: 'RUNNING',
    redriveCount: 1,
    maxConcurrency: 1,
    itemCounts: waiting,
    executionCounts: waiting,
  });
  expect(redriven.redriveDate?.getTime()).toBeGreaterThanOrEqual(redriveDate?.getTime() ?? Number.NaN);
  const named = async (statusFilter: ExecutionStatus): Promise<unknown[]> => {
    const { executions = [] } = await client.send(
      new ListExecutionsCommand({ mapRunArn, statusFilter, maxResults: 1 }),
    );
    return executions.map(({ executionArn: arn, status }) => [arn, status]);
  };
  // It counts as running from when its redrive is asked for.
  while ((await named('RUNNING')).length === 0);
  const [[pending] = []] = (await named('PENDING_REDRIVE')) as string[][];
  expect(await client.send(new DescribeExecutionCommand({ executionArn: pending }))).toMatchObject({
    status: 'PENDING_REDRIVE',
    redriveStatus: 'REDRIVABLE_BY_MAP_RUN',
  });
  expect([await named('ABORTED'), await named('RUNNING')]).toEqual([
    [],
    [[expect.not.stringMatching(`${pending}`), 'RUNNING']],
  ]);
  await client.send(new StopExecutionCommand({ executionArn }));
  await until(mapRunArn, ({ status }) => status === 'ABORTED');

  const parent = new DescribeExecutionCommand({ executionArn });
  expect(await client.send(parent)).toMatchObject({ redriveCount: 1, redriveStatus: 'REDRIVABLE' });
  await client.send(new DeleteStateMachineCommand({ stateMachineArn }));
  const reason = 'State machine is in DELETING status';
  const notRedrivable = { redriveStatus: 'NOT_REDRIVABLE', redriveStatusReason: reason };
  expect(await client.send(parent)).toMatchObject(notRedrivable);
  expect(await client.send(describe)).toMatchObject(notRedrivable);
  await expect(client.send(new RedriveExecutionCommand({ executionArn }))).rejects.toMatchObject({ message: reason });
});
