import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Json } from '../json.ts';
import { ServiceError } from '../ports/service-error.ts';
import type { Store } from '../ports/store.ts';
import { type Scenario, sweep, type World } from './crash.fixture.ts';
import {
  around,
  createRig,
  desk,
  failed,
  MEDIA,
  type Medium,
  type Rig,
  runArn,
  sequence,
  startOf,
  STORES,
  testClock,
} from './driver.fixture.ts';
import { createMemoryStore } from './memory/store.ts';

/** A Task state that calls a function of the test with its token, and waits to be answered. */
function ask(rest: Readonly<Record<string, Json>> = { End: true }): Json {
  return {
    Type: 'Task',
    Resource: 'arn:aws:states:::lambda:invoke.waitForTaskToken',
    Parameters: { FunctionName: 'ask', Payload: { 'token.$': '$$.Task.Token', 'of.$': '$' } },
    ...rest,
  };
}

/** A state in which a task with a token is caught under this name. */
function caughtAs(name: string, rest: Readonly<Record<string, Json>> = {}): Json {
  const branch = {
    StartAt: 'B',
    States: {
      B: ask({ ...rest, Catch: [{ ErrorEquals: [name], Next: 'C' }], End: true }),
      C: { Type: 'Pass', End: true },
    },
  };
  return { Type: 'Parallel', Branches: [branch] };
}

const tokenOf = (event: Json): string => (event as { token: string }).token;

/** What a refusal says. */
const refused = (answer: Promise<unknown>): Promise<string> =>
  answer.then(
    () => 'taken',
    (error: unknown) => (error instanceof ServiceError ? `${error.code}: ${error.message}` : String(error)),
  );

const GONE = "TaskTimedOut: Task Timed Out: 'Provided task does not exist anymore'";

let medium: Medium;
let rig: Rig;
afterEach(() => medium.remove());

const history = async (arn: string): Promise<string[]> =>
  (await rig.driver.executions.history({ executionArn: arn })).events.map(({ type }) => type);

/** Starts an execution of one state. @returns its ARN and the tokens that the function of the test is given */
async function begin(
  state: Json,
  play: (event: Json) => Json | Promise<Json> = () => 'asked',
): Promise<{ arn: string; tokens: string[] }> {
  const tokens: string[] = [];
  medium = STORES['memory']?.() as Medium;
  const asked = (event: Json): Json | Promise<Json> => {
    tokens.push(tokenOf(event));
    return play(event);
  };
  rig = createRig({ store: medium.open(), functions: { ask: asked } });
  await rig.put('m', sequence({ A: state }));
  const arn = await rig.start('m', 'run', { n: 1 });
  await rig.quiet();
  return { arn, tokens };
}

