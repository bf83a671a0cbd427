/** `fanfold executions history|wait|stop|redrive` and `fanfold replay` on a small project: real processes, real files. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Dev, type Ended, fanfold, startDev } from './fanfold.ts';

type Definition = Readonly<Record<string, unknown>>;

const directory = mkdtempSync(join(tmpdir(), 'fanfold-redrive-'));
const project = ['-C', directory];
const task = (name: string, rest: Definition = {}): Definition => ({
  Type: 'Task',
  Resource: `arn:aws:lambda:us-east-1:000000000000:function:${name}`,
  ...rest,
});
const orders = (rest: Definition = {}): Definition => ({
  StartAt: 'Each',
  States: {
    Each: {
      Type: 'Map',
      MaxConcurrency: 1,
      ItemProcessor: { StartAt: 'Book', States: { Book: task('book', { End: true, ...rest }) } },
      Next: 'Sum',
    },
    Sum: task('sum', { End: true }),
  },
});

function write(name: string, content: string | object): string {
  const file = join(directory, name);
  writeFileSync(file, typeof content === 'string' ? content : JSON.stringify(content, null, 2));
  return file;
}

beforeAll(() => {
  write('package.json', { type: 'module' });
  write('orders.asl.json', orders());
  write('wait.asl.json', { StartAt: 'W', States: { W: { Type: 'Wait', Seconds: 9999, End: true } } });
  write(
    'functions.js',
    `import { appendFileSync, existsSync } from 'node:fs';
    import { join } from 'node:path';
    const here = import.meta.dirname;
    export const book = (item) => {
      appendFileSync(join(here, 'calls.txt'), 'book ' + item + '\\n');
      if (item === 'b' && !existsSync(join(here, 'mended'))) throw new Error('The book is shut');
      return item.toUpperCase();
    };
    export const sum = (items) => items.join('');`,
  );
  write('fanfold.config.json', {
    name: 'redrive',
    port: 0,
    stateMachines: { Orders: { definition: 'orders.asl.json' }, Waits: { definition: 'wait.asl.json' } },
    functions: { book: { module: 'functions.js#book' }, sum: { module: 'functions.js#sum' } },
  });
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

const run = (...args: string[]): Promise<Ended> => fanfold([...args, ...project]);
const good = async (...args: string[]): Promise<string> => {
  const { code, stdout, stderr } = await run(...args);
  expect(code, stderr).toBe(0);
  return stdout;
};
const failedRun = async (name: string): Promise<void> => {
  rmSync(join(directory, 'mended'), { force: true });
  const ended = await run('run', 'Orders', '--input', '["a","b","c"]', '-n', name);
  expect(ended).toMatchObject({ code: 1, stdout: expect.stringContaining('The book is shut') });
};

describe.sequential('without a server', () => {
  it('an execution that failed is redriven, and only what failed is called again', async () => {
    await failedRun('alone');
    write('mended', '');
    write('calls.txt', '');
    const redriven = await good('executions', 'redrive', 'alone', '--wait');
    expect(redriven).toMatch(/^SUCCEEDED {2}alone\n/);
    expect(redriven).toContain('redriven    once at');
    const calls = readFileSync(join(directory, 'calls.txt'), 'utf8');
    expect(calls).not.toContain('book a');
    expect(calls).toContain('book b');
  });

  it('its history is a table, or JSON lines in the shape of AWS, from either end', async () => {
    const rows = (await good('executions', 'history', 'alone')).trimEnd().split('\n');
    expect(rows[0]).toBe('ID\tTIME\tEVENT\tSTATE\tDETAIL');
    expect(rows[1]).toMatch(/^1\t\+0\.0\d\d\tExecutionStarted\t\t\["a","b","c"\]$/);
    expect(rows.some((row) => row.endsWith('\tLambdaFunctionFailed\tBook\tError: The book is shut'))).toBe(true);
    expect(rows.some((row) => row.endsWith('\tExecutionRedriven\t\tredriveCount 1'))).toBe(true);
    const lines = (await good('executions', 'history', 'alone', '--json', '--reverse', '--limit', '2')).trimEnd();
    const events = lines.split('\n').map((line) => JSON.parse(line) as Definition);
    expect(events).toMatchObject([{ type: 'ExecutionSucceeded' }, { type: 'TaskStateExited' }]);
    const last = (await good('executions', 'history', 'alone', '--reverse', '-l', '1')).trimEnd().split('\n');
    expect(last).toHaveLength(2);
    expect(last[1]).toMatch(/ExecutionSucceeded/);
  });

  it('its usage is what its history counts, with what it would have cost on AWS', async () => {
    const history = (await good('executions', 'history', 'alone', '--json')).trimEnd().split('\n');
    const types = history.map((line) => (JSON.parse(line) as { readonly type: string }).type);
    const count = (ending: string): number => types.filter((type) => type.endsWith(ending)).length;
    const used = JSON.parse(await good('executions', 'usage', 'alone', '--json')) as {
      readonly usage: object;
      readonly charges: readonly { readonly dollars: number }[];
      readonly dollars: number;
    };
    // A state that a redrive goes on in is entered once more, without an event of its own.
    expect(used.usage).toMatchObject({
      executions: 1,
      transitions: count('StateEntered') + count('ExecutionRedriven'),
      functionCalls: count('LambdaFunctionSucceeded') + count('LambdaFunctionFailed'),
      jobs: 0,
    });
    expect(used.dollars).toBeCloseTo(used.charges.reduce((sum, { dollars }) => sum + dollars, 0));
    expect(await good('executions', 'usage', 'alone')).toMatch(/^function calls\t5$/m);
  });

  it('its own definition replays to the same, and nothing is called', async () => {
    write('calls.txt', '');
    expect(await good('replay', 'alone')).toMatch(/^SAME {2}alone: \d+ events, one by one\n/);
    const edited = write('edited.asl.json', orders({ ResultPath: '$.x' }));
    const parted = await run('replay', 'alone', '--with', edited);
    expect(parted.code).toBe(1);
    expect(parted.stdout).toMatch(/^PARTS {2}alone: at event \d+\n/);
    const other = write('other.asl.json', orders({ Parameters: { 'item.$': '$' } }));
    const json = await run('replay', 'alone', '--with', other, '--json');
    expect(JSON.parse(json.stdout)).toMatchObject({
      same: false,
      parting: { replayed: { type: 'LambdaFunctionScheduled' } },
      replayed: { status: 'SUCCEEDED', output: '"ABC"' },
      changed: [{ state: 'Book', path: [{ map: 'Each', index: 0 }], parameters: '{"item":"a"}' }, {}, {}, {}],
    });
    expect(readFileSync(join(directory, 'calls.txt'), 'utf8')).toBe('');
  });

  it('a corrected definition takes the place of the one that failed', async () => {
    await failedRun('corrected');
    const file = write('corrected.asl.yaml', `# corrected\n${JSON.stringify(orders({ Retry: [], Catch: [] }))}`);
    const missing = write('missing.asl.json', { StartAt: 'X', States: { X: { Type: 'Pass', End: true } } });
    expect(await run('executions', 'redrive', 'corrected', '--with', missing)).toMatchObject({
      code: 1,
      stderr: expect.stringContaining("the state 'Each' is missing in the state machine"),
    });
    expect(await run('executions', 'redrive', 'corrected', '--with', 'nowhere.json')).toMatchObject({
      code: 2,
      stderr: 'fanfold: There is no file nowhere.json.\n',
    });
    expect(await run('executions', 'redrive', 'corrected', '--with', file, '--wait')).toMatchObject({ code: 1 });
    write('mended', '');
    expect(await good('executions', 'redrive', 'corrected', '--wait', '--json')).toContain('"redriveCount":2');
    expect(await good('replay', 'corrected')).toMatch(/^SAME/);
  });

  it('says what cannot be redriven, and what there is not', async () => {
    expect(await run('executions', 'redrive', 'alone')).toMatchObject({
      code: 1,
      stderr: 'fanfold: Execution is SUCCEEDED and cannot be redriven\n',
    });
    for (const command of ['history', 'wait', 'stop', 'redrive'])
      expect(await run('executions', command, 'nothing-like-it')).toMatchObject({ code: 4, stdout: '' });
    expect(await run('executions', 'ls', 'Nobody')).toMatchObject({
      code: 4,
      stderr: expect.stringMatching(/^fanfold: There is no state machine Nobody. The project has /),
    });
    expect(await run('executions', 'wait', 'alone', '--timeout', 'soon')).toMatchObject({ code: 2 });
  });
});

describe.sequential('beside a server', () => {
  let dev: Dev;
  beforeAll(async () => {
    dev = await startDev(project);
  });
  afterAll(async () => {
    await dev.stop();
  });

  it('waits for an execution, gives up when the time is up, and stops it', async () => {
    await good('executions', 'start', 'Waits', '-n', 'long');
    expect(await run('executions', 'wait', 'long', '--timeout', '0.2')).toMatchObject({
      code: 5,
      stderr: expect.stringContaining('still runs after 0.2 s'),
    });
    const waiting = run('executions', 'wait', 'long', '--json');
    expect(await good('executions', 'stop', 'long', '--error', 'Enough', '--cause', 'for today')).toMatch(
      /^ABORTED {2}arn:/,
    );
    const ended = await waiting;
    expect(ended.code).toBe(1);
    expect(JSON.parse(ended.stdout)).toMatchObject({ status: 'ABORTED', error: 'Enough', cause: 'for today' });
    expect(await run('executions', 'stop', 'long')).toMatchObject({ code: 0, stderr: 'It had ended already.\n' });
  });

  it('redrives and replays through it', async () => {
    rmSync(join(directory, 'mended'), { force: true });
    await good('executions', 'start', 'Orders', '-n', 'served', '-i', '["a","b"]');
    expect(await run('executions', 'wait', 'served')).toMatchObject({ code: 1 });
    expect(await good('replay', 'served')).toMatch(/^SAME/);
    write('mended', '');
    const corrected = write('corrected.asl.json', { Comment: 'corrected', ...orders() });
    expect(await good('executions', 'redrive', 'served', '--with', corrected)).toMatch(/^arn:.*:served\n$/);
    expect(await good('executions', 'wait', 'served')).toMatch(/^SUCCEEDED {2}served\n/);
    expect(await good('replay', 'served')).toMatch(/^SAME/);
    expect(await good('executions', 'history', 'served')).toContain('ExecutionRedriven');
  });
});
