import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import type { Json, JsonObject } from '../../json.ts';
import type { Deliver, Delivery } from '../../ports/deliveries.ts';
import type { ObjectEvent } from '../../ports/objects.ts';
import { manualClock } from '../../testing/clocks.ts';
import { recordingLogger } from '../../testing/logger.fixture.ts';
import { openDeliveries } from '../deliveries/deliveries.ts';
import { type LocalEventsParams, openLocalEvents, type ProjectRule } from './local.ts';

const PLACE = { region: 'us-east-1', account: '000000000000' } as const;
const MACHINE = 'arn:aws:states:us-east-1:000000000000:stateMachine:m';
const QUEUE = 'arn:aws:sqs:us-east-1:000000000000:q';
const DAY = 86_400_000;

const closers: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

function folder(): string {
  const directory = mkdtempSync(join(tmpdir(), 'fanfold-events-'));
  closers.push(() => rmSync(directory, { recursive: true }));
  return directory;
}

function open(rules: Readonly<Record<string, ProjectRule>> = {}) {
  const sent: Delivery[] = [];
  const local = openLocalEvents({
    directory: folder(),
    rules,
    deliveries: { accept: (answer, deliveries) => (sent.push(...deliveries), answer), sync: () => {} },
    clock: manualClock(),
    logger: recordingLogger(),
    place: PLACE,
  });
  closers.push(() => local.close());
  const call = (action: string, input: JsonObject): Promise<JsonObject> =>
    local.call(action, input, { signal: new AbortController().signal });
  const rule = async (pattern: Json, target: JsonObject = {}): Promise<void> => {
    await call('PutRule', { Name: 'r', EventPattern: JSON.stringify(pattern) });
    await call('PutTargets', { Rule: 'r', Targets: [{ Id: '1', Arn: QUEUE, ...target }] });
  };
  const put = (detail: Json = { n: 1 }, more: JsonObject = {}): Promise<JsonObject> =>
    call('PutEvents', { Entries: [{ Source: 's', DetailType: 'd', Detail: JSON.stringify(detail), ...more }] });
  return { call, sent, rule, put, local };
}

const arrived = (key: string, name: ObjectEvent['name'] = 'ObjectCreated:Put'): ObjectEvent => ({
  id: 1,
  name,
  at: new Date('2026-01-01T10:00:00.123Z'),
  object: {
    bucket: 'in',
    key,
    size: 3,
    eTag: 'e',
    lastModified: new Date(0),
    sequencer: '0001',
    contentType: 'text/csv',
    metadata: {},
    details: {},
  },
});

describe('events', () => {
  it('go to the targets of the rules that want them', async () => {
    const { call, sent, rule, put } = open();
    await rule({ detail: { n: [1] } });
    const { Entries } = await put();
    await put({ n: 2 });
    expect(sent).toHaveLength(1);
    const [{ EventId = null } = {}] = Entries as readonly JsonObject[];
    expect(JSON.parse(sent[0]?.payload ?? '')).toEqual({
      version: '0',
      id: EventId,
      'detail-type': 'd',
      source: 's',
      account: '000000000000',
      time: '2026-01-01T00:00:00Z',
      region: 'us-east-1',
      resources: [],
      detail: { n: 1 },
    });
    await call('DisableRule', { Name: 'r' });
    await put();
    expect(sent).toHaveLength(1);
  });

  it('are refused one by one', async () => {
    const { call, sent, rule } = open();
    await rule({ source: [{ exists: true }] });
    const entry = { Source: 's', DetailType: 'd', Detail: '{}' };
    const entries = [entry, { ...entry, Source: null }, { ...entry, Detail: '[]' }, { ...entry, Source: 'aws.s3' }];
    const { Entries, FailedEntryCount } = await call('PutEvents', { Entries: entries });
    expect([FailedEntryCount, sent.length]).toEqual([3, 1]);
    expect(Entries).toEqual([
      { EventId: expect.any(String) },
      {
        ErrorCode: 'InvalidArgument',
        ErrorMessage: 'Parameter Source is not valid. Reason: Source is a required argument.',
      },
      { ErrorCode: 'MalformedDetail', ErrorMessage: 'Detail is malformed.' },
      { ErrorCode: 'NotAuthorizedForSourceException', ErrorMessage: 'Not authorized for the source.' },
    ]);
  });

  it('keep a byte-equal shape for an object that is told again, and name the same execution', async () => {
    const { local, sent, rule } = open();
    await rule({ source: ['aws.s3'], 'detail-type': ['Object Created'] }, { Arn: MACHINE });
    expect(local.objectCreated(arrived('a b/ü.csv'))).toBe(true);
    expect(local.objectCreated(arrived('a b/ü.csv'))).toBe(true);
    expect(sent[1]).toEqual(sent[0]);
    expect(JSON.parse(sent[0]?.payload ?? '')).toMatchObject({
      source: 'aws.s3',
      time: '2026-01-01T10:00:00Z',
      resources: ['arn:aws:s3:::in'],
      detail: {
        bucket: { name: 'in' },
        object: { key: 'a b/ü.csv', size: 3, etag: 'e', sequencer: '0001' },
        reason: 'PutObject',
      },
    });
    expect(sent[0]?.target).toMatchObject({
      stateMachineArn: MACHINE,
      name: expect.stringMatching(/^r-[0-9a-f-]{36}$/),
    });
  });

  it('of objects name the version, where their bucket keeps versions', async () => {
    const { local, sent, rule } = open();
    await rule({ source: ['aws.s3'], 'detail-type': ['Object Created'] }, { InputPath: '$.detail.object' });
    const event = arrived('k');
    local.objectCreated({ ...event, object: { ...event.object, versionId: 'v' } });
    expect(JSON.parse(sent[0]?.payload ?? '')).toMatchObject({ key: 'k', 'version-id': 'v', sequencer: '0001' });
  });

  it('of objects have the shape of CloudTrail too', async () => {
    const { local, sent, rule } = open();
    await rule(
      {
        source: ['aws.s3'],
        'detail-type': ['AWS API Call via CloudTrail'],
        detail: { eventName: ['PutObject', 'CompleteMultipartUpload'], requestParameters: { bucketName: ['in'] } },
      },
      { InputPath: '$.detail.requestParameters' },
    );
    expect(local.objectCreated(arrived('x.csv', 'ObjectCreated:Copy'))).toBe(false);
    local.objectCreated(arrived('x.csv'));
    expect(JSON.parse(sent[0]?.payload ?? '')).toMatchObject({ bucketName: 'in', key: 'x.csv' });
  });
});

