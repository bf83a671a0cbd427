/** AWS's own clients send and receive messages through `fanfold serve`, over its death too. */
import {
  CreateTopicCommand,
  GetTopicAttributesCommand,
  ListTopicsCommand,
  NotFoundException,
  PublishBatchCommand,
  PublishCommand,
  SNSClient,
  SubscribeCommand,
} from '@aws-sdk/client-sns';
import {
  ChangeMessageVisibilityCommand,
  CreateQueueCommand,
  DeleteMessageCommand,
  DeleteQueueCommand,
  GetQueueAttributesCommand,
  ListQueuesCommand,
  QueueDoesNotExist,
  ReceiveMessageCommand,
  SendMessageBatchCommand,
  SendMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Serve, startServe } from './serve.ts';

let serve: Serve;
let sqs: SQSClient;

const credentials = { accessKeyId: 'AKIAIOSFODNN7EXAMPLE', secretAccessKey: 'secret' };

beforeAll(async () => {
  serve = await startServe();
  sqs = new SQSClient({ endpoint: serve.url, region: 'us-east-1', credentials });
});
afterAll(async () => {
  sqs.destroy();
  await serve.stop();
});

async function createQueue(QueueName: string, Attributes: Record<string, string> = {}): Promise<string> {
  const { QueueUrl = '' } = await sqs.send(new CreateQueueCommand({ QueueName, Attributes }));
  return QueueUrl;
}

describe('the SQS client', () => {
  it('sends and receives with attributes, and finds all digests right', async () => {
    const QueueUrl = await createQueue('typed');
    const MessageAttributes = {
      color: { DataType: 'String', StringValue: 'blue' },
      count: { DataType: 'Number.int', StringValue: '3' },
      raw: { DataType: 'Binary', BinaryValue: new Uint8Array([0, 1, 255]) },
    };
    const sent = await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: 'grün', MessageAttributes }));
    const { Messages } = await sqs.send(
      new ReceiveMessageCommand({ QueueUrl, MessageAttributeNames: ['All'], MessageSystemAttributeNames: ['All'] }),
    );
    expect(Messages).toHaveLength(1);
    expect(Messages?.[0]).toMatchObject({
      MessageId: sent.MessageId,
      Body: 'grün',
      MD5OfMessageAttributes: sent.MD5OfMessageAttributes,
      MessageAttributes,
      Attributes: { ApproximateReceiveCount: '1' },
    });
  });

  it('waits for a message that comes later, gives it back and deletes it', async () => {
    const QueueUrl = await createQueue('waiting');
    const waiting = sqs.send(new ReceiveMessageCommand({ QueueUrl, WaitTimeSeconds: 20 }));
    const { Failed, Successful } = await sqs.send(
      new SendMessageBatchCommand({
        QueueUrl,
        Entries: [
          { Id: 'a', MessageBody: '1' },
          { Id: 'b', MessageBody: '' },
        ],
      }),
    );
    expect(Successful).toMatchObject([{ Id: 'a' }]);
    expect(Failed).toMatchObject([{ Id: 'b', Code: 'MissingParameter', SenderFault: true }]);
    const ReceiptHandle = (await waiting).Messages?.[0]?.ReceiptHandle;
    await sqs.send(new ChangeMessageVisibilityCommand({ QueueUrl, ReceiptHandle, VisibilityTimeout: 0 }));
    const again = await sqs.send(new ReceiveMessageCommand({ QueueUrl }));
    expect(again.Messages?.[0]?.Body).toBe('1');
    await sqs.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle: again.Messages?.[0]?.ReceiptHandle }));
    const { Attributes } = await sqs.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['All'] }));
    expect(Attributes).toMatchObject({ ApproximateNumberOfMessages: '0', ApproximateNumberOfMessagesNotVisible: '0' });
  });

  it('keeps the order of a FIFO queue', async () => {
    const QueueUrl = await createQueue('line.fifo', { FifoQueue: 'true', ContentBasedDeduplication: 'true' });
    for (const MessageBody of ['1', '2', '2', '3'])
      await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody, MessageGroupId: 'g' }));
    const { Messages = [] } = await sqs.send(new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10 }));
    expect(Messages.map(({ Body }) => Body)).toEqual(['1', '2', '3']);
  });

  it('lists and deletes queues, and knows the error of one that is gone', async () => {
    const QueueUrl = await createQueue('short-lived');
    const list = async (): Promise<readonly string[]> =>
      (await sqs.send(new ListQueuesCommand({ QueueNamePrefix: 'short' }))).QueueUrls ?? [];
    expect(await list()).toEqual([QueueUrl]);
    await sqs.send(new DeleteQueueCommand({ QueueUrl }));
    expect(await list()).toEqual([]);
    await expect(sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: 'a' }))).rejects.toBeInstanceOf(
      QueueDoesNotExist,
    );
  });

  it('is answered at the URL of the queue too', async () => {
    const QueueUrl = await createQueue('by-url');
    const answer = await fetch(QueueUrl, {
      method: 'POST',
      headers: { 'Content-Type': 'application/x-amz-json-1.0', 'X-Amz-Target': 'AmazonSQS.SendMessage' },
      body: JSON.stringify({ QueueUrl, MessageBody: 'a' }),
    });
    expect([answer.status, Object.keys((await answer.json()) as object)]).toEqual([
      200,
      ['MD5OfMessageBody', 'MessageId'],
    ]);
  });

  it('finds after the death of the server all that was acknowledged', async () => {
    const data = mkdtempSync(join(tmpdir(), 'fanfold-messages-'));
    const start = (): Promise<Serve> => startServe({ args: ['--data', data], data: false });
    try {
      const first = await start();
      const client = new SQSClient({ endpoint: first.url, region: 'us-east-1', credentials });
      const { QueueUrl } = await client.send(new CreateQueueCommand({ QueueName: 'kept' }));
      for (const MessageBody of ['taken', 'left']) await client.send(new SendMessageCommand({ QueueUrl, MessageBody }));
      await client.send(new ReceiveMessageCommand({ QueueUrl, VisibilityTimeout: 600 }));
      client.destroy();
      await first.kill();
      const second = await start();
      const other = new SQSClient({ endpoint: second.url, region: 'us-east-1', credentials });
      const { Messages = [] } = await other.send(new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10 }));
      expect(Messages.map(({ Body }) => Body)).toEqual(['left']);
      other.destroy();
      await second.stop();
    } finally {
      rmSync(data, { recursive: true, force: true });
    }
  });
});

