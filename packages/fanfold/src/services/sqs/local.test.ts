import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import type { JsonObject } from '../../json.ts';
import { type ManualClock, manualClock } from '../../testing/clocks.ts';
import { type LocalQueues, openLocalQueues } from './local.ts';

const NEVER = new AbortController().signal;
const folders: string[] = [];
const opened: LocalQueues[] = [];

afterEach(() => {
  for (const queues of opened.splice(0)) queues.close();
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
});

interface Fixture {
  readonly clock: ManualClock;
  readonly call: (action: string, input?: JsonObject, idempotencyKey?: string) => Promise<JsonObject>;
  /** Closes the files and opens them anew. */
  readonly reopen: () => void;
  readonly local: () => LocalQueues;
}

function open(): Fixture {
  const directory = mkdtempSync(join(tmpdir(), 'fanfold-sqs-'));
  folders.push(directory);
  const clock = manualClock();
  const start = (): LocalQueues => {
    const queues = openLocalQueues({
      directory,
      queues: {},
      clock,
      region: 'us-east-1',
      account: '000000000000',
      endpoint: () => 'http://127.0.0.1:1',
    });
    opened.push(queues);
    return queues;
  };
  let local = start();
  return {
    clock,
    call: (action, input = {}, idempotencyKey) =>
      local.call(action, input, { signal: NEVER, ...(idempotencyKey !== undefined && { idempotencyKey }) }),
    reopen: () => {
      opened.splice(opened.indexOf(local), 1);
      local.close();
      local = start();
    },
    local: () => local,
  };
}

async function queue({ call }: Fixture, name = 'q', attributes: JsonObject = {}): Promise<string> {
  return (await call('CreateQueue', { QueueName: name, Attributes: attributes }))['QueueUrl'] as string;
}

type Message = Readonly<Record<'MessageId' | 'Body' | 'ReceiptHandle', string>> & { readonly Attributes?: JsonObject };

async function receive({ call }: Fixture, QueueUrl: string, params: JsonObject = {}): Promise<readonly Message[]> {
  return ((await call('ReceiveMessage', { QueueUrl, ...params }))['Messages'] ?? []) as unknown as readonly Message[];
}

const bodies = (messages: readonly Message[]): readonly string[] => messages.map(({ Body }) => Body);

it.each([
  'https://sqs.eu-west-1.amazonaws.com/123456789012/q',
  'https://sqs.eu-west-1.amazonaws.com/account-id/q',
  'http://localhost:1/queues/q',
  'q',
])('a queue is known by the last part of its URL: %s', async (QueueUrl) => {
  const { call } = open();
  await call('CreateQueue', { QueueName: 'q' });
  expect(await call('SendMessage', { QueueUrl, MessageBody: 'a' })).toMatchObject({ MessageId: expect.any(String) });
});

