import { EventEmitter, once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { DiskError } from '../../database/disk-error.ts';
import type { InvokeResult } from '../../ports/functions.ts';
import { ServiceError } from '../../ports/service-error.ts';
import type { TextTables } from '../text-tables.ts';
import { type LocalObjects, openLocalObjects } from '../s3/local.ts';
import { type CreateFunctionsParams, createFunctions, type LogLine, type ReloadableFunctions } from './pool.ts';

const FIXTURE = fileURLToPath(new URL('../../testing/functions.fixture.ts', import.meta.url));
const COMMON_JS = fileURLToPath(new URL('../../testing/functions.fixture.cjs', import.meta.url));
/** Milliseconds; of what ends by an event that this process cannot see. */
const A_LONG_WAIT = 30_000;
const OBJECTS = new URL('../s3/objects.ts', import.meta.url);

let directory: string;
let local: LocalObjects | undefined;
let functions: ReloadableFunctions | undefined;
let lines: LogLine[];
/** Emits `line` when there is one more. */
const log = new EventEmitter();
const sent: string[] = [];

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'fanfold-functions-'));
  lines = [];
  sent.length = 0;
});
afterEach(async () => {
  await functions?.close();
  await local?.close();
  functions = local = undefined;
  rmSync(directory, { recursive: true });
});

const tables = {
  put: async () => {},
  get: async ({ key }) => JSON.stringify(key),
  count: async (table) => {
    throw new ServiceError('ResourceNotFoundException', `No table ${table}`, 404);
  },
} as Partial<TextTables> as TextTables;

/** Every export of the fixture is a function of its name. */
function open(
  names: readonly string[],
  overrides: Partial<CreateFunctionsParams> & { seconds?: number; memoryMb?: number; served?: TextTables } = {},
) {
  local = openLocalObjects({ directory, buckets: ['alpha-bucket'] });
  const { seconds = 20, served = tables, memoryMb, ...rest } = overrides;
  const memory = memoryMb === undefined ? {} : { memoryMb };
  const opened = createFunctions({
    functions: Object.fromEntries(
      names.map((exportName) => [exportName, { module: FIXTURE, exportName, timeoutSeconds: seconds, ...memory }]),
    ),
    host: {
      objectIndex: local.index,
      tables: served,
      links: { sign: async ({ bucket, key }, seconds) => `http://local/${bucket}/${key}?${seconds}` },
      mail: {
        send: async (_message, key) => {
          sent.push(key);
          return { messageId: `<${key}>` };
        },
      },
      log: (line) => {
        lines.push(line);
        log.emit('line');
      },
    },
    objectsModule: OBJECTS,
    region: 'eu-west-1',
    account: '123456789012',
    workers: 1,
    ...rest,
  });
  functions = opened;
  return opened;
}

function invoke(functionName: string, event: unknown = {}, signal?: AbortSignal): Promise<InvokeResult> {
  if (!functions) throw new Error('Nothing is open.');
  const params = { functionName, payload: JSON.stringify(event), idempotencyKey: 'key' };
  return functions.invoke(signal ? { ...params, signal } : params);
}

async function value(functionName: string, event: unknown = {}): Promise<unknown> {
  const result = await invoke(functionName, event);
  if (result.kind !== 'returned') throw new Error(JSON.stringify(result));
  return JSON.parse(result.payload);
}

/** Resolves once a function has written so many lines of this text. */
async function written(text: string, count = 1): Promise<void> {
  while (lines.filter(({ line }) => line === text).length < count) await once(log, 'line');
}

