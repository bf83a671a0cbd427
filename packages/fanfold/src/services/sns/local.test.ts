import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, it } from 'vitest';
import type { JsonObject } from '../../json.ts';
import { machineClock, manualClock } from '../../testing/clocks.ts';
import { recordingLogger } from '../../testing/logger.fixture.ts';
import type { Delivery } from '../../ports/deliveries.ts';
import { openDeliveries } from '../deliveries/deliveries.ts';
import { openLocalTopics } from './local.ts';

const ARN = 'arn:aws:sns:us-east-1:000000000000:t';
const QUEUE = 'arn:aws:sqs:us-east-1:000000000000:q';
const closers: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

function folder(): string {
  const directory = mkdtempSync(join(tmpdir(), 'fanfold-sns-'));
  closers.push(() => rmSync(directory, { recursive: true }));
  return directory;
}

function open(topics: Parameters<typeof openLocalTopics>[0]['topics'] = {}) {
  const sent: Delivery[] = [];
  const local = openLocalTopics({
    directory: folder(),
    topics,
    deliveries: { accept: (answer, deliveries) => (sent.push(...deliveries), answer) },
    now: () => 0,
    region: 'us-east-1',
    account: '000000000000',
    endpoint: () => 'http://127.0.0.1:1',
  });
  closers.push(() => local.close());
  const call = (action: string, input: JsonObject): Promise<JsonObject> =>
    local.call(action, input, { signal: new AbortController().signal });
  return { call, sent };
}

it('sends a notification to queues, the message alone where it is raw, and events to functions', async () => {
  const { call, sent } = open({ t: [{ protocol: 'sqs', endpoint: QUEUE, attributes: {} }] });
  await call('Subscribe', {
    TopicArn: ARN,
    Protocol: 'sqs',
    Endpoint: `${QUEUE}2`,
    Attributes: { RawMessageDelivery: 'true' },
  });
  await call('Subscribe', {
    TopicArn: ARN,
    Protocol: 'lambda',
    Endpoint: 'arn:aws:lambda:us-east-1:000000000000:function:f',
  });
  const { MessageId } = await call('Publish', { TopicArn: ARN, Message: 'hello', Subject: 'S' });
  const payloads = sent.map(({ target, payload }) => [target, payload.startsWith('{') ? JSON.parse(payload) : payload]);
  const note = { Type: 'Notification', MessageId, TopicArn: ARN, Subject: 'S', Message: 'hello' };
  expect(payloads).toMatchObject([
    [{ kind: 'queue', queue: 'q' }, note],
    [{ kind: 'queue', queue: 'q2' }, 'hello'],
    [{ kind: 'function', functionName: 'f' }, { Records: [{ EventSource: 'aws:sns', Sns: note }] }],
  ]);
});

it('mails only to whom has confirmed', async () => {
  const { call, sent } = open();
  await call('CreateTopic', { Name: 't' });
  expect(await call('Subscribe', { TopicArn: ARN, Protocol: 'email', Endpoint: 'a@example.com' })).toEqual({
    SubscriptionArn: 'pending confirmation',
  });
  await call('Publish', { TopicArn: ARN, Message: 'early' });
  expect(sent.map(({ target }) => target)).toMatchObject([{ kind: 'mail', to: 'a@example.com' }]);
  const Token = /Token=(\w+)/.exec(sent[0]?.payload ?? '')?.[1] as string;
  await expect(call('ConfirmSubscription', { TopicArn: ARN, Token: 'x' })).rejects.toMatchObject({
    code: 'InvalidParameter',
  });
  await call('ConfirmSubscription', { TopicArn: ARN, Token });
  await call('Publish', { TopicArn: ARN, Message: 'late', Subject: 'S' });
  expect(sent[1]).toMatchObject({ target: { subject: 'S' }, payload: expect.stringContaining('late') });
});