describe('a standard queue', () => {
  it('hides what was received until its visibility timeout is over, and drops what was deleted', async () => {
    const all = open();
    const QueueUrl = await queue(all);
    await all.call('SendMessage', { QueueUrl, MessageBody: 'a' });
    const [first] = await receive(all, QueueUrl, { VisibilityTimeout: 10, AttributeNames: ['All'] });
    expect(first?.Attributes).toMatchObject({ ApproximateReceiveCount: '1' });
    expect(await receive(all, QueueUrl)).toEqual([]);
    all.clock.advance(10_000);
    const [again] = await receive(all, QueueUrl, { AttributeNames: ['ApproximateReceiveCount'] });
    expect(again).toMatchObject({ MessageId: first?.MessageId, Attributes: { ApproximateReceiveCount: '2' } });
    // The handle of an earlier receive does not count any more.
    await all.call('DeleteMessage', { QueueUrl, ReceiptHandle: first?.ReceiptHandle as string });
    all.clock.advance(30_000);
    const [third] = await receive(all, QueueUrl);
    await all.call('DeleteMessage', { QueueUrl, ReceiptHandle: third?.ReceiptHandle as string });
    all.clock.advance(60_000);
    expect(await receive(all, QueueUrl)).toEqual([]);
  });

  it('keeps everything over a restart: messages, what is hidden, and what was received', async () => {
    const all = open();
    const QueueUrl = await queue(all);
    for (const MessageBody of ['a', 'b']) await all.call('SendMessage', { QueueUrl, MessageBody });
    const [taken] = await receive(all, QueueUrl);
    all.reopen();
    expect(bodies(await receive(all, QueueUrl, { MaxNumberOfMessages: 10 }))).toEqual(['b']);
    await all.call('ChangeMessageVisibility', {
      QueueUrl,
      ReceiptHandle: taken?.ReceiptHandle as string,
      VisibilityTimeout: 0,
    });
    expect(bodies(await receive(all, QueueUrl))).toEqual(['a']);
  });

  it('takes a message sent again under the same key for the same one, after a restart too', async () => {
    const all = open();
    const QueueUrl = await queue(all);
    const sent = await all.call('SendMessage', { QueueUrl, MessageBody: 'a' }, 'attempt');
    all.reopen();
    expect(await all.call('SendMessage', { QueueUrl, MessageBody: 'a' }, 'attempt')).toEqual(sent);
    await all.call('SendMessage', { QueueUrl, MessageBody: 'a' }, 'another');
    expect(await receive(all, QueueUrl, { MaxNumberOfMessages: 10 })).toHaveLength(2);
  });

  it('moves what was received too often to the dead letters', async () => {
    const all = open();
    const dead = await queue(all, 'dead');
    const QueueUrl = await queue(all, 'q', {
      RedrivePolicy: '{"deadLetterTargetArn":"arn:aws:sqs:us-east-1:000000000000:dead","maxReceiveCount":"2"}',
    });
    await all.call('SendMessage', { QueueUrl, MessageBody: 'a' });
    for (const _ of [1, 2]) {
      expect(await receive(all, QueueUrl, { VisibilityTimeout: 0 })).toHaveLength(1);
    }
    expect(await receive(all, QueueUrl)).toEqual([]);
    const [found] = await receive(all, dead, { AttributeNames: ['All'] });
    expect(found).toMatchObject({
      Body: 'a',
      Attributes: { ApproximateReceiveCount: '1', DeadLetterQueueSourceArn: 'arn:aws:sqs:us-east-1:000000000000:q' },
    });
  });

  it('lets a receive wait for what is sent, for what comes back, and not for longer than it says', async () => {
    const all = open();
    const QueueUrl = await queue(all);
    const waiting = receive(all, QueueUrl, { WaitTimeSeconds: 20, VisibilityTimeout: 5 });
    await all.call('SendMessage', { QueueUrl, MessageBody: 'a' });
    expect(bodies(await waiting)).toEqual(['a']);
    const back = receive(all, QueueUrl, { WaitTimeSeconds: 20 });
    all.clock.advance(5000);
    expect(bodies(await back)).toEqual(['a']);
    const nothing = receive(all, QueueUrl, { WaitTimeSeconds: 3 });
    all.clock.advance(3000);
    expect(await nothing).toEqual([]);
    const ended = receive(all, QueueUrl, { WaitTimeSeconds: 20 });
    all.local().endPolls();
    expect(await ended).toEqual([]);
  });

  it('gives nothing to a client that is gone', async () => {
    const all = open();
    const QueueUrl = await queue(all);
    const client = new AbortController();
    const waiting = all.local().call('ReceiveMessage', { QueueUrl, WaitTimeSeconds: 20 }, { signal: client.signal });
    client.abort();
    expect(await waiting).toEqual({});
    await all.call('SendMessage', { QueueUrl, MessageBody: 'a' });
    expect(bodies(await receive(all, QueueUrl))).toEqual(['a']);
  });

  it('delays, counts, expires and purges', async () => {
    const all = open();
    const QueueUrl = await queue(all, 'q', { MessageRetentionPeriod: '60', DelaySeconds: '5' });
    await all.call('SendMessage', { QueueUrl, MessageBody: 'a' });
    await all.call('SendMessage', { QueueUrl, MessageBody: 'b', DelaySeconds: 0 });
    await receive(all, QueueUrl);
    const counts = async (): Promise<readonly string[]> => {
      const { Attributes } = await all.call('GetQueueAttributes', { QueueUrl, AttributeNames: ['All'] });
      const of = Attributes as Readonly<Record<string, string>>;
      return ['', 'NotVisible', 'Delayed'].map((kind) => of[`ApproximateNumberOfMessages${kind}`] as string);
    };
    expect(await counts()).toEqual(['0', '1', '1']);
    all.clock.advance(60_000);
    expect(await counts()).toEqual(['0', '0', '0']);
    await all.call('SendMessage', { QueueUrl, MessageBody: 'c' });
    await all.call('PurgeQueue', { QueueUrl });
    expect(await counts()).toEqual(['0', '0', '0']);
    all.reopen();
    all.clock.advance(59_999);
    await expect(all.call('PurgeQueue', { QueueUrl })).rejects.toMatchObject({
      code: 'PurgeQueueInProgress',
      message: 'Only one PurgeQueue operation on q is allowed every 60 seconds.',
    });
    const other = await queue(all, 'other');
    await all.call('PurgeQueue', { QueueUrl: other });
    all.clock.advance(1);
    await all.call('PurgeQueue', { QueueUrl });
  });
});