describe('a function', () => {
  it('is TypeScript, ESM or CommonJS, with or without an export name', async () => {
    open([], {
      functions: {
        typed: { module: FIXTURE, timeoutSeconds: 20 },
        common: { module: COMMON_JS, timeoutSeconds: 20 },
        direct: { module: COMMON_JS, exportName: 'direct', timeoutSeconds: 20 },
      },
    });
    expect(await value('typed', { n: 1 })).toEqual({ n: 2 });
    expect(await value('common', [1])).toEqual({ commonJs: true, event: [1] });
    expect(await value('direct')).toBe('direct');
  });

  it('sees a context like that of AWS Lambda', async () => {
    open(['describeContext'], { seconds: 700 });
    const context = (await value('describeContext')) as Record<string, unknown>;
    expect(context).toMatchObject({
      functionName: 'describeContext',
      invokedFunctionArn: 'arn:aws:lambda:eu-west-1:123456789012:function:describeContext',
      awsRequestId: expect.stringMatching(/^[0-9a-f-]{36}$/),
      idempotencyKey: 'key',
      aborted: false,
    });
    expect(context.remaining).toBeGreaterThan(600_000);
    expect(context.remaining).toBeLessThanOrEqual(700_000);
  });

  it('is found by name, ARN and partial ARN, with any alias, region and account', async () => {
    const opened = open(['echo']);
    const names = [
      'echo',
      'echo:live',
      'function:echo',
      '123456789012:function:echo:3',
      'arn:aws-cn:lambda:cn-north-1:000000000000:function:echo',
      'arn:aws:lambda:us-east-1:1:function:echo:$LATEST',
    ];
    for (const name of names) {
      expect(opened.has(name)).toBe(true);
      expect(await value(name, name)).toBe(name);
    }
  });

  it('is not blamed for the disk: it may catch what it likes, and who called is told of the disk', async () => {
    const refuses = new DiskError('tables.db', new Error('database or disk is full'));
    const refusing = { ...tables, count: () => Promise.reject(refuses) };
    open(['meetsRefusal', 'waits'], { served: refusing });
    const beside = invoke('waits', { ms: 60_000 });
    await expect(Promise.all([invoke('meetsRefusal'), beside])).rejects.toBe(refuses);
    await expect(beside).rejects.toBe(refuses);
  });

  it('that is not there is refused', async () => {
    const opened = open(['echo']);
    for (const name of ['nobody', 'toString', 'constructor', '__proto__', '', 'a:b:c:d:e:f:g:h']) {
      expect(opened.has(name)).toBe(false);
      await expect(invoke(name)).rejects.toMatchObject({ code: 'ResourceNotFoundException', status: 404 });
    }
    await expect(invoke('nobody')).rejects.toThrow(
      'Function not found: arn:aws:lambda:eu-west-1:123456789012:function:nobody:$LATEST',
    );
  });

  it('reports what it threw as AWS does', async () => {
    open(['throws']);
    const thrown = async (what: string) => await invoke('throws', { what });
    const error = await thrown('error');
    expect(error).toMatchObject({ kind: 'threw', errorType: 'Error', errorMessage: 'plain' });
    expect(error.kind === 'threw' && error.stackTrace[0]).toBe('Error: plain');
    expect(error.kind === 'threw' && error.stackTrace[1]).toMatch(/^ {4}at .*functions\.fixture\.ts:\d+/);
    expect(await thrown('custom')).toMatchObject({ errorType: 'CustomError', errorMessage: 'of a class' });
    expect(await thrown('nameless')).toMatchObject({ errorType: 'CustomError', errorMessage: 'nameless' });
    expect(await thrown('text')).toMatchObject({ errorType: 'string', errorMessage: 'just text', stackTrace: [] });
    expect(await thrown('number')).toMatchObject({ errorType: 'number', errorMessage: '42' });
    expect(await thrown('undefined')).toMatchObject({ errorType: 'undefined', errorMessage: 'undefined' });
    expect(await thrown('hostile')).toMatchObject({ kind: 'threw', errorType: 'handled' });
  });

  it('gives a result that is JSON, or a clear failure', async () => {
    open(['returnsOdd']);
    const odd = async (what: string) => await invoke('returnsOdd', { what });
    expect(await odd('undefined')).toEqual({ kind: 'returned', payload: 'null' });
    expect(await odd('date')).toEqual({ kind: 'returned', payload: '"1970-01-01T00:00:00.000Z"' });
    for (const what of ['bigint', 'circular']) {
      expect(await odd(what)).toMatchObject({
        kind: 'threw',
        errorType: 'Runtime.MarshalError',
        errorMessage: expect.stringContaining('The result of returnsOdd cannot be written as JSON'),
      });
    }
  });

  it('that cannot be loaded says why, each time', async () => {
    const broken = join(directory, 'broken.mjs');
    const throwing = join(directory, 'throwing.mjs');
    writeFileSync(broken, 'export const handler = (;');
    writeFileSync(throwing, "console.log('loading'); throw new TypeError('at the top');");
    const fn = (module: string, exportName = 'handler') => ({ module, exportName, timeoutSeconds: 20 });
    open([], {
      functions: {
        missing: fn(join(directory, 'missing.mjs')),
        broken: fn(broken),
        throwing: fn(throwing),
        nameless: fn(FIXTURE, 'nobody'),
      },
    });
    const types: Record<string, string> = {
      missing: 'Runtime.ImportModuleError',
      broken: 'Runtime.UserCodeSyntaxError',
      throwing: 'TypeError',
      nameless: 'Runtime.HandlerNotFound',
    };
    for (const [name, errorType] of [...Object.entries(types), ...Object.entries(types)]) {
      expect(await invoke(name)).toMatchObject({ kind: 'threw', errorType });
    }
    expect(lines).toContainEqual({ functionName: 'throwing', stream: 'stdout', line: 'loading' });
  });

  it('has its own environment and nothing of the engine', async () => {
    vi.stubEnv('SECRET_OF_THE_ENGINE', 'x');
    const fn = (environment?: Record<string, string>) => ({
      module: FIXTURE,
      exportName: 'environment',
      timeoutSeconds: 20,
      ...(environment && { environment }),
    });
    open([], { functions: { a: fn({ COLOR: 'red' }), b: fn({ COLOR: 'blue' }), c: fn() } });
    const [a, b, c] = (await Promise.all(['a', 'b', 'c'].map((name) => value(name)))) as Record<string, string>[];
    expect([a?.COLOR, b?.COLOR, c?.COLOR]).toEqual(['red', 'blue', undefined]);
    expect(c).toMatchObject({ AWS_REGION: 'eu-west-1', AWS_DEFAULT_REGION: 'eu-west-1' });
    expect(c).not.toHaveProperty('SECRET_OF_THE_ENGINE');
    vi.unstubAllEnvs();
  });

  it('is heard line by line, also by the caller', async () => {
    open([], {
      functions: {
        writes: { module: FIXTURE, exportName: 'writes', timeoutSeconds: 20 },
        writesAndHogs: { module: FIXTURE, exportName: 'writesAndHogs', timeoutSeconds: 0.2 },
      },
    });
    const heard: string[] = [];
    const invocation = { functionName: 'writes', payload: '{"tag":"x"}', idempotencyKey: 'k', requestId: 'r-1' };
    await Promise.all([
      functions?.invoke({ ...invocation, onLog: (line) => heard.push(line) }),
      invoke('writes', { tag: 'y' }),
    ]);
    expect(heard).toEqual([
      'START RequestId: r-1 Version: $LATEST',
      'x one',
      'x two',
      'x wrong',
      'x no line end',
      'END RequestId: r-1',
      expect.stringMatching(/^REPORT RequestId: r-1\tDuration: [\d.]+ ms\tBilled Duration: \d+ ms\t$/),
    ]);
    const of = { functionName: 'writes', requestId: 'r-1' };
    expect(lines.filter((line) => line.requestId === 'r-1' && line.stream !== 'runtime')).toEqual([
      { ...of, stream: 'stdout', line: 'x one' },
      { ...of, stream: 'stdout', line: 'x two' },
      { ...of, stream: 'stderr', line: 'x wrong' },
      { ...of, stream: 'stdout', line: 'x no line end' },
    ]);
    await Promise.all([invoke('writesAndHogs'), written('before the loop')]);
    expect(lines.findLast(({ stream }) => stream !== 'runtime')).toMatchObject({
      functionName: 'writesAndHogs',
      line: 'before the loop',
    });
  });
});

