/** Rules on objects that are created, events put by AWS's own client and by tasks, through `fanfold serve` and its death. */
import {
  DeleteRuleCommand,
  EventBridgeClient,
  ListTargetsByRuleCommand,
  PutEventsCommand,
  PutRuleCommand,
  PutTargetsCommand,
  RemoveTargetsCommand,
  ResourceNotFoundException,
} from '@aws-sdk/client-eventbridge';
import { ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ended, jobsProject, startStates } from './jobs.ts';
import { callStates, type Serve } from './serve.ts';

const credentials = { accessKeyId: 'AKIAIOSFODNN7EXAMPLE', secretAccessKey: 'secret' };
const Authorization = 'AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20260101/us-east-1/s3/aws4_request';

describe('rules', () => {
  const project = jobsProject(
    {
      buckets: { inbound: {} },
      queues: { told: {} },
      topics: { news: { subscriptions: [{ queue: 'told', raw: true }] } },
      rules: {
        csv: {
          pattern: {
            source: ['aws.s3'],
            'detail-type': ['Object Created'],
            detail: { bucket: { name: ['inbound'] }, object: { key: [{ suffix: '.csv' }] } },
          },
          targets: [{ stateMachine: 'Pass', inputPath: '$.detail.object' }],
        },
        trail: {
          pattern: {
            'detail-type': ['AWS API Call via CloudTrail'],
            detail: { requestParameters: { key: ['trail'] } },
          },
          targets: [
            { topic: 'news', inputTemplate: '{"key": <key>}', inputPaths: { key: '$.detail.requestParameters.key' } },
          ],
        },
      },
    },
    {},
  );
  let serve: Serve;
  let events: EventBridgeClient;
  let sqs: SQSClient;
  beforeAll(async () => {
    serve = await project.serve();
    events = new EventBridgeClient({ endpoint: serve.url, region: 'us-east-1', credentials });
    sqs = new SQSClient({ endpoint: serve.url, region: 'us-east-1', credentials });
  });
  afterAll(async () => {
    events.destroy();
    sqs.destroy();
    await serve.stop();
    project.remove();
  });

  const put = (key: string): Promise<Response> =>
    fetch(`${serve.url}/inbound/${encodeURIComponent(key)}`, { method: 'PUT', headers: { Authorization }, body: 'x' });
  async function executions(): Promise<readonly Record<string, string>[]> {
    const stateMachineArn = 'arn:aws:states:us-east-1:000000000000:stateMachine:Pass';
    const listed = await callStates(serve.url, 'ListExecutions', { stateMachineArn });
    return listed['executions'] as readonly Record<string, string>[];
  }
  async function received(): Promise<string | undefined> {
    const QueueUrl = `${serve.url}/000000000000/told`;
    const { Messages } = await sqs.send(
      new ReceiveMessageCommand({ QueueUrl, WaitTimeSeconds: 10, VisibilityTimeout: 600 }),
    );
    return Messages?.[0]?.Body;
  }

  it('start one execution for each object that they want, before and after a death', async () => {
    for (const key of ['a b.csv', 'x.txt']) expect((await put(key)).status).toBe(200);
    while ((await executions()).length === 0) await sleep(20);
    await serve.kill();
    serve = await project.serve();
    events = new EventBridgeClient({ endpoint: serve.url, region: 'us-east-1', credentials });
    sqs = new SQSClient({ endpoint: serve.url, region: 'us-east-1', credentials });
    await put('trail');
    expect(await received()).toBe('{"key": "trail"}');
    const found = await executions();
    expect(found).toHaveLength(1);
    const shown = await ended(serve.url, String(found[0]?.['executionArn']));
    expect(JSON.parse(String(shown['output']))).toMatchObject({ key: 'a b.csv', size: 1 });
  });

  it('are made by the client, and told of what a task puts', async () => {
    const EventPattern = JSON.stringify({ source: ['test'], detail: { n: [{ numeric: ['>', 1] }] } });
    await events.send(new PutRuleCommand({ Name: 'made', EventPattern }));
    const Arn = 'arn:aws:sqs:us-east-1:000000000000:told';
    await events.send(new PutTargetsCommand({ Rule: 'made', Targets: [{ Id: 'q', Arn, InputPath: '$' }] }));
    expect((await events.send(new ListTargetsByRuleCommand({ Rule: 'made' }))).Targets).toMatchObject([{ Id: 'q' }]);
    const Entries = [1, 2].map((n) => ({ Source: 'test', DetailType: 'n', Detail: JSON.stringify({ n }) }));
    expect(await events.send(new PutEventsCommand({ Entries }))).toMatchObject({ FailedEntryCount: 0 });
    expect(JSON.parse((await received()) ?? '')).toMatchObject({ source: 'test', detail: { n: 2 } });
    const task = {
      Type: 'Task',
      Resource: 'arn:aws:states:::events:putEvents',
      Parameters: { Entries: [{ Source: 'test', DetailType: 'n', Detail: { n: 3 } }] },
      End: true,
    };
    const executionArn = await startStates(serve.url, { T: task });
    expect(await ended(serve.url, executionArn)).toMatchObject({ status: 'SUCCEEDED' });
    const event = JSON.parse((await received()) ?? '') as { readonly resources: readonly string[] };
    expect(event).toMatchObject({
      detail: { n: 3 },
      resources: [executionArn, expect.stringContaining(':stateMachine:')],
    });
    await events.send(new RemoveTargetsCommand({ Rule: 'made', Ids: ['q'] }));
    await events.send(new DeleteRuleCommand({ Name: 'made' }));
    await expect(events.send(new ListTargetsByRuleCommand({ Rule: 'made' }))).rejects.toBeInstanceOf(
      ResourceNotFoundException,
    );
  });
});