it.each<[JsonObject, string]>([
  [{ Input: '{"a":1}' }, '{"a":1}'],
  [{ InputPath: '$.detail.who' }, '"a \\"b\\""'],
  [{ InputPath: '$.detail.none' }, 'null'],
  [
    {
      InputTransformer: {
        InputPathsMap: { who: '$.detail.who', n: '$.detail.n', none: '$.detail.none' },
        InputTemplate:
          '{"text": "<who> is <n>, <none>.", "who": <who>, "n": <n>, "none": <none>, "rule": "<aws.events.rule-name>"}',
      },
    },
    '{"text": "a \\"b\\" is 7, .", "who": "a \\"b\\"", "n": 7, "none": null, "rule": "r"}',
  ],
])('a target with %j is sent %s', async (target, payload) => {
  const { sent, rule, put } = open();
  await rule({ source: ['s'] }, target);
  await put({ who: 'a "b"', n: 7 });
  expect(sent[0]?.payload).toBe(payload);
});

it.each<[string, JsonObject, string]>([
  ['PutRule', { Name: 'x', EventPattern: '{"a": "x"}' }, 'InvalidEventPatternException'],
  ['PutRule', { Name: 'x', EventPattern: '{' }, 'InvalidEventPatternException'],
  ['PutRule', { Name: 'x' }, 'ValidationException'],
  ['PutRule', { Name: 'x', ScheduleExpression: 'cron(* * * * * *)' }, 'ValidationException'],
  ['PutRule', { Name: 'a/b', ScheduleExpression: 'rate(1 day)' }, 'ValidationException'],
  ['PutRule', { Name: 'own', ScheduleExpression: 'rate(1 day)' }, 'ManagedRuleException'],
  ['PutRule', { Name: 'x', EventBusName: 'mine', ScheduleExpression: 'rate(1 day)' }, 'ResourceNotFoundException'],
  ['PutRule', { Name: 'x', Tags: [], ScheduleExpression: 'rate(1 day)' }, 'ValidationException'],
  ['PutTargets', { Rule: 'none', Targets: [{ Id: '1', Arn: QUEUE }] }, 'ResourceNotFoundException'],
  [
    'PutTargets',
    { Rule: 'r', Targets: [{ Id: '1', Arn: 'arn:aws:ecs:us-east-1:0:cluster/c' }] },
    'ValidationException',
  ],
  ['PutTargets', { Rule: 'r', Targets: [{ Id: '1', Arn: QUEUE, Input: '{' }] }, 'ValidationException'],
  ['PutTargets', { Rule: 'r', Targets: [{ Id: '1', Arn: QUEUE, InputPath: '$[' }] }, 'ValidationException'],
  ['PutTargets', { Rule: 'r', Targets: [{ Id: '1', Arn: QUEUE, DeadLetterConfig: {} }] }, 'ValidationException'],
  ['DeleteRule', { Name: 'r' }, 'ValidationException'],
  ['PutEvents', { Entries: [] }, 'ValidationException'],
  ['CreateArchive', {}, 'UnknownOperationException'],
])('%s of %j is refused with %s', async (action, input, code) => {
  const { call, rule } = open({ own: { schedule: 'rate(1 day)', targets: [{ Id: '0', Arn: QUEUE }] } });
  await rule({ source: ['s'] });
  await expect(call(action, input)).rejects.toMatchObject({ code });
});