it.each<[string, string, JsonObject, string]>([
  ['no such queue', 'SendMessage', { QueueUrl: 'http://h/000000000000/none', MessageBody: 'a' }, 'QueueDoesNotExist'],
  ['no body', 'SendMessage', { MessageBody: null }, 'MissingParameter'],
  ['an empty body', 'SendMessage', { MessageBody: '' }, 'MissingParameter'],
  ['a character that XML cannot hold', 'SendMessage', { MessageBody: 'a\u0000' }, 'InvalidMessageContents'],
  ['half a character', 'SendMessage', { MessageBody: '\ud800' }, 'InvalidMessageContents'],
  ['too long a body', 'SendMessage', { MessageBody: 'a'.repeat(1_048_577) }, 'InvalidParameterValue'],
  ['too long a delay', 'SendMessage', { MessageBody: 'a', DelaySeconds: 901 }, 'InvalidParameterValue'],
  [
    'an attribute without a value',
    'SendMessage',
    { MessageBody: 'a', MessageAttributes: { x: { DataType: 'String' } } },
    'InvalidParameterValue',
  ],
  [
    'an id for a queue that is not FIFO',
    'SendMessage',
    { MessageBody: 'a', MessageDeduplicationId: 'x' },
    'InvalidParameterValue',
  ],
  ['a parameter that is not there', 'ReceiveMessage', { ReceiveRequestAttemptId: 'x' }, 'UnsupportedOperation'],
  ['too many at once', 'ReceiveMessage', { MaxNumberOfMessages: 11 }, 'InvalidParameterValue'],
  ['a handle that is none', 'DeleteMessage', { ReceiptHandle: 'x' }, 'ReceiptHandleIsInvalid'],
  ['an empty batch', 'SendMessageBatch', { Entries: [] }, 'EmptyBatchRequest'],
  [
    'the same id twice',
    'SendMessageBatch',
    {
      Entries: [
        { Id: 'a', MessageBody: 'a' },
        { Id: 'a', MessageBody: 'b' },
      ],
    },
    'BatchEntryIdsNotDistinct',
  ],
  ['an attribute that SQS does not have', 'SetQueueAttributes', { Attributes: { X: '1' } }, 'InvalidAttributeName'],
  ['an attribute that is not here', 'SetQueueAttributes', { Attributes: { Policy: '{}' } }, 'UnsupportedOperation'],
  [
    'dead letters to nowhere',
    'SetQueueAttributes',
    {
      Attributes: {
        RedrivePolicy: '{"deadLetterTargetArn":"arn:aws:sqs:us-east-1:000000000000:none","maxReceiveCount":1}',
      },
    },
    'InvalidAttributeValue',
  ],
  [
    'other attributes for a queue that is there',
    'CreateQueue',
    { QueueName: 'q', QueueUrl: null, Attributes: { DelaySeconds: '9' } },
    'QueueNameExists',
  ],
  ['an action that is not there', 'StartMessageMoveTask', {}, 'UnknownOperationException'],
])('refuses %s', async (_, action, input, code) => {
  const all = open();
  const QueueUrl = await queue(all);
  await expect(all.call(action, { QueueUrl, ...input })).rejects.toMatchObject({ code });
});

