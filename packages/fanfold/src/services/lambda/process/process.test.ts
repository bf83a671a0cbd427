import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import type { WorkerKeys } from '../../../access/sessions.ts';
import type { InvokeParams, InvokeResult } from '../../../ports/functions.ts';
import {
  createFunctions,
  type FunctionHost,
  type FunctionParams,
  type LogLine,
  type ReloadableFunctions,
} from '../pool.ts';
import { PYTHON_BOOTSTRAP } from './python.ts';

const TESTING = fileURLToPath(new URL('../../../testing/', import.meta.url));
const NODE_CLIENT = join(TESTING, 'runtime-client.fixture.ts');
const OBJECTS = new URL('../../s3/objects.ts', import.meta.url);
const folder = mkdtempSync(join(tmpdir(), 'fanfold-programs-'));
copyFileSync(join(TESTING, 'functions.fixture.py'), join(folder, 'app.py'));
afterAll(() => rmSync(folder, { recursive: true }));

const hasPython = isThere('python3');
if (!hasPython) console.log('Functions in Python are left out: there is no python3.');

function isThere(program: string): boolean {
  try {
    execFileSync(program, ['--version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

let functions: ReloadableFunctions | undefined;
let lines: LogLine[] = [];
afterEach(async () => {
  await functions?.close();
  functions = undefined;
  lines = [];
});

const KEYS: WorkerKeys = {
  secrets: () => [],
  open: (role) => ({
    token: `token of ${role}`,
    variables: { AWS_SESSION_TOKEN: `token of ${role}` },
    endpoint: 'http://127.0.0.1:1',
    secrets: [],
    end: () => {},
  }),
};

type Settings = Partial<Omit<FunctionParams, 'module' | 'command'>>;

function python(handler: string, settings: Settings = {}): FunctionParams {
  const command = ['python3', fileURLToPath(PYTHON_BOOTSTRAP)];
  return { command, folder, handler, tether: true, timeoutSeconds: 20, ...settings };
}

function program(command: readonly string[], settings: Settings = {}): FunctionParams {
  return { command, folder, handler: '', timeoutSeconds: 20, ...settings };
}

function open(given: Readonly<Record<string, FunctionParams>>): void {
  functions = createFunctions({
    functions: given,
    host: { log: (line) => lines.push(line) } as Partial<FunctionHost> as FunctionHost,
    objectsModule: OBJECTS,
    region: 'eu-west-1',
    account: '123456789012',
    processes: 3,
    added: () => ({ ADDED: 'x' }),
    keys: KEYS,
  });
}

async function invoke(
  functionName: string,
  event: unknown = {},
  more: Partial<InvokeParams> = {},
): Promise<InvokeResult> {
  if (!functions) throw new Error('Nothing is open.');
  return functions.invoke({ functionName, payload: JSON.stringify(event), idempotencyKey: 'käy', ...more });
}

async function value(functionName: string, event: unknown = {}): Promise<unknown> {
  const result = await invoke(functionName, event);
  if (result.kind !== 'returned') throw new Error(JSON.stringify(result));
  return JSON.parse(result.payload);
}

/** `exited`, as the causes of tasks show it. */
function exited(message: string, errorType?: string): InvokeResult {
  return { kind: 'exited', message: `Runtime exited with error: ${message}`, ...(errorType && { errorType }) };
}

describe.skipIf(!hasPython)('a handler in Python', () => {
  it('gets the event and the context, and gives its result', async () => {
    open({ echo: python('app.echo'), about: python('app.describe_context', { memoryMb: 300 }) });
    expect(await value('echo', { a: ['ä', null, 1.5] })).toEqual({ a: ['ä', null, 1.5] });
    expect(await value('about')).toEqual({
      name: 'about',
      arn: 'arn:aws:lambda:eu-west-1:123456789012:function:about',
      id: expect.stringMatching(/^[0-9a-f-]{36}$/),
      key: 'käy',
      memory: '300',
      remaining: expect.any(Number),
    });
  });

  it('has its own environment and nothing of the engine', async () => {
    process.env['SECRET_OF_THE_ENGINE'] = 'x';
    open({ environment: python('app.environment', { environment: { COLOR: 'red' } }) });
    const environment = await value('environment');
    delete process.env['SECRET_OF_THE_ENGINE'];
    expect(environment).toMatchObject({
      COLOR: 'red',
      ADDED: 'x',
      AWS_SESSION_TOKEN: 'token of functions',
      AWS_REGION: 'eu-west-1',
      AWS_LAMBDA_FUNCTION_NAME: 'environment',
      _HANDLER: 'app.environment',
    });
    expect(environment).not.toHaveProperty('SECRET_OF_THE_ENGINE');
  });

  it('tells of its errors as AWS does, and goes on', async () => {
    open({ throws: python('app.throws'), noJson: python('app.no_json') });
    const thrown = await invoke('throws');
    expect(thrown).toMatchObject({ kind: 'threw', errorType: 'BadRow', errorMessage: 'row 3' });
    expect(JSON.parse((thrown as { payload: string }).payload)).toEqual({
      errorType: 'BadRow',
      errorMessage: 'row 3',
      requestId: expect.any(String),
      stackTrace: [expect.stringContaining('in throws\n    raise BadRow')],
    });
    expect(await invoke('noJson')).toMatchObject({
      errorType: 'Runtime.MarshalError',
      errorMessage: 'Unable to marshal response: Object of type set is not JSON serializable',
    });
    expect(await invoke('noJson')).toMatchObject({ errorType: 'Runtime.MarshalError' });
  });

  it('takes bytes as JSON that is written already, and decimals as numbers', async () => {
    open({ bytes: python('app.in_bytes'), decimals: python('app.decimals') });
    expect(await invoke('bytes')).toMatchObject({ kind: 'returned', payload: '{"text": "as it is"}' });
    expect(await invoke('decimals')).toMatchObject({ kind: 'returned', payload: '{"price": 1.5, "count": 3}' });
  });

  it('that cannot be loaded says why', async () => {
    writeFileSync(join(folder, 'broken.py'), 'def handler(:\n');
    writeFileSync(join(folder, 'lacks.py'), 'import no_such_module\n');
    open({
      nowhere: python('nowhere.handler'),
      lacks: python('lacks.handler'),
      broken: python('broken.handler'),
      nameless: python('app.nameless'),
    });
    expect(await invoke('nowhere')).toMatchObject({
      kind: 'threw',
      errorType: 'Runtime.ImportModuleError',
      errorMessage: "Unable to import module 'nowhere': No module named 'nowhere'",
    });
    expect(await invoke('lacks')).toMatchObject({
      errorType: 'Runtime.ImportModuleError',
      errorMessage: "Unable to import module 'lacks': No module named 'no_such_module'",
    });
    expect(await invoke('broken')).toMatchObject({ errorType: 'Runtime.UserCodeSyntaxError' });
    expect(await invoke('nameless')).toMatchObject({
      errorType: 'Runtime.HandlerNotFound',
      errorMessage: "Handler 'nameless' missing on module 'app'",
    });
  });

  it('is heard line by line, between START and REPORT, and no secret with it', async () => {
    open({ writes: python('app.writes', { secrets: { PASSWORD: 'hunter22' }, memoryMb: 256 }) });
    const heard: string[] = [];
    await invoke('writes', {}, { requestId: 'r-1', execution: 'arn:e', onLog: (line) => heard.push(line) });
    const shown = heard.map((line) => line.replace(/[\d.]+ ms/g, '# ms').replace(/Used: \d+/, 'Used: #'));
    expect(shown[0]).toBe('START RequestId: r-1 Version: $LATEST');
    // Of two streams nobody knows which line was first.
    expect(shown.slice(1, -2).toSorted()).toEqual([
      expect.stringMatching(/^\[WARNING\]\t.*Z\tr-1\tcareful$/),
      'no line end',
      'one',
      'secret ***',
      'wrong',
    ]);
    expect(shown.slice(-2)).toEqual([
      'END RequestId: r-1',
      'REPORT RequestId: r-1\tDuration: # ms\tBilled Duration: # ms\tMemory Size: 256 MB\tMax Memory Used: # MB\tInit Duration: # ms\t',
    ]);
    expect(lines.every(({ execution }) => execution === 'arn:e')).toBe(true);
  });

  it('that takes too long is killed, with a new process for the next', async () => {
    open({ sleeps: python('app.sleeps', { timeoutSeconds: 1 }) });
    expect(await invoke('sleeps', { seconds: 60 })).toEqual({ kind: 'timedOut', seconds: 1 });
    expect(await value('sleeps', { seconds: 0 })).toBeNull();
    expect(lines.map(({ line }) => line)).toContainEqual(expect.stringMatching(/ Task timed out after 1\.00 seconds$/));
  });

  it('that ends its process fails with the exit code', async () => {
    open({ exits: python('app.exits') });
    expect(await invoke('exits', { code: 3 })).toEqual(exited('exit status 3'));
    expect(await invoke('exits', { code: 0 })).toMatchObject({ message: 'Runtime exited without providing a reason' });
  });

  it.skipIf(process.platform !== 'linux')('that takes too much memory is killed', async () => {
    open({ grows: python('app.grows', { memoryMb: 100 }) });
    expect(await invoke('grows')).toEqual(exited('signal: killed'));
  });

  it('runs in one process after the other where its concurrency is 1, and in several otherwise', async () => {
    open({ one: python('app.who_am_i', { concurrency: 1 }), many: python('app.who_am_i') });
    const run = (name: string) => Promise.all([1, 2, 3].map(() => value(name, { seconds: 0.3 })));
    expect(new Set(await run('one')).size).toBe(1);
    expect(new Set(await run('many')).size).toBe(3);
  });

  it('that is loaded anew runs in a new process', async () => {
    open({ who: python('app.who_am_i') });
    const first = await value('who');
    expect(await value('who')).toBe(first);
    await functions?.reload();
    expect(await value('who')).not.toBe(first);
  });

  it('that nobody waits for any more is killed', async () => {
    open({ sleeps: python('app.sleeps', { concurrency: 1 }) });
    const stop = new AbortController();
    const stopped = invoke('sleeps', { seconds: 60 }, { signal: stop.signal });
    setTimeout(() => stop.abort(), 300);
    expect(await stopped).toMatchObject({ kind: 'exited', message: expect.stringContaining('stopped') });
    expect(await value('sleeps', { seconds: 0 })).toBeNull();
  });
});

describe('a program that speaks the runtime API', () => {
  const client = (mode: string): FunctionParams => program([process.execPath, NODE_CLIENT, mode]);

  it('is given invocations and answers them', async () => {
    open({ echo: client('echo') });
    expect(await value('echo', { n: 1 })).toEqual({ n: 1 });
    expect(await value('echo', { n: 2 })).toEqual({ n: 2 });
  });

  it('tells of failures, of each and of its start', async () => {
    open({ fails: client('fails'), initFails: client('init-fails') });
    expect(await invoke('fails')).toEqual({
      kind: 'threw',
      errorType: 'Custom.Error',
      errorMessage: 'told',
      stackTrace: ['a'],
      payload: '{"errorMessage":"told","stackTrace":["a"]}',
    });
    expect(await invoke('initFails')).toMatchObject({
      kind: 'threw',
      errorType: 'Init.Error',
      errorMessage: 'no luck',
    });
  });

  it('is refused what is not its own', async () => {
    open({ foreign: client('foreign') });
    expect(await value('foreign')).toEqual({ wrongId: 400, otherHost: 403, nowhere: 404 });
  });

  it('whose answer is no JSON has failed', async () => {
    open({ text: client('text') });
    expect(await invoke('text')).toMatchObject({ kind: 'threw', errorType: 'Runtime.MarshalError' });
  });

  it('that cannot be started says so', async () => {
    open({ missing: program(['./no-such-program']), ends: program([process.execPath, '-e', 'process.exit(4)']) });
    expect(await invoke('missing')).toEqual({
      kind: 'exited',
      errorType: 'Runtime.InvalidEntrypoint',
      message: 'fork/exec ./no-such-program: no such file or directory',
    });
    expect(await invoke('ends')).toEqual(exited('exit status 4'));
  });

  it.skipIf(process.platform === 'win32')('is not read by a shell', async () => {
    open({ args: program([process.execPath, NODE_CLIENT, 'args', '$(id)', '; ls', "'"]) });
    expect(await value('args')).toEqual(['$(id)', '; ls', "'"]);
  });
});
