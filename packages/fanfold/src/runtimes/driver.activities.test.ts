import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Json } from '../json.ts';
import type { ActivityTask } from '../ports/activities.ts';
import { ServiceError } from '../ports/service-error.ts';
import type { Store } from '../ports/store.ts';
import { createActivities } from './activities/activities.ts';
import { type Scenario, sweep, type World } from './crash.fixture.ts';
import {
  around,
  createRig,
  MEDIA,
  type Medium,
  PLACE,
  type Rig,
  runArn,
  sequence,
  STORES,
  testClock,
} from './driver.fixture.ts';

const ACTIVITY = `arn:aws:states:${PLACE.region}:${PLACE.account}:activity:work`;

/** A Task state whose work is fetched. */
function fetched(rest: Readonly<Record<string, Json>> = {}): Json {
  return { Type: 'Task', Resource: ACTIVITY, ...rest };
}

const create = async (store: Store): Promise<void> => {
  const activities = createActivities({ store, clock: testClock(), ...PLACE });
  await activities.create({ name: 'work', tags: [], encryption: { type: 'AWS_OWNED_KEY' } });
};

const here = (): AbortSignal => new AbortController().signal;

const take = (rig: Rig, workerName?: string, signal = here()): Promise<ActivityTask | undefined> =>
  rig.driver.takeActivityTask({ activityArn: ACTIVITY, signal, ...(workerName !== undefined && { workerName }) });

const done = (rig: Rig, task: ActivityTask | undefined, output: Json = 'done'): Promise<void> =>
  rig.driver.tokens.succeed({ taskToken: task?.taskToken ?? '', output: JSON.stringify(output) });

let medium: Medium;
let store: Store;
let rig: Rig;
beforeEach(async () => {
  medium = STORES['memory']?.() as Medium;
  store = medium.open();
  await create(store);
  rig = createRig({ store });
});
afterEach(() => medium.remove());

const begin = async (state: Json, name = 'run', input: Json = { n: 1 }): Promise<string> => {
  await rig.put('m', sequence({ A: state }));
  const arn = await rig.start('m', name, input);
  await rig.quiet();
  return arn;
};
const history = async (arn: string): Promise<string[]> =>
  (await rig.driver.executions.history({ executionArn: arn })).events.map(({ type }) => type);
const described = (arn: string) => rig.driver.executions.describe(arn);