describe('a FIFO queue', () => {
  const send = (all: Fixture, QueueUrl: string, group: string, id: string) =>
    all.call('SendMessage', { QueueUrl, MessageBody: id, MessageGroupId: group, MessageDeduplicationId: id });

  it('gives out nothing of a group while some of it is out', async () => {
    const all = open();
    const QueueUrl = await queue(all, 'q.fifo', { FifoQueue: 'true' });
    for (const [group, id] of [
      ['g', '1'],
      ['g', '2'],
      ['h', '3'],
    ] as const)
      await send(all, QueueUrl, group, id);
    const [first] = await receive(all, QueueUrl);
    expect(first?.Body).toBe('1');
    expect(bodies(await receive(all, QueueUrl, { MaxNumberOfMessages: 10 }))).toEqual(['3']);
    await all.call('DeleteMessage', { QueueUrl, ReceiptHandle: first?.ReceiptHandle as string });
    expect(bodies(await receive(all, QueueUrl, { MaxNumberOfMessages: 10 }))).toEqual(['2']);
  });

  it('knows a message again for five minutes, over a restart', async () => {
    const all = open();
    const QueueUrl = await queue(all, 'q.fifo', { FifoQueue: 'true' });
    const sent = await send(all, QueueUrl, 'g', '1');
    all.reopen();
    expect(await send(all, QueueUrl, 'g', '1')).toEqual(sent);
    all.clock.advance(5 * 60_000);
    expect((await send(all, QueueUrl, 'g', '1'))['MessageId']).not.toBe(sent['MessageId']);
  });

  it('refuses to delete by a handle whose time is over', async () => {
    const all = open();
    const QueueUrl = await queue(all, 'q.fifo', { FifoQueue: 'true' });
    await send(all, QueueUrl, 'g', '1');
    const [first] = await receive(all, QueueUrl);
    all.clock.advance(30_000);
    await expect(
      all.call('DeleteMessage', { QueueUrl, ReceiptHandle: first?.ReceiptHandle as string }),
    ).rejects.toMatchObject({ code: 'InvalidParameterValue' });
  });
});

type Move =
  | { readonly kind: 'send'; readonly group: number }
  | { readonly kind: 'receive'; readonly most: number }
  | { readonly kind: 'delete' | 'giveBack'; readonly which: number }
  | { readonly kind: 'pass'; readonly seconds: number }
  | { readonly kind: 'reopen' };

const moves: fc.Arbitrary<Move[]> = fc.array(
  fc.oneof(
    { weight: 4, arbitrary: fc.record({ kind: fc.constant('send' as const), group: fc.nat(2) }) },
    {
      weight: 4,
      arbitrary: fc.record({ kind: fc.constant('receive' as const), most: fc.integer({ min: 1, max: 4 }) }),
    },
    {
      weight: 3,
      arbitrary: fc.record({ kind: fc.constantFrom('delete' as const, 'giveBack' as const), which: fc.nat(5) }),
    },
    {
      weight: 2,
      arbitrary: fc.record({ kind: fc.constant('pass' as const), seconds: fc.integer({ min: 1, max: 40 }) }),
    },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('reopen' as const) }) },
  ),
  { maxLength: 40 },
);

