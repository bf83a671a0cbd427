/** `fanfold logs`, on what functions and jobs of a running server write. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fanfold } from './fanfold.ts';
import { type FunctionsProject, functionsProject } from './functions.ts';
import { ended } from './jobs.ts';
import { callStates, type Serve } from './serve.ts';

const LAUNCHER = join(import.meta.dirname, '..', 'packages', 'fanfold', 'bin', 'fanfold.js');
const MACHINE = {
  StartAt: 'F',
  States: {
    F: { Type: 'Task', Resource: 'arn:aws:lambda:us-east-1:1:function:speaks', ResultPath: null, Next: 'J' },
    J: {
      Type: 'Task',
      Resource: 'arn:aws:states:::batch:submitJob.sync',
      Parameters: { JobName: 'loud', JobQueue: 'q', JobDefinition: 'loud' },
      ResultPath: null,
      Next: 'G',
    },
    G: { Type: 'Task', Resource: 'arn:aws:lambda:us-east-1:1:function:fails', End: true },
  },
};

/** Its only work is done by the children of a map run. */
const MANY = {
  StartAt: 'M',
  States: {
    M: {
      Type: 'Map',
      ItemProcessor: {
        ProcessorConfig: { Mode: 'DISTRIBUTED', ExecutionType: 'STANDARD' },
        StartAt: 'F',
        States: { F: { Type: 'Task', Resource: 'arn:aws:lambda:us-east-1:1:function:counts', End: true } },
      },
      End: true,
    },
  },
};

describe('fanfold logs', () => {
  let project: FunctionsProject;
  let serve: Serve;
  beforeAll(async () => {
    project = functionsProject(
      {
        functions: {
          speaks: { module: 'fn.mjs#speaks', secrets: { TOKEN: 'SECRET_TOKEN' } },
          fails: { module: 'fn.mjs#fails' },
          counts: { module: 'fn.mjs#counts' },
        },
        stateMachines: { Main: { definition: MACHINE }, Many: { definition: MANY } },
        jobQueues: { q: {} },
        jobDefinitions: { loud: { command: [process.execPath, '-e', 'console.log("from the job")'] } },
      },
      {
        'fn.mjs': `
          export const counts = (n) => console.log('counted', n);
          export const speaks = () => console.log('from the function', process.env.TOKEN);
          export const fails = () => { console.error('\\u001b[2Jabout to fail'); throw new Error('no'); };`,
      },
    );
    serve = await project.serve({ SECRET_TOKEN: 'hunter22' });
  });
  afterAll(async () => {
    await serve?.stop();
    project?.remove();
  });

  async function start(name: string, machine = 'Main', input: unknown = {}): Promise<string> {
    const stateMachineArn = `arn:aws:states:us-east-1:000000000000:stateMachine:${machine}`;
    const started = { stateMachineArn, name, input: JSON.stringify(input) };
    const { executionArn } = await callStates(serve.url, 'StartExecution', started);
    if (typeof executionArn !== 'string') throw new Error(`${name} was not started`);
    return executionArn;
  }
  const logs = (...args: readonly string[]) => fanfold(['-C', project.folder, 'logs', ...args]);

  it('shows every line with its execution, from functions and jobs', async () => {
    await ended(serve.url, await start('first'));
    const { code, stdout } = await logs('first');
    expect(code).toBe(0);
    const lines = stdout
      .trim()
      .split('\n')
      .map((line) => line.split('  '))
      .map(([, execution, source, line = '']) => [
        execution,
        source,
        line.replace(/[0-9a-f]{8}-[\w-]{27}|[\d.]+ ms/g, '#'),
      ]);
    expect(lines).toEqual([
      ['first', 'function:speaks', 'START RequestId: # Version: $LATEST'],
      ['first', 'function:speaks', 'from the function ***'],
      ['first', 'function:speaks', 'END RequestId: #'],
      ['first', 'function:speaks', expect.stringContaining('REPORT RequestId: #\tDuration: #')],
      ['first', 'job:loud', 'from the job'],
      ['first', 'function:fails', 'START RequestId: # Version: $LATEST'],
      ['first', 'function:fails', '[2Jabout to fail'],
      [
        'first',
        'function:fails',
        expect.stringMatching(
          /^\S+Z\t#\tERROR\tInvoke Error \t\{"errorType":"Error","errorMessage":"no","stack":\["Error: no",/,
        ),
      ],
      ['first', 'function:fails', 'END RequestId: #'],
      ['first', 'function:fails', expect.stringContaining('REPORT')],
    ]);
  });

  it('shows what is asked for', async () => {
    await ended(serve.url, await start('second'));
    expect((await logs('--job', 'loud', 'second')).stdout.trim().split('\n')).toHaveLength(1);
    const { stdout } = await logs('--json', '--function', 'fails', '--since', '3600');
    const entries = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { source: string; execution: string });
    expect(entries.length).toBeGreaterThanOrEqual(8);
    expect(new Set(entries.map(({ source }) => source))).toEqual(new Set(['function:fails']));
    expect((await logs('nothing-like-it')).stdout).toBe('');
  });

  it('says that there is nothing, and which functions there are', async () => {
    expect(await logs('nobody')).toMatchObject({
      code: 0,
      stdout: '',
      stderr: 'fanfold: There are no lines of an execution nobody.\n',
    });
    const { code, stderr } = await logs('--function', 'nobody');
    expect([code, stderr]).toEqual([4, expect.stringContaining('There is no function nobody. There are: ')]);
  });

  it('follows an execution to its end, and gives its outcome', async () => {
    const executionArn = await start('third');
    const { code, stdout, stderr } = await logs('-f', executionArn);
    expect([code, stderr.trim()]).toEqual([1, 'third: FAILED']);
    expect(stdout).toContain('from the job');
    expect(stdout.trimEnd()).toMatch(/REPORT[^\n]*$/);
    expect((await logs('-f', 'nobody')).code).toBe(4);
  });

  it('shows what the children of its Maps write', async () => {
    await ended(serve.url, await start('others', 'Many', [3]));
    const executionArn = await start('many', 'Many', [1, 2]);
    const counted = (text: string): readonly string[] => text.match(/counted \d/g)?.toSorted() ?? [];
    const followed = await logs('-f', executionArn);
    expect([followed.code, counted(followed.stdout)]).toEqual([0, ['counted 1', 'counted 2']]);
    expect(counted((await logs('many')).stdout)).toEqual(['counted 1', 'counted 2']);
  });

  it('follows until it is interrupted', async () => {
    const child = spawn(process.execPath, [LAUNCHER, '-C', project.folder, 'logs', '-f', '--job', 'loud'], {
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    child.stdout.setEncoding('utf8');
    let seen = '';
    await start('fourth');
    while (!seen.includes('fourth')) seen += String((await once(child.stdout, 'data'))[0]);
    child.kill('SIGINT');
    expect((await once(child, 'close'))[0]).toBe(130);
  });
});