it('lets through what the filter policy wants', async () => {
  const { call, sent } = open();
  await call('CreateTopic', { Name: 't' });
  const Attributes = { FilterPolicy: '{"kind":["a"],"n":[{"numeric":[">",1]}]}', RawMessageDelivery: 'true' };
  await call('Subscribe', { TopicArn: ARN, Protocol: 'sqs', Endpoint: QUEUE, Attributes });
  const kind = { DataType: 'String', StringValue: 'a' };
  for (const n of ['1', '2'])
    await call('Publish', {
      TopicArn: ARN,
      Message: n,
      MessageAttributes: { kind, n: { DataType: 'Number', StringValue: n } },
    });
  await call('Publish', { TopicArn: ARN, Message: 'none' });
  expect(sent.map(({ payload }) => payload)).toEqual(['2']);
});

it.each<[string, string, JsonObject, string]>([
  ['no topic', 'Publish', { TopicArn: `${ARN}x`, Message: 'a' }, 'NotFound'],
  ['no message', 'Publish', { TopicArn: ARN, Message: '' }, 'InvalidParameter'],
  ['no default', 'Publish', { TopicArn: ARN, Message: '{}', MessageStructure: 'json' }, 'InvalidParameter'],
  ['a subject of two lines', 'Publish', { TopicArn: ARN, Message: 'a', Subject: 'a\nBcc: b' }, 'InvalidParameter'],
  ['a telephone', 'Publish', { PhoneNumber: '+1', Message: 'a' }, 'InvalidParameter'],
  [
    'an empty attribute',
    'Publish',
    { TopicArn: ARN, Message: 'a', MessageAttributes: { x: { DataType: 'String' } } },
    'ParameterValueInvalid',
  ],
  ['another protocol', 'Subscribe', { TopicArn: ARN, Protocol: 'sms', Endpoint: 'http://a' }, 'InvalidParameter'],
  [
    'an address with more in it',
    'Subscribe',
    { TopicArn: ARN, Protocol: 'email', Endpoint: 'a@b, c@d' },
    'InvalidParameter',
  ],
  [
    'an unknown filter',
    'Subscribe',
    { TopicArn: ARN, Protocol: 'sqs', Endpoint: QUEUE, Attributes: { FilterPolicy: '{"a":[{"cidr":"x"}]}' } },
    'InvalidParameter',
  ],
  ['a FIFO topic', 'CreateTopic', { Name: 't.fifo' }, 'InvalidParameter'],
  ['an action that is not there', 'AddPermission', {}, 'InvalidAction'],
])('refuses %s', async (_, action, input, code) => {
  const { call } = open({ t: [] });
  await expect(call(action, input)).rejects.toMatchObject({ code });
});

it('delivers what was accepted before the process ended, once for each key, and tries again', async () => {
  const directory = folder();
  const target = { kind: 'queue', queue: 'q' } as const;
  const first = openDeliveries({ directory, clock: machineClock, logger: recordingLogger() });
  expect(first.accept({ id: 1 }, [{ target, payload: 'a' }], 'key')).toEqual({ id: 1 });
  await first.close();
  const clock = manualClock(Date.now() + 1000);
  const logger = recordingLogger();
  const second = openDeliveries({ directory, clock, logger });
  closers.push(() => second.close());
  expect(second.accept({ id: 2 }, [{ target, payload: 'again' }], 'key')).toEqual({ id: 1 });
  const attempts: string[] = [];
  second.start(async ({ payload }, key) => {
    attempts.push(`${payload} ${key}`);
    if (attempts.length === 1) throw new Error('not now');
  });
  await second.idle();
  expect(logger.lines).toMatchObject([{ level: 'error', fields: { attempt: 1 } }]);
  clock.advance(1000);
  await second.idle();
  expect(attempts).toEqual(['a delivery/1', 'a delivery/1']);
});

