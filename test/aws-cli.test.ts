/** The AWS CLI drives `fanfold serve`. Left out where `aws` is not on the PATH. */
import { execFile, spawnSync } from 'node:child_process';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PASS, ROLE, type Serve, startServe, WAIT } from './serve.ts';

const there = spawnSync('aws', ['--version']).status === 0;
if (!there) process.stderr.write('aws-cli.test.ts is left out: there is no aws on the PATH.\n');

const ENVIRONMENT = {
  ...process.env,
  AWS_ACCESS_KEY_ID: 'AKIAIOSFODNN7EXAMPLE',
  AWS_SECRET_ACCESS_KEY: 'secret',
  AWS_DEFAULT_REGION: 'us-east-1',
  AWS_EC2_METADATA_DISABLED: 'true',
  AWS_PAGER: '',
};

describe.skipIf(!there)('the AWS CLI', () => {
  let serve: Serve;
  beforeAll(async () => {
    serve = await startServe();
  });
  afterAll(async () => {
    await serve.stop();
  });

  async function aws(command: string, ...args: readonly string[]): Promise<Record<string, unknown>> {
    const all = ['--endpoint-url', serve.url, '--output', 'json', 'stepfunctions', command, ...args];
    const { stdout } = await promisify(execFile)('aws', all, { env: ENVIRONMENT });
    return (stdout === '' ? {} : JSON.parse(stdout)) as Record<string, unknown>;
  }
  async function machine(name: string, definition: string): Promise<string> {
    const made = await aws('create-state-machine', '--name', name, '--definition', definition, '--role-arn', ROLE);
    return String(made['stateMachineArn']);
  }

  it('creates, starts, describes and reads the history', async () => {
    const stateMachineArn = await machine('pass', PASS);
    const started = await aws('start-execution', '--state-machine-arn', stateMachineArn, '--input', '{"a":1}');
    const executionArn = String(started['executionArn']);
    expect(await aws('describe-execution', '--execution-arn', executionArn)).toMatchObject({
      status: 'SUCCEEDED',
      output: '{"a":1}',
    });
    const { events } = await aws('get-execution-history', '--execution-arn', executionArn, '--page-size', '2');
    expect(events).toMatchObject([{ type: 'ExecutionStarted' }, {}, {}, { type: 'ExecutionSucceeded', id: 4 }]);
  });

  it('lists in pages', async () => {
    const stateMachineArn = await machine('wait', WAIT);
    for (const name of ['a', 'b', 'c'])
      await aws('start-execution', '--state-machine-arn', stateMachineArn, '--name', name);
    const list = ['--state-machine-arn', stateMachineArn, '--status-filter', 'RUNNING'];
    expect(await aws('list-executions', ...list, '--page-size', '2')).toMatchObject({
      executions: [{ name: 'c' }, { name: 'b' }, { name: 'a' }],
    });
  });

  it('shows errors by their names', async () => {
    const none = 'arn:aws:states:us-east-1:000000000000:stateMachine:none';
    await expect(aws('describe-state-machine', '--state-machine-arn', none)).rejects.toThrow(
      `An error occurred (StateMachineDoesNotExist) when calling the DescribeStateMachine operation: State Machine Does Not Exist: '${none}'`,
    );
    const activity = 'arn:aws:states:us-east-1:000000000000:activity:none';
    await expect(aws('describe-activity', '--activity-arn', activity)).rejects.toThrow('(ActivityDoesNotExist)');
  });
});