describe('a task of an activity', () => {
  it('waits for a worker, is begun by the first one, and ends as it says', async () => {
    const arn = await begin(fetched({ TimeoutSeconds: 60, HeartbeatSeconds: 10 }));
    const task = await take(rig, 'worker-1');
    expect(task).toEqual({ taskToken: expect.stringMatching(/^[\w-]{40,}$/), input: '{"n":1}' });
    await done(rig, task, { ok: true });
    const { events } = await rig.driver.executions.history({ executionArn: arn });
    expect(events.slice(2, 5)).toMatchObject([
      {
        type: 'ActivityScheduled',
        activityScheduledEventDetails: {
          resource: ACTIVITY,
          input: '{"n":1}',
          inputDetails: { truncated: false },
          timeoutInSeconds: 60,
          heartbeatInSeconds: 10,
        },
      },
      { type: 'ActivityStarted', activityStartedEventDetails: { workerName: 'worker-1' } },
      { type: 'ActivitySucceeded', activitySucceededEventDetails: { output: '{"ok":true}' } },
    ]);
    expect((await described(arn)).output?.text).toBe('{"ok":true}');
    expect(rig.clock.due()).toEqual([]);
  });

  it('is known by its name, whatever account its ARN has', async () => {
    await begin({ ...(fetched() as object), Resource: 'arn:aws-cn:states:cn-north-1:123456789012:activity:work' });
    expect(await take(rig)).toBeDefined();
  });

  it('fails as its worker says', async () => {
    const arn = await begin(fetched());
    const task = await take(rig);
    await rig.driver.tokens.fail({ taskToken: task?.taskToken ?? '', error: 'Bad', cause: 'because' });
    expect(await described(arn)).toMatchObject({ status: 'FAILED', error: 'Bad', cause: 'because' });
    const { events } = await rig.driver.executions.history({ executionArn: arn });
    expect(events.slice(-2)).toMatchObject([
      { type: 'ActivityFailed', activityFailedEventDetails: { error: 'Bad', cause: 'because' } },
      { type: 'ExecutionFailed' },
    ]);
    expect(events.find(({ type }) => type === 'ActivityStarted')).toHaveProperty('activityStartedEventDetails', {});
  });

  it('does not begin where there is no such activity', async () => {
    const arn = await begin(fetched({ Resource: ACTIVITY.replace('work', 'gone') }));
    expect(await described(arn)).toMatchObject({
      status: 'FAILED',
      error: 'States.Runtime',
      cause:
        "An error occurred while executing the state 'A' (entered at the event id #2). " +
        `The activity ${ACTIVITY.replace('work', 'gone')} does not exist.`,
    });
    expect(await history(arn)).toEqual(['ExecutionStarted', 'TaskStateEntered', 'ExecutionFailed']);
  });

  it('has its time from when it is begun', async () => {
    const arn = await begin(fetched({ TimeoutSeconds: 5 }));
    rig.clock.advance(1_000_000);
    await rig.quiet();
    expect(await described(arn)).toMatchObject({ status: 'RUNNING' });
    const task = await take(rig);
    rig.clock.advance(5_000);
    await rig.quiet();
    expect(await described(arn)).toMatchObject({ status: 'FAILED', error: 'States.Timeout' });
    expect((await history(arn)).slice(-2)).toEqual(['ActivityTimedOut', 'ExecutionFailed']);
    await expect(done(rig, task)).rejects.toMatchObject({ code: 'TaskTimedOut' });
  });

  it('is kept alive by heartbeats, from when it is begun', async () => {
    const arn = await begin(fetched({ HeartbeatSeconds: 5 }));
    rig.clock.advance(60_000);
    const task = await take(rig);
    for (let beats = 0; beats < 3; beats++) {
      rig.clock.advance(4_000);
      await rig.driver.tokens.heartbeat({ taskToken: task?.taskToken ?? '' });
    }
    expect(await described(arn)).toMatchObject({ status: 'RUNNING' });
    rig.clock.advance(5_000);
    await rig.quiet();
    expect(await described(arn)).toMatchObject({ status: 'FAILED', error: 'States.Timeout' });
  });

  it('is not given to anybody when its execution was stopped before', async () => {
    const arn = await begin(fetched());
    await rig.driver.executions.stop({ executionArn: arn });
    await begin(fetched(), 'second', 2);
    expect((await take(rig))?.input).toBe('2');
  });

  it('is offered anew when it is tried again', async () => {
    const arn = await begin(fetched({ Retry: [{ ErrorEquals: ['Again'], IntervalSeconds: 1 }] }));
    const first = await take(rig);
    await rig.driver.tokens.fail({ taskToken: first?.taskToken ?? '', error: 'Again' });
    const second = take(rig);
    await rig.quiet();
    rig.clock.advance(1_000);
    const task = await second;
    expect(task?.taskToken).not.toBe(first?.taskToken);
    await done(rig, task);
    expect(await described(arn)).toMatchObject({ status: 'SUCCEEDED' });
  });
});