it('lists, describes and deletes rules and targets', async () => {
  const { call, rule } = open();
  await rule({ source: ['s'] });
  expect(await call('DescribeRule', { Name: 'r' })).toMatchObject({
    State: 'ENABLED',
    EventPattern: '{"source":["s"]}',
  });
  expect(await call('ListRules', { NamePrefix: 'r' })).toMatchObject({ Rules: [{ Name: 'r' }] });
  expect(await call('ListRuleNamesByTarget', { TargetArn: QUEUE })).toEqual({ RuleNames: ['r'] });
  expect(await call('ListTargetsByRule', { Rule: 'r' })).toEqual({ Targets: [{ Id: '1', Arn: QUEUE }] });
  expect(await call('RemoveTargets', { Rule: 'r', Ids: ['1', '2'] })).toMatchObject({ FailedEntryCount: 1 });
  await call('DeleteRule', { Name: 'r' });
  expect(await call('ListRules', {})).toEqual({ Rules: [] });
});

it('tests a pattern on what is an event', async () => {
  const { call } = open();
  const test = (event: unknown): Promise<JsonObject> =>
    call('TestEventPattern', {
      EventPattern: '{"source":["s"]}',
      Event: typeof event === 'string' ? event : JSON.stringify(event),
    });
  const whole = { id: '1', account: '1', source: 's', time: 't', region: 'r', resources: [], 'detail-type': 'd' };
  expect(await test(whole)).toEqual({ Result: true });
  expect(await test({ ...whole, source: 'x' })).toEqual({ Result: false });
  for (const [event, told] of [
    ['{', 'it is no JSON'],
    [[], 'it must be an object'],
    [{ source: 's', id: '1' }, 'it lacks account, time, region, resources, detail-type'],
  ] as const)
    await expect(test(event)).rejects.toMatchObject({
      code: 'ValidationException',
      message: expect.stringContaining(`Parameter Event is not valid. Reason: ${told}`),
    });
});

describe('a schedule', () => {
  const nightly = (more: Partial<ProjectRule> = {}): Readonly<Record<string, ProjectRule>> => ({
    nightly: { schedule: 'cron(0 3 * * ? *)', targets: [{ Id: '0', Arn: MACHINE }], ...more },
  });

  /** A directory that is opened, left and opened again, as processes do. */
  function place() {
    const directory = folder();
    const clock = manualClock();
    const logger = recordingLogger();
    const delivered: string[] = [];
    const deliver: Deliver = async ({ target }) => {
      if (target.kind === 'stateMachine') delivered.push(target.name);
    };
    /** @param stops throws away what is done once the line has accepted: the process ends there */
    const live = async (rules: LocalEventsParams['rules'], work: () => void, stops = false): Promise<void> => {
      const deliveries = openDeliveries({ directory, clock, logger });
      const accept: typeof deliveries.accept = (...params) => {
        deliveries.accept(...params);
        if (stops) throw new Error('the process ends here');
        return {};
      };
      const local = openLocalEvents({
        directory,
        ...(rules && { rules }),
        deliveries: { accept, sync: deliveries.sync },
        clock,
        logger,
        place: PLACE,
      });
      deliveries.start(deliver);
      local.start();
      work();
      await deliveries.idle();
      local.close();
      await deliveries.close();
    };
    return { clock, delivered, live, logger };
  }

  it('fires when it is due, each time under a name of its own', async () => {
    const { clock, delivered, live } = place();
    await live(nightly(), () => clock.advance(3 * DAY));
    expect(delivered).toHaveLength(3);
    expect(new Set(delivered).size).toBe(3);
  });

  it('makes up for one of the times that were missed, or for none', async () => {
    for (const [missed, expected] of [
      ['once', 1],
      ['skip', 0],
    ] as const) {
      const { clock, delivered, live, logger } = place();
      const rules = nightly({ missed });
      await live(rules, () => {});
      clock.advance(10 * DAY);
      await live(rules, () => {});
      await live(rules, () => {});
      expect(delivered).toHaveLength(expected);
      expect(logger.lines.some(({ message }) => message.includes('missed'))).toBe(missed === 'skip');
      await live(rules, () => clock.advance(DAY));
      expect(delivered).toHaveLength(expected + 1);
    }
  });

  it('does not fire again for what was accepted as the process ended', async () => {
    const { clock, delivered, live } = place();
    await live(nightly(), () => clock.advance(DAY), true);
    expect(delivered).toHaveLength(1);
    await live(nightly(), () => {});
    await live(nightly(), () => {});
    expect(delivered).toHaveLength(1);
  });

  it('is over when it is not in the project any more, and begins anew when it is another one', async () => {
    const { clock, delivered, live } = place();
    await live(nightly(), () => {});
    clock.advance(DAY);
    await live(nightly({ schedule: 'cron(0 4 * * ? *)' }), () => {});
    expect(delivered).toHaveLength(0);
    await live({}, () => clock.advance(5 * DAY));
    expect(delivered).toHaveLength(0);
  });
});