describe('a task with a token', () => {
  it('waits until it is answered, and its token is gone then', async () => {
    const { arn, tokens } = await begin(ask());
    const [taskToken = ''] = tokens;
    expect(await history(arn)).toEqual([
      'ExecutionStarted',
      'TaskStateEntered',
      'TaskScheduled',
      'TaskStarted',
      'TaskSubmitted',
    ]);
    await rig.driver.tokens.succeed({ taskToken, output: '{ "a": 1 }' });
    const ended = await rig.driver.executions.describe(arn);
    expect(ended).toMatchObject({ status: 'SUCCEEDED' });
    expect(ended.output?.text).toBe('{ "a": 1 }');
    expect((await history(arn)).slice(5)).toEqual(['TaskSucceeded', 'TaskStateExited', 'ExecutionSucceeded']);
    expect(await refused(rig.driver.tokens.succeed({ taskToken, output: '{}' }))).toBe(GONE);
    expect(await refused(rig.driver.tokens.fail({ taskToken }))).toBe(GONE);
    expect(await refused(rig.driver.tokens.heartbeat({ taskToken }))).toBe(GONE);
  });

  it.each([
    [
      { error: 'Bad', cause: 'because' },
      { Error: 'Bad', Cause: 'because' },
    ],
    [{ error: 'Bad' }, { Error: 'Bad' }],
    [{}, {}],
  ])('fails with %j, which can be caught', async (why, output) => {
    const { arn, tokens } = await begin(caughtAs('States.ALL'));
    await rig.driver.tokens.fail({ taskToken: tokens[0] ?? '', ...why });
    expect((await rig.driver.executions.describe(arn)).output?.json).toEqual([output]);
  });

  it('counts an answer that comes before the call has returned', async () => {
    const work = desk();
    const { arn, tokens } = await begin(ask(), (event) => work.play(event, undefined as never) as Promise<Json>);
    await rig.driver.tokens.succeed({ taskToken: tokens[0] ?? '', output: '"early"' });
    work.open[0]?.answer('late');
    await rig.quiet();
    expect((await rig.driver.executions.describe(arn)).output?.text).toBe('"early"');
    expect(await history(arn)).not.toContain('TaskSubmitted');
  });

  it('fails when its call fails, and the token is gone', async () => {
    const tokens: string[] = [];
    medium = STORES['memory']?.() as Medium;
    rig = createRig({
      store: medium.open(),
      functions: { ask: (event) => (tokens.push(tokenOf(event)), failed('Lambda.Broken', 'no')) },
    });
    await rig.put('m', sequence({ A: ask() }));
    const arn = await rig.start('m', 'run');
    await rig.quiet();
    expect(await rig.driver.executions.describe(arn)).toMatchObject({ status: 'FAILED', error: 'Lambda.Broken' });
    expect(await refused(rig.driver.tokens.succeed({ taskToken: tokens[0] ?? '', output: '{}' }))).toBe(GONE);
  });

  it('has another token at each try, and only the last one counts', async () => {
    const { arn, tokens } = await begin(ask({ Retry: [{ ErrorEquals: ['Again'], IntervalSeconds: 1 }] }));
    await rig.driver.tokens.fail({ taskToken: tokens[0] ?? '', error: 'Again' });
    await rig.run(() => tokens.length === 2);
    expect(new Set(tokens).size).toBe(2);
    expect(await refused(rig.driver.tokens.succeed({ taskToken: tokens[0] ?? '', output: '1' }))).toBe(GONE);
    await rig.driver.tokens.succeed({ taskToken: tokens[1] ?? '', output: '2' });
    expect((await rig.driver.executions.describe(arn)).output?.text).toBe('2');
  });

  it('takes one of many answers that come at once', async () => {
    const { arn, tokens } = await begin(ask());
    const [taskToken = ''] = tokens;
    const answers = Array.from({ length: 20 }, (_, n) =>
      refused(
        n % 2 === 0 ? rig.driver.tokens.succeed({ taskToken, output: `${n}` }) : rig.driver.tokens.fail({ taskToken }),
      ),
    );
    const all = await Promise.all(answers);
    expect(all.filter((each) => each === 'taken')).toEqual(['taken']);
    expect(all[0]).toBe('taken');
    expect(all.slice(1)).toEqual(Array.from({ length: 19 }, () => GONE));
    expect((await history(arn)).filter((type) => type === 'TaskSucceeded' || type === 'TaskFailed')).toEqual([
      'TaskSucceeded',
    ]);
  });

  it('refuses output that is no JSON, and goes on waiting', async () => {
    const { arn, tokens } = await begin(ask());
    const [taskToken = ''] = tokens;
    expect(await refused(rig.driver.tokens.succeed({ taskToken, output: 'not json' }))).toMatch(
      /^InvalidOutput: Invalid Output: 'Unrecognized token 'not'/,
    );
    expect(await rig.driver.executions.describe(arn)).toMatchObject({ status: 'RUNNING' });
  });

  it.each(['1', 'not a token', 'AAAA'.repeat(30)])('does not know %j', async (taskToken) => {
    await begin(ask());
    expect(await refused(rig.driver.tokens.succeed({ taskToken, output: 'no JSON either' }))).toBe(
      "InvalidToken: Invalid Token: 'Invalid token'",
    );
  });

  it('is over when its execution was stopped', async () => {
    const { arn, tokens } = await begin(ask());
    await rig.driver.executions.stop({ executionArn: arn });
    expect(await refused(rig.driver.tokens.heartbeat({ taskToken: tokens[0] ?? '' }))).toBe(GONE);
  });

  it('does not take the token of another engine', async () => {
    const first = await begin(ask());
    const other = createRig({ store: medium.open(), tokenSecret: 'other' });
    expect(await refused(other.driver.tokens.succeed({ taskToken: first.tokens[0] ?? '', output: '{}' }))).toMatch(
      /^InvalidToken/,
    );
  });

  it('says of an execution that is not there any more that there is no such task', async () => {
    const { tokens } = await begin(ask());
    const empty = createRig({ store: createMemoryStore() });
    expect(await refused(empty.driver.tokens.succeed({ taskToken: tokens[0] ?? '', output: '{}' }))).toMatch(
      /^TaskDoesNotExist/,
    );
  });

  it('gives its token to the result too, in JSONata', async () => {
    const state = {
      Type: 'Task',
      QueryLanguage: 'JSONata',
      Resource: 'arn:aws:states:::lambda:invoke.waitForTaskToken',
      Arguments: { FunctionName: 'ask', Payload: { token: '{% $states.context.Task.Token %}' } },
      Output: '{% $states.context.Task.Token = $states.result %}',
      End: true,
    };
    const { arn, tokens } = await begin(state);
    await rig.driver.tokens.succeed({ taskToken: tokens[0] ?? '', output: JSON.stringify(tokens[0]) });
    expect((await rig.driver.executions.describe(arn)).output?.text).toBe('true');
  });
});