describe('reserved concurrency', () => {
  it('of 1 runs one invocation after the other, in their order', async () => {
    open([], {
      functions: { waits: { module: FIXTURE, exportName: 'waits', timeoutSeconds: 20, concurrency: 1 } },
    });
    const ids = ['a', 'b', 'c', 'd'];
    const params = { functionName: 'waits', payload: '{"ms":20}', idempotencyKey: 'k' };
    await Promise.all(ids.map((requestId) => functions?.invoke({ ...params, requestId })));
    const told = lines.filter(({ line }) => /^(?:START|END)/.test(line)).map(({ line }) => line.slice(0, 18).trim());
    expect(told).toEqual(ids.flatMap((id) => [`START RequestId: ${id}`, `END RequestId: ${id}`]));
  });

  it('gives the place of one that is stopped to the next', async () => {
    open([], {
      functions: { never: { module: FIXTURE, exportName: 'never', timeoutSeconds: 1, concurrency: 1 } },
    });
    const stop = new AbortController();
    const [first, waiting, last] = [
      invoke('never', {}, stop.signal),
      invoke('never', {}, stop.signal),
      invoke('never'),
    ];
    stop.abort();
    expect([(await first).kind, (await waiting).kind, (await last).kind]).toEqual(['exited', 'exited', 'timedOut']);
  });
});