describe.each(['q', 'q.fifo'])('whatever is done with %s', (name) => {
  const fifo = name.endsWith('.fifo');

  it('no message is lost, none is with two receivers at once, and a group keeps its order', async () => {
    await fc.assert(
      fc.asyncProperty(moves, async (steps) => {
        const all = open();
        const QueueUrl = await queue(all, name, fifo ? { FifoQueue: 'true' } : {});
        const groups = new Map<string, number>();
        const left = new Set<string>();
        let out: { readonly body: string; readonly handle: string; readonly until: number }[] = [];
        let sent = 0;
        const isOut = ({ until }: { readonly until: number }): boolean => until > all.clock.now();
        const took = (received: readonly Message[]): void => {
          for (const { Body, ReceiptHandle } of received) {
            expect(left.has(Body), 'it was sent, and is not deleted').toBe(true);
            expect(
              out.some((one) => one.body === Body && isOut(one)),
              'nobody else has it',
            ).toBe(false);
            if (fifo) {
              const earlier = [...left].filter(
                (one) => groups.get(one) === groups.get(Body) && Number(one) < Number(Body),
              );
              const along = new Set(received.map((one) => one.Body));
              expect(
                earlier.filter((one) => !along.has(one)),
                'what was sent before it is done',
              ).toEqual([]);
            }
            out = [
              ...out.filter((one) => one.body !== Body),
              { body: Body, handle: ReceiptHandle, until: all.clock.now() + 30_000 },
            ];
          }
          if (fifo)
            for (const group of [0, 1, 2]) {
              const order = received.filter(({ Body }) => groups.get(Body) === group).map(({ Body }) => Number(Body));
              expect(order).toEqual(order.toSorted((a, b) => a - b));
            }
        };
        for (const step of steps) {
          if (step.kind === 'send') {
            const body = String(sent++);
            groups.set(body, step.group);
            left.add(body);
            await all.call('SendMessage', {
              QueueUrl,
              MessageBody: body,
              ...(fifo && { MessageGroupId: String(step.group), MessageDeduplicationId: body }),
            });
          } else if (step.kind === 'receive') {
            took(await receive(all, QueueUrl, { MaxNumberOfMessages: step.most }));
          } else if (step.kind === 'pass') all.clock.advance(step.seconds * 1000);
          else if (step.kind === 'reopen') all.reopen();
          else {
            const one = out.filter(isOut)[step.which];
            if (!one) continue;
            out = out.filter((other) => other !== one);
            if (step.kind === 'delete') {
              left.delete(one.body);
              await all.call('DeleteMessage', { QueueUrl, ReceiptHandle: one.handle });
            } else
              await all.call('ChangeMessageVisibility', { QueueUrl, ReceiptHandle: one.handle, VisibilityTimeout: 0 });
          }
        }
        all.clock.advance(31_000);
        const found: string[] = [];
        for (;;) {
          const received = await receive(all, QueueUrl, { MaxNumberOfMessages: 10 });
          if (received.length === 0) break;
          took(received);
          found.push(...bodies(received));
          for (const { ReceiptHandle, Body } of received) {
            await all.call('DeleteMessage', { QueueUrl, ReceiptHandle });
            left.delete(Body);
          }
        }
        expect(left, 'all that was left was received').toEqual(new Set());
        expect(new Set(found).size).toBe(found.length);
      }),
      { numRuns: 60 },
    );
  });
});

it('names attributes that there are none of, before anything is received', async () => {
  const all = open();
  const QueueUrl = await queue(all);
  await all.call('SendMessage', { QueueUrl, MessageBody: 'a' });
  const unknown = { code: 'InvalidAttributeName', message: 'Unknown Attribute Colour.' };
  for (const [action, names] of [
    ['GetQueueAttributes', 'AttributeNames'],
    ['ReceiveMessage', 'AttributeNames'],
    ['ReceiveMessage', 'MessageSystemAttributeNames'],
  ] as const)
    await expect(all.call(action, { QueueUrl, [names]: ['All', 'Colour'] })).rejects.toMatchObject(unknown);
  expect(await all.call('GetQueueAttributes', { QueueUrl, AttributeNames: ['Policy', 'DelaySeconds'] })).toEqual({
    Attributes: { DelaySeconds: '0' },
  });
  expect(bodies(await receive(all, QueueUrl))).toEqual(['a']);
});

it('takes no batch that is longer than a message may be', async () => {
  const all = open();
  const QueueUrl = await queue(all);
  const entry = (Id: string, MessageBody: string): JsonObject => ({ Id, MessageBody });
  const Entries = [entry('a', 'x'.repeat(1_048_570)), entry('b', 'é'.repeat(3))];
  expect(await all.call('SendMessageBatch', { QueueUrl, Entries })).toMatchObject({ Successful: [{}, {}] });
  await expect(
    all.call('SendMessageBatch', { QueueUrl, Entries: [...Entries, entry('c', 'y')] }),
  ).rejects.toMatchObject({
    code: 'BatchRequestTooLong',
    message: 'Batch requests cannot be longer than 1048576 bytes. You have sent 1048577 bytes.',
  });
});