describe('heartbeats', () => {
  it('keep a task alive, and a missing one ends it as a timeout', async () => {
    const { arn, tokens } = await begin(ask({ HeartbeatSeconds: 10, TimeoutSeconds: 1000 }));
    for (let beats = 0; beats < 5; beats++) {
      rig.clock.advance(9_000);
      await rig.driver.tokens.heartbeat({ taskToken: tokens[0] ?? '' });
    }
    expect(await rig.driver.executions.describe(arn)).toMatchObject({ status: 'RUNNING' });
    rig.clock.advance(10_000);
    await rig.quiet();
    expect(await rig.driver.executions.describe(arn)).toMatchObject({
      status: 'FAILED',
      error: 'States.Timeout',
      cause: null,
    });
    expect((await history(arn)).slice(-2)).toEqual(['TaskTimedOut', 'ExecutionFailed']);
    expect(await refused(rig.driver.tokens.heartbeat({ taskToken: tokens[0] ?? '' }))).toBe(GONE);
    expect(rig.clock.due()).toEqual([]);
  });

  it.each(['States.HeartbeatTimeout', 'States.Timeout'])('that are missing are caught as %s', async (name) => {
    const { arn } = await begin(caughtAs(name, { HeartbeatSeconds: 10 }));
    rig.clock.advance(10_000);
    await rig.quiet();
    expect((await rig.driver.executions.describe(arn)).output?.json).toEqual([{ Error: 'States.Timeout' }]);
  });

  it('are not awaited from a task that nobody answers', async () => {
    const { arn } = await begin(
      {
        Type: 'Task',
        Resource: 'arn:aws:states:::lambda:invoke',
        Parameters: { FunctionName: 'ask', Payload: { token: 'none' } },
        HeartbeatSeconds: 1,
      },
      () => new Promise(() => {}),
    );
    expect(rig.clock.due()).toEqual([]);
    expect(await rig.driver.executions.describe(arn)).toMatchObject({ status: 'RUNNING' });
  });
});