describe('services in the context', () => {
  it('are those of the host', async () => {
    open(['usesServices']);
    expect(await value('usesServices')).toEqual({
      item: { id: { S: '1' } },
      link: 'http://local/b/k?60',
      mails: ['<key/mail/0>', '<key/mail/1>'],
    });
  });

  it('refuse with the code and the status of the host', async () => {
    open(['meetsRefusal']);
    expect(await value('meetsRefusal')).toEqual({
      name: 'ServiceError',
      code: 'ResourceNotFoundException',
      status: 404,
      message: 'No table missing',
    });
    expect(await invoke('meetsRefusal', 'thrown on')).toMatchObject({
      kind: 'threw',
      errorType: 'ResourceNotFoundException',
      errorMessage: 'No table missing',
    });
  });

  it('refuse what cannot cross between threads, and that alone', async () => {
    open(['sendsWhatCannotCross']);
    expect(await value('sendsWhatCannotCross')).toEqual(['rejected', 'fulfilled']);
  });

  it('read and write objects in the worker', async () => {
    open(['usesObjects']);
    const keys = ['a', '../b', 'c'];
    const results = await Promise.all(keys.map((key) => value('usesObjects', { key })));
    for (const result of results) {
      expect(result).toEqual({ size: 28, read: 'part 0;part 1;part 2;part 3;', missing: 'NoSuchKey', dated: true });
    }
    expect((await local?.index.list({ bucket: 'alpha-bucket' }))?.objects.map((object) => object.key)).toEqual(
      keys.toSorted(),
    );
  });

  it('undo the object that a worker was writing when it was ended', async () => {
    let now = 0;
    open(['hogsInThePut'], { seconds: 1, now: () => now });
    const index = local?.index;
    if (!index) throw new Error('Nothing is open.');
    const abandon = vi.spyOn(index, 'abandon');
    const hogging = invoke('hogsInThePut');
    await written('before the loop');
    now = 1000;
    expect(await hogging).toEqual({ kind: 'timedOut', seconds: 1 });
    await vi.waitFor(() => expect(abandon).toHaveBeenCalledTimes(1), A_LONG_WAIT);
    expect(await index.find({ bucket: 'alpha-bucket', key: 'half' })).toBeUndefined();
  });
});