describe('workers', () => {
  it('wait a minute for a task, and get none then', async () => {
    const polled = take(rig);
    await rig.quiet();
    expect(rig.clock.due()).toEqual([60_000]);
    rig.clock.advance(60_000);
    expect(await polled).toBeUndefined();
    expect(rig.clock.due()).toEqual([]);
  });

  it('get a task as soon as there is one, each another one, the first the first', async () => {
    const polls = [take(rig), take(rig)];
    await rig.quiet();
    for (const n of [1, 2, 3]) await begin(fetched(), `run-${n}`, n);
    expect((await Promise.all(polls)).map((task) => task?.input)).toEqual(['1', '2']);
    expect((await take(rig))?.input).toBe('3');
  });

  it('who are gone get none, and lose none', async () => {
    const gone = new AbortController();
    const polled = take(rig, 'gone', gone.signal);
    await rig.quiet();
    gone.abort();
    expect(await polled).toBeUndefined();
    await begin(fetched());
    expect(await take(rig, 'gone', gone.signal)).toBeUndefined();
    expect(await take(rig, 'there')).toBeDefined();
    expect(rig.clock.due()).toEqual([]);
  });

  it('who are gone before they could be told leave the task to the next, who finds it begun', async () => {
    const held: (() => void)[] = [];
    let hold = false;
    rig = createRig({
      store,
      between: (inner) =>
        around(inner, async (event, go) => {
          if (hold && event.kind === 'commit') await new Promise<void>((release) => held.push(release));
          return go();
        }),
    });
    const arn = await begin(fetched());
    const gone = new AbortController();
    hold = true;
    const polled = take(rig, 'gone', gone.signal);
    await rig.quiet();
    expect(held).toHaveLength(1);
    gone.abort();
    hold = false;
    held.pop()?.();
    expect(await polled).toBeUndefined();
    await done(rig, await take(rig, 'next'));
    expect(await described(arn)).toMatchObject({ status: 'SUCCEEDED' });
    expect((await history(arn)).filter((type) => type === 'ActivityStarted')).toHaveLength(1);
  });

  it('are told of a task once it is durable that they have it (I2)', async () => {
    const held: (() => void)[] = [];
    let hold = false;
    rig = createRig({
      store,
      between: (inner) =>
        around(inner, async (event, go) => {
          if (hold && event.kind === 'commit') await new Promise<void>((release) => held.push(release));
          return go();
        }),
    });
    await begin(fetched());
    hold = true;
    const heard: unknown[] = [];
    void take(rig).then((task) => heard.push(task?.input));
    await rig.quiet();
    expect(heard).toEqual([]);
    held.pop()?.();
    await rig.quiet();
    expect(heard).toEqual(['{"n":1}']);
  });

  it('are sent away when nobody gives tasks any more', async () => {
    const polls = [take(rig), take(rig)];
    await rig.quiet();
    rig.driver.endPolls();
    expect(await Promise.all(polls)).toEqual([undefined, undefined]);
    expect(await take(rig)).toBeUndefined();
  });

  it('are refused where there is no such activity', async () => {
    const activityArn = ACTIVITY.replace('work', 'none');
    const refused = rig.driver.takeActivityTask({ activityArn, signal: here() });
    await expect(refused).rejects.toThrow(
      new ServiceError('ActivityDoesNotExist', `Activity Does Not Exist: '${activityArn}'`),
    );
  });
});

describe.each(Object.entries(MEDIA))('after a restart, with the %s store', (_, makeMedium) => {
  it('tasks that nobody had taken stand in line as before, and others are with their workers', async () => {
    medium = makeMedium();
    const before = medium.open();
    await create(before);
    const first = createRig({ store: before });
    await first.put('m', sequence({ A: fetched({ HeartbeatSeconds: 30 }) }));
    for (const n of [1, 2, 3]) {
      await first.start('m', `run-${n}`, n);
      await first.quiet();
      first.clock.advance(1_000);
    }
    const taken = await take(first);
    expect(taken?.input).toBe('1');
    await first.driver.close();
    await before.close();
    rig = createRig({ store: medium.open(), clock: testClock(first.clock.now()) });
    await rig.driver.recover();
    expect([(await take(rig))?.input, (await take(rig))?.input]).toEqual(['2', '3']);
    await done(rig, taken);
    expect(await described(runArn('m', 'run-1'))).toMatchObject({ status: 'SUCCEEDED' });
  });
});

/** A worker that fetches tasks, and answers each until somebody says that it is answered. */
function working(): World {
  let task: ActivityTask | undefined;
  return {
    functions: {},
    act: async (current) => {
      if (!task) {
        const leave = new AbortController();
        const polled = take(current, 'worker', leave.signal);
        await current.quiet();
        leave.abort();
        task = await polled;
        return task !== undefined;
      }
      await done(current, task, { items: [1, 2, 3] }).catch((error: ServiceError) => {
        if (error.code !== 'TaskTimedOut') throw error;
      });
      task = undefined;
      return true;
    },
  };
}

/** What the engine gave away as it was killed, no worker has heard of: such a task is tried again when its time is over. */
const AGAIN = fetched({
  TimeoutSeconds: 5,
  Retry: [{ ErrorEquals: ['States.Timeout'], IntervalSeconds: 1, MaxAttempts: 3 }],
});

const SCENARIOS: Readonly<Record<string, Scenario>> = {
  'tasks one after the other, and several at once': {
    machines: {
      m: sequence({
        A: AGAIN,
        Each: {
          Type: 'Map',
          ItemsPath: '$.items',
          ItemProcessor: { ProcessorConfig: { Mode: 'INLINE' }, ...(sequence({ B: AGAIN }) as object) },
        },
        C: AGAIN,
      }),
    },
    prepare: create,
    world: working,
  },
};

describe.each(Object.entries(SCENARIOS))('%s', (_, scenario) => {
  it.each(Object.entries(MEDIA))(
    'come to the same end wherever they are cut off, with the %s store',
    async (__, make) => {
      const { problems, wanted } = await sweep({ scenario, medium: make });
      expect(problems).toEqual([]);
      expect(wanted.writes).toBeGreaterThan(10);
    },
  );
});