describe.each(Object.entries(MEDIA))('after a restart, with the %s store', (_, makeMedium) => {
  beforeEach(() => {
    medium = makeMedium();
  });

  it('a task that was asked for is not called again, takes its old token, and has a full interval for its heartbeat', async () => {
    const tokens: string[] = [];
    const functions = { ask: (event: Json): Json => (tokens.push(tokenOf(event)), 'asked') };
    const first = createRig({ store: medium.open(), functions });
    await first.put('m', sequence({ A: ask({ HeartbeatSeconds: 10 }) }));
    const arn = await first.start('m', 'run');
    await first.quiet();
    await first.driver.close();
    rig = createRig({ store: medium.open(), functions, clock: testClock(first.clock.now() + 60_000) });
    await rig.driver.recover();
    await rig.quiet();
    expect(rig.calls).toEqual([]);
    rig.clock.advance(9_000);
    await rig.driver.tokens.heartbeat({ taskToken: tokens[0] ?? '' });
    rig.clock.advance(9_000);
    await rig.driver.tokens.succeed({ taskToken: tokens[0] ?? '', output: '"done"' });
    expect(await rig.driver.executions.describe(arn)).toMatchObject({ status: 'SUCCEEDED' });
  });

  it('a task whose call had not returned is called again with the same token', async () => {
    const tokens: string[] = [];
    const functions = { ask: (event: Json): Promise<Json> => (tokens.push(tokenOf(event)), new Promise(() => {})) };
    const first = createRig({ store: medium.open(), functions });
    await first.put('m', sequence({ A: ask() }));
    await first.start('m', 'run');
    await first.quiet();
    await first.driver.close();
    rig = createRig({ store: medium.open(), functions });
    await rig.driver.recover();
    await rig.quiet();
    expect(tokens).toHaveLength(2);
    expect(tokens[0]).toBe(tokens[1]);
    await rig.driver.tokens.succeed({ taskToken: tokens[0] ?? '', output: '1' });
    expect(await rig.driver.executions.describe(runArn('m', 'run'))).toMatchObject({ status: 'SUCCEEDED' });
  });
});

describe('what is told', () => {
  it('is told when it is durable, also to who comes second (I2)', async () => {
    const held: (() => void)[] = [];
    let hold = false;
    const between = (store: Store): Store =>
      around(store, async (event, go) => {
        if (hold && event.kind === 'commit') await new Promise<void>((release) => held.push(release));
        return go();
      });
    const tokens: string[] = [];
    medium = STORES['memory']?.() as Medium;
    rig = createRig({
      store: medium.open(),
      between,
      functions: { ask: (event) => (tokens.push(tokenOf(event)), 'asked') },
    });
    await rig.put('m', sequence({ A: ask() }));
    await rig.start('m', 'run');
    await rig.quiet();
    hold = true;
    const heard: string[] = [];
    const [taskToken = ''] = tokens;
    void refused(rig.driver.tokens.succeed({ taskToken, output: '1' })).then((said) => heard.push(said));
    void refused(rig.driver.tokens.succeed({ taskToken, output: '2' })).then((said) => heard.push(said));
    await rig.quiet();
    expect(heard).toEqual([]);
    for (const release of held.splice(0)) release();
    await rig.quiet();
    expect(heard).toEqual(['taken', GONE]);
  });
});