describe('an invocation that takes too long', () => {
  it('is aborted and given up, in time, and its worker lives on', async () => {
    let now = 0;
    const heeds = (timeoutSeconds: number) => ({ module: FIXTURE, exportName: 'heedsSignal', timeoutSeconds });
    const whoAmI = { module: FIXTURE, exportName: 'whoAmI', timeoutSeconds: 20 };
    open([], { now: () => now, functions: { first: heeds(1), second: heeds(1.001), whoAmI } });
    const before = await value('whoAmI');
    const file = (name: string): string => join(directory, name);
    let isOver = false;
    const [first, second] = ['first', 'second'].map((name) => invoke(name, { file: file(name) }));
    void second?.finally(() => (isOver = true));
    await written('begun', 2);
    now = 1000;
    expect(await first).toEqual({ kind: 'timedOut', seconds: 1 });
    expect(isOver).toBe(false);
    now = 1001;
    expect(await second).toEqual({ kind: 'timedOut', seconds: 1.001 });
    for (const name of ['first', 'second'])
      await vi.waitFor(
        () => expect(readFileSync(file(name), 'utf8')).toBe('TimeoutError: Task timed out after 1.00 seconds'),
        A_LONG_WAIT,
      );
    expect(await value('whoAmI')).toBe(before);
  });

  it('takes its blocked worker with it, and nobody else notices (I3)', async () => {
    open([], {
      functions: {
        hogs: { module: FIXTURE, exportName: 'hogs', timeoutSeconds: 0.2 },
        waits: { module: FIXTURE, exportName: 'waits', timeoutSeconds: 20 },
      },
    });
    const others = Array.from({ length: 20 }, () => value('waits', { ms: 100 }));
    expect(await invoke('hogs')).toEqual({ kind: 'timedOut', seconds: 0.2 });
    expect(new Set(await Promise.all(others))).toEqual(new Set(['waited']));
  });

  it('is not one that only waits for a blocked worker', async () => {
    open([], {
      functions: {
        hogs: { module: FIXTURE, exportName: 'writesAndHogs', timeoutSeconds: 20 },
        echo: { module: FIXTURE, exportName: 'echo', timeoutSeconds: 0.2 },
      },
    });
    await value('echo');
    const hog = value('hogs', { ms: 800 });
    await written('before the loop');
    expect(await value('echo', 1)).toBe(1);
    expect(await hog).toBe('hogged');
  });

  it('takes its worker with it also when it blocks that after it was given up', async () => {
    open(['hogsOnceGivenUp', 'echo'], { seconds: 0.2 });
    await value('echo');
    expect(await invoke('hogsOnceGivenUp')).toEqual({ kind: 'timedOut', seconds: 0.2 });
    await written('before the loop');
    expect(await value('echo', 1)).toBe(1);
  });

  it('cannot keep another from coming to its end', async () => {
    open([], {
      functions: {
        hogs: { module: FIXTURE, exportName: 'hogs', timeoutSeconds: 0.1 },
        waits: { module: FIXTURE, exportName: 'waits', timeoutSeconds: 20 },
      },
    });
    let done = false;
    const waited = value('waits', { ms: 1000 }).finally(() => {
      done = true;
    });
    while (!done) expect((await invoke('hogs')).kind).toBe('timedOut');
    expect(await waited).toBe('waited');
  });

  it('does nothing more through its context', async () => {
    open(['actsTooLate'], { seconds: 0.2 });
    const file = join(directory, 'late');
    expect(await invoke('actsTooLate', { file })).toEqual({ kind: 'timedOut', seconds: 0.2 });
    await vi.waitFor(() => expect(readFileSync(file, 'utf8')).toBe('RequestAborted'), A_LONG_WAIT);
    expect(sent).toEqual([]);
  });

  it('can be ended by its caller', async () => {
    open(['heedsSignal', 'never', 'whoAmI']);
    const before = await value('whoAmI');
    const controller = new AbortController();
    const file = join(directory, 'stopped');
    const stopped = [invoke('heedsSignal', { file }, controller.signal), invoke('never', {}, controller.signal)];
    await written('begun');
    controller.abort();
    for (const result of await Promise.all(stopped)) expect(result.kind).toBe('exited');
    await vi.waitFor(
      () => expect(readFileSync(file, 'utf8')).toBe('AbortError: The invocation was stopped.'),
      A_LONG_WAIT,
    );
    expect((await invoke('never', {}, controller.signal)).kind).toBe('exited');
    expect(await value('whoAmI')).toBe(before);
  });
});