it('asks an address that is called by HTTP for its consent, and posts to it then', async () => {
  const { call, sent } = open({ t: [] });
  const Endpoint = 'https://hooks.example.com/a?b=1';
  await call('Subscribe', { TopicArn: ARN, Protocol: 'https', Endpoint, Attributes: { RawMessageDelivery: 'true' } });
  await call('Publish', { TopicArn: ARN, Message: 'not yet' });
  expect(sent).toHaveLength(1);
  expect(sent[0]?.target).toMatchObject({
    kind: 'http',
    url: Endpoint,
    headers: { 'x-amz-sns-message-type': 'SubscriptionConfirmation', 'x-amz-sns-topic-arn': ARN },
  });
  const { Type, Token = '', SubscribeURL } = JSON.parse(sent[0]?.payload ?? '') as JsonObject;
  expect([Type, SubscribeURL]).toEqual(['SubscriptionConfirmation', expect.stringContaining(`Token=${String(Token)}`)]);
  await call('ConfirmSubscription', { TopicArn: ARN, Token });
  const { MessageId } = await call('Publish', { TopicArn: ARN, Message: 'now' });
  expect(sent[1]).toMatchObject({
    payload: 'now',
    target: { headers: { 'x-amz-sns-message-id': MessageId, 'x-amz-sns-rawdelivery': 'true' } },
  });
});

it('shows no password of an address', async () => {
  const { call, sent } = open({ t: [] });
  const Endpoint = 'https://me:se@cret@hooks.example.com/a:b@c';
  await call('Subscribe', { TopicArn: ARN, Protocol: 'https', Endpoint });
  const shown = { Endpoint: 'https://me:***@hooks.example.com/a:b@c' };
  expect(await call('ListSubscriptions', {})).toMatchObject({ Subscriptions: [shown] });
  const logger = recordingLogger();
  const deliveries = openDeliveries({ directory: folder(), clock: manualClock(), logger });
  closers.push(() => deliveries.close());
  deliveries.accept({}, sent);
  deliveries.start(() => Promise.reject(new Error('not now')));
  await deliveries.idle();
  expect(logger.lines).toMatchObject([{ fields: { target: { url: shown.Endpoint } } }]);
});

it.each([
  ['members of attributes', { FilterPolicy: '{"a":{"b":["x"]}}' }, 'does not support nested filter policy'],
  ['many keys', { FilterPolicy: '{"a":[1],"b":[1],"c":[1],"d":[1],"e":[1],"f":[1]}' }, 'more than 5 keys'],
  [
    'many values',
    { FilterPolicy: JSON.stringify({ a: Array.from({ length: 51 }, (_, i) => i), b: [1, 2, 3] }) },
    'too complex',
  ],
  [
    'many values that lie deep',
    {
      FilterPolicy: JSON.stringify({ a: { b: Array.from({ length: 76 }, (_, i) => i) } }),
      FilterPolicyScope: 'MessageBody',
    },
    'too complex',
  ],
  ['a match of no kind', { FilterPolicy: '{"a":[{"like":"x"}]}' }, "the match 'like' is not available here"],
])('takes no filter policy with %s', async (_what, Attributes, told) => {
  const { call } = open({ t: [{ protocol: 'sqs', endpoint: QUEUE, attributes: {} }] });
  const subscribe = (more: JsonObject): Promise<JsonObject> =>
    call('Subscribe', { TopicArn: ARN, Protocol: 'sqs', Endpoint: `${QUEUE}2`, ...more });
  const message = expect.stringMatching(`^Invalid parameter: Attributes Reason: FilterPolicy: .*${told}`);
  await expect(subscribe({ Attributes })).rejects.toMatchObject({ code: 'InvalidParameter', message });
  expect(() => open({ t: [{ protocol: 'sqs', endpoint: QUEUE, attributes: Attributes }] })).toThrow(told);
});

it('takes a nested filter policy for the body, and not the scope away from under it', async () => {
  const { call, sent } = open({ t: [] });
  const Attributes = { FilterPolicy: '{"a":{"b":["x"]}}', FilterPolicyScope: 'MessageBody' };
  const { SubscriptionArn = '' } = await call('Subscribe', {
    TopicArn: ARN,
    Protocol: 'sqs',
    Endpoint: QUEUE,
    Attributes,
  });
  await call('Publish', { TopicArn: ARN, Message: '{"a":{"b":"x"}}' });
  await call('Publish', { TopicArn: ARN, Message: '{"a":{"b":"y"}}' });
  expect(sent).toHaveLength(1);
  const scope = { SubscriptionArn, AttributeName: 'FilterPolicyScope', AttributeValue: 'MessageAttributes' };
  await expect(call('SetSubscriptionAttributes', scope)).rejects.toMatchObject({ code: 'InvalidParameter' });
});
