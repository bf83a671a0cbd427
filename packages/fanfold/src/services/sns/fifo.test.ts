import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import type { JsonObject } from '../../json.ts';
import type { Delivery } from '../../ports/deliveries.ts';
import { manualClock } from '../../testing/clocks.ts';
import { openLocalTopics } from './local.ts';

const ARN = 'arn:aws:sns:us-east-1:000000000000:t.fifo';
const QUEUE = 'arn:aws:sqs:us-east-1:000000000000:q';
const closers: (() => void)[] = [];
afterEach(() => {
  for (const close of closers.splice(0).reverse()) close();
});

function open() {
  const directory = mkdtempSync(join(tmpdir(), 'fanfold-sns-fifo-'));
  closers.push(() => rmSync(directory, { recursive: true }));
  const clock = manualClock();
  const sent: Delivery[] = [];
  const start = () =>
    openLocalTopics({
      directory,
      topics: {
        't.fifo': [{ protocol: 'sqs', endpoint: `${QUEUE}.fifo`, attributes: { RawMessageDelivery: 'true' } }],
      },
      deliveries: { accept: (answer, deliveries) => (sent.push(...deliveries), answer) },
      now: clock.now,
      region: 'us-east-1',
      account: '000000000000',
      endpoint: () => 'http://127.0.0.1:1',
    });
  let local = start();
  closers.push(() => local.close());
  const call = (action: string, input: JsonObject): Promise<JsonObject> =>
    local.call(action, { TopicArn: ARN, ...input }, { signal: new AbortController().signal });
  const reopen = (): void => {
    local.close();
    local = start();
  };
  return { call, sent, clock, reopen };
}

describe('a FIFO topic', () => {
  it('hands its messages to queues with their group, numbered in order', async () => {
    const { call, sent } = open();
    await call('Subscribe', { Protocol: 'sqs', Endpoint: QUEUE });
    const publish = (id: string): Promise<JsonObject> =>
      call('Publish', { Message: id, MessageGroupId: 'g', MessageDeduplicationId: id });
    const first = await publish('a');
    const second = await publish('b');
    expect([first['SequenceNumber'], second['SequenceNumber']]).toEqual([
      '10000000000000000001',
      '10000000000000000002',
    ]);
    const group = { groupId: 'g', deduplicationId: 'a' };
    expect(sent[0]).toEqual({ target: { kind: 'queue', queue: 'q.fifo', ...group }, payload: 'a' });
    expect(sent[1]?.target).toEqual({ kind: 'queue', queue: 'q' });
    expect(JSON.parse(sent[1]?.payload ?? '')).toMatchObject({ Message: 'a', SequenceNumber: '10000000000000000001' });
    expect(await call('GetTopicAttributes', {})).toMatchObject({
      Attributes: { FifoTopic: 'true', ContentBasedDeduplication: 'false', SubscriptionsConfirmed: '2' },
    });
  });

  it('knows a message again for five minutes, over a restart too', async () => {
    const { call, sent, clock, reopen } = open();
    const publish = (Message: string): Promise<JsonObject> =>
      call('Publish', { Message, MessageGroupId: 'g', MessageDeduplicationId: 'd' });
    const first = await publish('a');
    clock.advance(299_999);
    reopen();
    expect(await publish('b')).toEqual(first);
    expect(sent).toHaveLength(1);
    clock.advance(1);
    expect(await publish('b')).toMatchObject({ SequenceNumber: '10000000000000000002' });
    expect(sent).toHaveLength(2);
  });

  it('takes what a message says for its id where it is told to', async () => {
    const { call, sent } = open();
    await call('SetTopicAttributes', { AttributeName: 'ContentBasedDeduplication', AttributeValue: 'true' });
    const entry = (Id: string, Message: string): JsonObject => ({ Id, Message, MessageGroupId: 'g' });
    const { Successful } = await call('PublishBatch', {
      PublishBatchRequestEntries: [entry('1', 'a'), entry('2', 'b'), entry('3', 'a')],
    });
    const [one, two, three] = Successful as JsonObject[];
    expect(three?.['MessageId']).toBe(one?.['MessageId']);
    expect(two?.['MessageId']).not.toBe(one?.['MessageId']);
    expect(sent.map(({ payload }) => payload)).toEqual(['a', 'b']);
  });

  it.each<[string, string, JsonObject, string]>([
    ['no group', 'Publish', { Message: 'm', MessageDeduplicationId: 'd' }, 'MessageGroupId parameter is required'],
    ['no id', 'Publish', { Message: 'm', MessageGroupId: 'g' }, 'or MessageDeduplicationId provided explicitly'],
    ['a group of no letters', 'Publish', { Message: 'm', MessageGroupId: 'a b' }, 'MessageGroupId Reason'],
    ['a function', 'Subscribe', { Protocol: 'lambda', Endpoint: 'arn:aws:lambda:r:1:function:f' }, 'Protocol Reason'],
    [
      'another kind',
      'SetTopicAttributes',
      { AttributeName: 'FifoTopic', AttributeValue: 'false' },
      'FifoTopic is true',
    ],
  ])('refuses %s', async (_what, action, input, told) => {
    const { call, sent } = open();
    await expect(call(action, input)).rejects.toMatchObject({
      code: 'InvalidParameter',
      message: expect.stringContaining(told),
    });
    expect(sent).toEqual([]);
  });
});