describe('a worker that ends', () => {
  it('by process.exit fails its caller and nobody else', async () => {
    open(['exits', 'waits']);
    const others = Array.from({ length: 10 }, () => value('waits', { ms: 100 }));
    const exits = [invoke('exits', { code: 3, delay: 20 }), invoke('exits', { code: 0, delay: 150 })];
    expect(await exits[0]).toEqual({ kind: 'exited', message: 'Runtime exited with error: exit status 3' });
    expect(await exits[1]).toEqual({ kind: 'exited', message: 'Runtime exited without providing a reason' });
    expect(new Set(await Promise.all(others))).toEqual(new Set(['waited']));
  });

  it('for want of memory fails the one invocation that needs too much', async () => {
    open(['runsOutOfMemory', 'waits'], { memoryMb: 32 });
    const others = Array.from({ length: 3 }, () => value('waits', { ms: 300 }));
    expect(await invoke('runsOutOfMemory')).toMatchObject({
      kind: 'exited',
      message: 'Runtime exited with error: signal: killed',
    });
    expect(await Promise.all(others)).toEqual(['waited', 'waited', 'waited']);
  });

  it('before it can do anything says why', async () => {
    open(['echo'], { objectsModule: new URL('./missing.mjs', OBJECTS) });
    expect(await invoke('echo')).toMatchObject({ kind: 'exited', message: expect.stringContaining('missing.mjs') });
  });

  it('is none because of an exception from a timer: that fails its own invocation', async () => {
    open(['throwsFromTimer', 'waits', 'whoAmI']);
    const before = await value('whoAmI');
    const other = value('waits', { ms: 100 });
    expect(await invoke('throwsFromTimer', { settle: false })).toMatchObject({
      kind: 'threw',
      errorType: 'RangeError',
      errorMessage: 'from a timer',
    });
    expect(await other).toBe('waited');
    expect(lines).toContainEqual(
      expect.objectContaining({ functionName: 'throwsFromTimer', line: 'Uncaught: RangeError: from a timer' }),
    );
    expect(await value('whoAmI')).not.toBe(before);
  });

  it('is none because of a rejection that nobody handles', async () => {
    open(['rejectsAstray', 'waits', 'whoAmI']);
    const before = await value('whoAmI');
    const other = value('waits', { ms: 100 });
    expect(await value('rejectsAstray', { settle: true })).toBe('done');
    expect(await invoke('rejectsAstray', { settle: false })).toMatchObject({
      kind: 'threw',
      errorType: 'Runtime.UnhandledPromiseRejection',
      errorMessage: 'RangeError: astray',
    });
    expect(await other).toBe('waited');
    expect(await value('whoAmI')).toBe(before);
  });
});

