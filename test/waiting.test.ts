/** Workers of activities and answerers of task tokens, with AWS's own clients, through the death of the server. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type AwsCli, hasAwsCli, openAwsCli } from './aws.ts';
import { ROLE, type Serve, startServe } from './serve.ts';

type Input = Readonly<Record<string, unknown>>;

interface Client {
  send(command: object): Promise<Record<string, unknown>>;
  destroy(): void;
}
type ClientModule = Readonly<Record<string, unknown>> & { readonly SFNClient: new (options: object) => Client };

const PACKAGE = '@aws-sdk/client-sfn';
const sdk = (await import(PACKAGE).catch(() => undefined)) as ClientModule | undefined;
if (!sdk) process.stderr.write(`waiting.test.ts is left out in part: ${PACKAGE} is not installed.\n`);
if (!hasAwsCli) process.stderr.write('waiting.test.ts is left out in part: there is no AWS CLI.\n');

/** Each item is worked on by a worker; then a child is started with a token, and says with it that all is done. */
const definition = (activityArn: string, childArn: string): string =>
  JSON.stringify({
    StartAt: 'Each',
    States: {
      Each: {
        Type: 'Map',
        ItemProcessor: {
          StartAt: 'Work',
          States: { Work: { Type: 'Task', Resource: activityArn, HeartbeatSeconds: 60, End: true } },
        },
        Next: 'Ask',
      },
      Ask: {
        Type: 'Task',
        Resource: 'arn:aws:states:::states:startExecution.waitForTaskToken',
        Parameters: { StateMachineArn: childArn, Input: { 'token.$': '$$.Task.Token', 'of.$': '$' } },
        End: true,
      },
    },
  });

/** Seconds. A worker that beats may be held up by a busy machine for so long. */
const INTERVAL = 5;

const CHILD = JSON.stringify({
  StartAt: 'Answer',
  States: {
    Answer: {
      Type: 'Task',
      Resource: 'arn:aws:states:::aws-sdk:sfn:sendTaskSuccess',
      Parameters: { 'TaskToken.$': '$.token', 'Output.$': '$.of' },
      End: true,
    },
  },
});