describe('an outcome', () => {
  it('is applied once at most, whoever answers with whatever token and whenever the engine dies (I3)', async () => {
    const happenings = fc.oneof(
      fc.record({ kind: fc.constantFrom('succeed', 'fail', 'heartbeat'), token: fc.nat(5) }),
      fc.record({ kind: fc.constantFrom('time', 'restart'), token: fc.constant(0) }),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(happenings, { maxLength: 25 }), async (all) => {
        medium = MEDIA['single keys']();
        const tokens: string[] = [];
        const functions = { ask: (event: Json): Json => (tokens.push(tokenOf(event)), 'asked') };
        rig = createRig({ store: medium.open(), functions });
        const Retry = [{ ErrorEquals: ['States.ALL'], IntervalSeconds: 1, MaxAttempts: 4 }];
        await rig.put('m', sequence({ A: ask({ HeartbeatSeconds: 5, Retry }), B: ask() }));
        const arn = await rig.start('m', 'run');
        await rig.quiet();
        let taken = 0;
        for (const { kind, token } of all) {
          const taskToken = tokens[token] ?? 'none';
          if (kind === 'restart') {
            await rig.driver.close();
            rig = createRig({ store: medium.open(), functions, clock: testClock(rig.clock.now()) });
            await rig.driver.recover();
          } else if (kind === 'time') rig.clock.advance(1_000);
          else if (kind === 'heartbeat') await refused(rig.driver.tokens.heartbeat({ taskToken }));
          else {
            const answer =
              kind === 'succeed'
                ? rig.driver.tokens.succeed({ taskToken, output: '{}' })
                : rig.driver.tokens.fail({ taskToken, error: 'Bad' });
            if ((await refused(answer)) === 'taken') taken += 1;
          }
          await rig.quiet();
        }
        const types = await history(arn);
        const count = (...wanted: string[]): number => types.filter((type) => wanted.includes(type)).length;
        expect(count('TaskSucceeded', 'TaskFailed')).toBe(taken);
        expect(count('TaskSucceeded', 'TaskFailed', 'TaskTimedOut')).toBeLessThanOrEqual(count('TaskScheduled'));
        expect(new Set(tokens).size).toBe(count('TaskScheduled'));
        await rig.driver.close();
      }),
      { numRuns: 60 },
    );
  });
});

/** Somebody who answers each token, for as long as nobody says that it is answered. */
function answering(answer: (rig: Rig, taskToken: string) => Promise<void>): World {
  const letters: string[] = [];
  return {
    functions: { ask: (event) => (letters.push(tokenOf(event)), 'asked') },
    act: async (rig) => {
      const [taskToken] = letters;
      if (taskToken === undefined) return false;
      const said = await refused(answer(rig, taskToken));
      expect([GONE, 'taken']).toContain(said);
      letters.splice(letters.indexOf(taskToken), 1);
      return true;
    },
  };
}

const SCENARIOS: Readonly<Record<string, Scenario>> = {
  'tokens one after the other, and several at once': {
    machines: {
      m: sequence({
        A: ask(),
        Each: {
          Type: 'Map',
          ItemsPath: '$.items',
          ItemProcessor: { ProcessorConfig: { Mode: 'INLINE' }, ...(sequence({ B: ask() }) as object) },
        },
        C: ask({ HeartbeatSeconds: 5, Retry: [{ ErrorEquals: ['States.Timeout'], IntervalSeconds: 1 }] }),
      }),
    },
    world: () => answering((rig, taskToken) => rig.driver.tokens.succeed({ taskToken, output: '{"items":[1,2,3]}' })),
  },
  'a token that is answered with a failure, and tried again': {
    machines: { m: sequence({ A: ask({ Retry: [{ ErrorEquals: ['Again'], IntervalSeconds: 1, MaxAttempts: 2 }] }) }) },
    world: () => answering((rig, taskToken) => rig.driver.tokens.fail({ taskToken, error: 'Again', cause: 'not yet' })),
  },
  'a child with a name of its own, that is not waited for': {
    machines: {
      m: sequence({
        A: startOf('child', '', { Parameters: { Name: 'fixed' } }),
        B: ask(),
      }),
      child: sequence({ X: { Type: 'Pass' } }),
    },
    world: () => answering((rig, taskToken) => rig.driver.tokens.succeed({ taskToken, output: '{}' })),
  },
};

describe.each(Object.entries(SCENARIOS))('%s', (_, scenario) => {
  it.each(Object.entries(MEDIA))(
    'comes to the same end wherever it is cut off, with the %s store',
    async (__, make) => {
      medium = make();
      const { problems, wanted } = await sweep({ scenario, medium: make });
      expect(problems).toEqual([]);
      expect(wanted.writes).toBeGreaterThan(4);
      expect(Object.keys(wanted.executions)).toContain(runArn('m', 'run'));
    },
  );
});