describe('the pool', () => {
  it('runs very many invocations at once', async () => {
    const [all, gate] = [Promise.withResolvers<void>(), Promise.withResolvers<number>()];
    let held = 0;
    const count = (): Promise<number> => {
      if (++held === 500) all.resolve();
      return gate.promise;
    };
    open(['handler', 'counts'], { workers: 2, served: { ...tables, count } });
    const waiting = Array.from({ length: 500 }, () => value('counts'));
    await all.promise;
    const counted = await Promise.all(Array.from({ length: 2000 }, (_, n) => value('handler', { n })));
    expect(counted).toEqual(Array.from({ length: 2000 }, (_, n) => ({ n: n + 1 })));
    gate.resolve(7);
    expect(new Set(await Promise.all(waiting))).toEqual(new Set([7]));
  });

  it('spreads them over its workers', async () => {
    open(['whoAmI'], { workers: 2 });
    const instances = await Promise.all(Array.from({ length: 20 }, () => value('whoAmI', { ms: 50 })));
    expect(new Set(instances).size).toBe(2);
  });

  it('gives functions the threads that they ask for, and ends those beside the first once they have nothing to do', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    try {
      let asked = 0;
      let gate = Promise.withResolvers<number>();
      const both = (): Promise<number> => {
        if (++asked % 2 === 0) gate.resolve(asked);
        return gate.promise;
      };
      const fn = { module: FIXTURE, timeoutSeconds: 20, threads: 2 };
      open([], {
        workers: 1,
        served: { ...tables, count: both },
        functions: { counts: { ...fn, exportName: 'counts' }, whoAmI: { ...fn, exportName: 'whoAmI' } },
      });
      const pair = async (): Promise<readonly unknown[]> => {
        gate = Promise.withResolvers();
        const counted = [value('counts'), value('counts')];
        const found = await Promise.all([value('whoAmI'), value('whoAmI')]);
        await Promise.all(counted);
        return found;
      };
      const [first, second] = await pair();
      expect(second).not.toBe(first);
      expect(new Set(await pair())).toEqual(new Set([first, second]));
      vi.advanceTimersByTime(10_000);
      const [again, other] = (await pair()).toSorted((one) => (one === first || one === second ? -1 : 1));
      expect([first, second]).toContain(again);
      expect([first, second]).not.toContain(other);
    } finally {
      vi.useRealTimers();
    }
  });

  it('starts a thread ahead of the need once all that are there have worked for a while', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    try {
      const gate = Promise.withResolvers<number>();
      const asked = Promise.withResolvers<void>();
      let endpoints = 0;
      const fn = { module: FIXTURE, timeoutSeconds: 20, threads: 2 };
      open([], {
        served: { ...tables, count: () => (asked.resolve(), gate.promise) },
        functions: { counts: { ...fn, exportName: 'counts' }, echo: { ...fn, exportName: 'echo' } },
        added: () => ({ STARTED: String(++endpoints) }),
      });
      await value('echo');
      vi.advanceTimersByTime(10_000);
      expect(endpoints).toBe(1);
      const counted = value('counts');
      await asked.promise;
      vi.advanceTimersByTime(10_000);
      expect(endpoints).toBe(2);
      gate.resolve(1);
      await counted;
      vi.advanceTimersByTime(10_000);
      await value('echo');
      expect(endpoints).toBe(2);
    } finally {
      vi.useRealTimers();
    }
  });

  it('loads modules anew on request, and lets the old ones finish', async () => {
    const module = join(directory, 'changing.mjs');
    const write = (version: number) =>
      writeFileSync(
        module,
        `export const handler = async () => { await new Promise((r) => setTimeout(r, 200)); return ${version}; }`,
      );
    write(1);
    const opened = open([], { functions: { changing: { module, timeoutSeconds: 20 } } });
    expect(await value('changing')).toBe(1);
    const old = value('changing');
    write(2);
    await opened.reload();
    expect(await value('changing')).toBe(2);
    expect(await old).toBe(1);
  });

  it('never settles what it was closed upon', async () => {
    const opened = open(['never', 'echo']);
    let settled = false;
    void invoke('never').finally(() => {
      settled = true;
    });
    await value('echo');
    await opened.close();
    void invoke('echo').finally(() => {
      settled = true;
    });
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(settled).toBe(false);
  });
});