describe('the SNS client', () => {
  let sns: SNSClient;
  beforeAll(() => {
    sns = new SNSClient({ endpoint: serve.url, region: 'us-east-1', credentials });
  });
  afterAll(() => sns.destroy());

  it('publishes to a queue that is subscribed', async () => {
    const QueueUrl = await createQueue('told');
    const { Attributes: queue } = await sqs.send(
      new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['QueueArn'] }),
    );
    const { TopicArn } = await sns.send(
      new CreateTopicCommand({ Name: 'news', Attributes: { DisplayName: 'a <b> & "c"' } }),
    );
    await sns.send(
      new SubscribeCommand({
        TopicArn,
        Protocol: 'sqs',
        Endpoint: queue?.['QueueArn'],
        Attributes: { FilterPolicy: '{"kind":["good"]}' },
      }),
    );
    const MessageAttributes = { kind: { DataType: 'String', StringValue: 'good' } };
    const { MessageId } = await sns.send(
      new PublishCommand({ TopicArn, Message: 'grün & <mehr>', Subject: 'S', MessageAttributes }),
    );
    await sns.send(new PublishCommand({ TopicArn, Message: 'not wanted' }));
    const { Messages } = await sqs.send(
      new ReceiveMessageCommand({ QueueUrl, WaitTimeSeconds: 10, MaxNumberOfMessages: 10 }),
    );
    expect(Messages).toHaveLength(1);
    expect(JSON.parse(Messages?.[0]?.Body ?? '')).toMatchObject({
      Type: 'Notification',
      MessageId,
      TopicArn,
      Subject: 'S',
      Message: 'grün & <mehr>',
      MessageAttributes: { kind: { Type: 'String', Value: 'good' } },
    });
    const { Attributes } = await sns.send(new GetTopicAttributesCommand({ TopicArn }));
    expect(Attributes).toMatchObject({ DisplayName: 'a <b> & "c"', SubscriptionsConfirmed: '1' });
    expect((await sns.send(new ListTopicsCommand({}))).Topics).toEqual([{ TopicArn }]);
  });

  it('tells what fails: of a batch each entry, and a topic that is not there', async () => {
    const { TopicArn } = await sns.send(new CreateTopicCommand({ Name: 'batches' }));
    const entries = [
      { Id: 'a', Message: '1' },
      { Id: 'b', Message: '2', Subject: 'two\nlines' },
    ];
    const { Successful, Failed } = await sns.send(
      new PublishBatchCommand({ TopicArn, PublishBatchRequestEntries: entries }),
    );
    expect([Successful, Failed]).toMatchObject([[{ Id: 'a' }], [{ Id: 'b', Code: 'InvalidParameter' }]]);
    await expect(sns.send(new PublishCommand({ TopicArn: `${TopicArn}x`, Message: 'a' }))).rejects.toBeInstanceOf(
      NotFoundException,
    );
  });
});