describe.skipIf(!sdk)('the AWS SDK for JavaScript', () => {
  const data = mkdtempSync(join(tmpdir(), 'fanfold-waiting-'));
  const serveIt = (): Promise<Serve> => startServe({ data: false, args: ['--data', data] });
  let serve: Serve;
  let client: Client;
  const connect = (): Client =>
    new (sdk as ClientModule).SFNClient({
      endpoint: serve.url,
      region: 'us-east-1',
      credentials: { accessKeyId: 'AKIAIOSFODNN7EXAMPLE', secretAccessKey: 'secret' },
      disableHostPrefix: true,
    });
  beforeAll(async () => {
    serve = await serveIt();
    client = connect();
  });
  afterAll(async () => {
    client.destroy();
    await serve.stop();
    rmSync(data, { recursive: true, force: true });
  });

  const send = (action: string, input: Input): Promise<Record<string, unknown>> => {
    const Command = sdk?.[`${action}Command`] as new (params: Input) => object;
    return client.send(new Command(input));
  };

  it('works on tasks that wait, and on those that it had taken, also after the server was killed', async () => {
    const { activityArn } = await send('CreateActivity', { name: 'work' });
    const { stateMachineArn: child } = await send('CreateStateMachine', {
      name: 'child',
      definition: CHILD,
      roleArn: ROLE,
    });
    const { stateMachineArn } = await send('CreateStateMachine', {
      name: 'parent',
      definition: definition(String(activityArn), String(child)),
      roleArn: ROLE,
    });
    const { executionArn } = await send('StartExecution', { stateMachineArn, input: '[1,2,3,4,5,6]' });
    const take = (): Promise<Record<string, unknown>> => send('GetActivityTask', { activityArn, workerName: 'worker' });
    const done = ({ taskToken, input }: Record<string, unknown>): Promise<unknown> =>
      send('SendTaskSuccess', { taskToken, output: String(Number(input) * 10) });

    const taken = [await take(), await take(), await take()];
    expect(taken.map(({ input }) => input)).toEqual(['1', '2', '3']);
    await done(taken[0] ?? {});
    await serve.kill();
    client.destroy();

    serve = await serveIt();
    client = connect();
    await send('SendTaskHeartbeat', { taskToken: taken[1]?.['taskToken'] });
    await done(taken[1] ?? {});
    await done(taken[2] ?? {});
    await expect(done(taken[0] ?? {})).rejects.toMatchObject({ name: 'TaskTimedOut' });
    for (const input of ['4', '5', '6']) {
      const task = await take();
      expect(task['input']).toBe(input);
      await done(task);
    }
    let ended: Record<string, unknown>;
    do ended = await send('DescribeExecution', { executionArn });
    while (ended['status'] === 'RUNNING');
    expect(ended).toMatchObject({ status: 'SUCCEEDED', output: '[10,20,30,40,50,60]' });
  });

  it('gives who beats a full interval after the server was killed, and ends the task of who does not beat', async () => {
    const { activityArn } = await send('CreateActivity', { name: 'beating' });
    const states = { Work: { Type: 'Task', Resource: activityArn, HeartbeatSeconds: INTERVAL, End: true } };
    const { stateMachineArn } = await send('CreateStateMachine', {
      name: 'beaten',
      definition: JSON.stringify({ StartAt: 'Work', States: states }),
      roleArn: ROLE,
    });
    const start = async (): Promise<{ executionArn: unknown; taskToken: unknown }> => {
      const { executionArn } = await send('StartExecution', { stateMachineArn });
      return { executionArn, taskToken: (await send('GetActivityTask', { activityArn }))['taskToken'] };
    };
    const [alive, dead] = [await start(), await start()];
    await send('SendTaskHeartbeat', { taskToken: alive.taskToken });
    await serve.kill();
    client.destroy();

    const restarted = Date.now();
    serve = await serveIt();
    client = connect();
    let ended: Record<string, unknown>;
    do {
      await send('SendTaskHeartbeat', { taskToken: alive.taskToken });
      ended = await send('DescribeExecution', { executionArn: dead.executionArn });
    } while (ended['status'] === 'RUNNING');
    expect(ended).toMatchObject({ status: 'FAILED', error: 'States.Timeout' });
    expect(Number(ended['stopDate'])).toBeGreaterThanOrEqual(restarted + INTERVAL * 1000);
    await expect(send('SendTaskHeartbeat', { taskToken: dead.taskToken })).rejects.toMatchObject({
      name: 'TaskTimedOut',
    });
    await send('SendTaskSuccess', { taskToken: alive.taskToken, output: '1' });
    expect(await send('DescribeExecution', { executionArn: alive.executionArn })).toMatchObject({
      status: 'SUCCEEDED',
    });
  });
});

describe.skipIf(!hasAwsCli)('the AWS CLI', () => {
  let serve: Serve;
  let cli: AwsCli;
  beforeAll(async () => {
    serve = await startServe();
    cli = openAwsCli(serve.url);
  });
  afterAll(async () => {
    await cli.close();
    await serve.stop();
  });

  async function aws(command: string, ...args: readonly string[]): Promise<Record<string, unknown>> {
    const stdout = await cli.run('stepfunctions', command, ...args);
    return (stdout === '' ? {} : JSON.parse(stdout)) as Record<string, unknown>;
  }

  it('fetches a task and answers it', async () => {
    const { activityArn } = await aws('create-activity', '--name', 'by-hand');
    const machine = JSON.stringify({ StartAt: 'A', States: { A: { Type: 'Task', Resource: activityArn, End: true } } });
    const made = await aws('create-state-machine', '--name', 'm', '--definition', machine, '--role-arn', ROLE);
    const arn = String(made['stateMachineArn']);
    const { executionArn } = await aws('start-execution', '--state-machine-arn', arn, '--input', '{"n":1}');
    const task = await aws('get-activity-task', '--activity-arn', String(activityArn), '--worker-name', 'me');
    expect(task['input']).toBe('{"n":1}');
    await aws('send-task-success', '--task-token', String(task['taskToken']), '--task-output', '{"done":true}');
    expect(await aws('describe-execution', '--execution-arn', String(executionArn))).toMatchObject({
      status: 'SUCCEEDED',
      output: '{"done":true}',
    });
    expect(await aws('list-activities')).toMatchObject({ activities: [{ name: 'by-hand', activityArn }] });
  });
});
