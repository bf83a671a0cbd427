/** Kubernetes Jobs as real processes, and jobs in containers of a stand-in for `docker`, through `fanfold serve`. */
import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ended, history, jobsProject, startStates, submitJob, until } from './jobs.ts';
import { callStates, type Serve } from './serve.ts';

const PROGRAMS = {
  'split.mjs': `
    import { writeFileSync } from 'node:fs';
    writeFileSync(process.env.EFS_DIRECTORY + '/' + process.env.STATUS_KEY, process.argv.slice(2).join());
    console.log(JSON.stringify({ key: process.env.S3_KEY }));`,
  'exit.mjs': 'console.log("leaving"); process.exit(Number(process.argv[2]))',
  'stay.mjs': 'setInterval(() => {}, 1000)',
};

const project = jobsProject(
  {
    volumes: { 'efs-storage-claim': {} },
    images: Object.fromEntries(
      Object.keys(PROGRAMS).map((file) => [file.slice(0, -4), { command: ['node', `./programs/${file}`] }]),
    ),
    jobQueues: { q: {} },
    jobDefinitions: {
      boxed: {
        image: 'registry.example/boxed:1',
        command: ['Ref::x', '; rm -rf /'],
        environment: { PLACE: '/data/x', PATH: '/inside' },
        mounts: { '/data': 'efs-storage-claim' },
        memory: 512,
        vcpus: 0.5,
      },
      full: { image: 'registry.example/full:1', memory: 64 },
      absent: { image: 'registry.example/absent:1' },
      stuck: { image: 'registry.example/stuck:1', memory: 64 },
    },
    containers: 'docker',
  },
  PROGRAMS,
);

/** Stands in for docker: writes down how it is called, and does what its image says. */
const DOCKER = `#!${process.execPath}
const { appendFileSync, existsSync, writeFileSync } = require('node:fs');
const args = process.argv.slice(2);
appendFileSync(process.env.HOME + '/calls.jsonl', JSON.stringify({ args, place: process.env.PLACE }) + '\\n');
const gone = process.env.HOME + '/stopped';
if (args[0] === 'stop') writeFileSync(gone, '');
if (args[0] === 'inspect') console.log(String(args.at(-1)).length > 0 && existsSync(process.env.HOME + '/full'));
if (args[0] === 'inspect' && existsSync(process.env.HOME + '/absent')) process.exit(1);
if (args[0] === 'run' && args.some((arg) => arg.includes('/absent:'))) { writeFileSync(process.env.HOME + '/absent', ''); console.error('no such image'); process.exit(125); }
if (args[0] === 'run' && args.some((arg) => arg.includes('/full:'))) { writeFileSync(process.env.HOME + '/full', ''); process.exit(137); }
if (args[0] === 'run' && args.some((arg) => arg.includes('/stuck:'))) setInterval(() => existsSync(gone) && process.exit(143), 10);
else if (args[0] === 'run') console.log('from inside');
`;

const bin = join(project.folder, 'bin');
const home = join(project.folder, 'home');

describe('Kubernetes jobs', () => {
  let serve: Serve;
  beforeAll(async () => {
    for (const folder of [bin, home]) mkdirSync(folder);
    writeFileSync(join(bin, 'docker'), DOCKER);
    chmodSync(join(bin, 'docker'), 0o755);
    serve = await project.serve({ PATH: `${bin}${delimiter}${process.env['PATH'] ?? ''}`, HOME: home });
  });
  afterAll(async () => {
    await serve.stop();
    project.remove();
  });

  const runJob = (
    { metadata = { generateName: 'split-file' }, container = {}, spec = {} }: Readonly<Record<string, object>>,
    more: object = {},
    resource = 'runJob.sync',
  ) => ({
    Type: 'Task',
    Resource: `arn:aws:states:::eks:${resource}`,
    End: true,
    Parameters: {
      ClusterName: 'cluster',
      CertificateAuthority: 'unused',
      Endpoint: 'https://unused.example',
      LogOptions: { RetrieveLogs: false },
      ...more,
      Job: {
        apiVersion: 'batch/v1',
        kind: 'Job',
        metadata,
        spec: {
          backoffLimit: 0,
          ttlSecondsAfterFinished: 100,
          template: {
            metadata: { name: 'split-file' },
            spec: {
              restartPolicy: 'Never',
              containers: [
                {
                  name: 'split-file',
                  image: 'split',
                  env: [
                    { name: 'S3_KEY', 'value.$': '$.key' },
                    { name: 'STATUS_KEY', 'value.$': '$.id' },
                    { name: 'EFS_DIRECTORY', value: '/data' },
                  ],
                  volumeMounts: [{ name: 'persistent-storage', mountPath: '/data' }],
                  ...container,
                },
              ],
              volumes: [{ name: 'persistent-storage', persistentVolumeClaim: { claimName: 'efs-storage-claim' } }],
            },
          },
          ...spec,
        },
      },
    },
  });
  const run = async (state: object) => {
    const arn = await startStates(serve.url, { Job: state }, { key: 'in.csv', id: 'status' });
    const shown = await ended(serve.url, arn);
    return { arn, ...shown } as { arn: string; status: string; output: string; error: string; cause: string };
  };

  it('give their status, from a manifest written for AWS', async () => {
    const { status, output, cause, arn } = await run({
      ...runJob({ container: { args: ['a', '/data/b'] } }),
      OutputPath: '$.status.succeeded',
    });
    expect(status, cause).toBe('SUCCEEDED');
    expect(output).toBe('1');
    const volume = join(project.folder, '.fanfold', 'volumes', 'efs-storage-claim');
    expect(readFileSync(join(volume, 'status'), 'utf8')).toBe(`a,${volume}/b`);
    const submitted = (await history(serve.url, arn)).find(({ type }) => type === 'TaskSubmitted');
    const details = submitted?.['taskSubmittedEventDetails'] as { output: string } | undefined;
    expect(JSON.parse(details?.output ?? 'null')).toMatchObject({
      StatusCode: 201,
      StatusText: 'Created',
      ResponseBody: { kind: 'Job' },
    });
  });

  it('give what they wrote, where that is asked for', async () => {
    const logs = async (options: object): Promise<unknown> => {
      const { output } = await run(runJob({}, { LogOptions: { RetrieveLogs: true, ...options } }));
      const [pod] = Object.values(
        (JSON.parse(output) as { logs: { pods: Record<string, { containers: Record<string, object> }> } }).logs.pods,
      );
      return pod?.containers['split-file'];
    };
    expect(await logs({})).toEqual({ log: { key: 'in.csv' } });
    expect(await logs({ RawLogs: true })).toEqual({ log: '{"key":"in.csv"}\n' });
  });

  it('fail with their status as the cause', async () => {
    const { error, cause } = await run(runJob({ container: { image: 'exit', args: ['3'] } }));
    expect(error).toBe('States.TaskFailed');
    expect(JSON.parse(cause)).toMatchObject({
      status: { failed: 1, conditions: [{ type: 'Failed', status: 'True', reason: 'BackoffLimitExceeded' }] },
    });
  });

  it('end at their deadline', async () => {
    const { cause } = await run(runJob({ container: { image: 'stay' }, spec: { activeDeadlineSeconds: 1 } }));
    expect(JSON.parse(cause)).toMatchObject({ status: { conditions: [{ reason: 'DeadlineExceeded' }] } });
  });

  it('have names that nobody else has until they are removed', async () => {
    const named = (name: string, ttlSecondsAfterFinished: number) =>
      runJob({ metadata: { name }, spec: { ttlSecondsAfterFinished } });
    expect((await run(named('kept', 1000))).status).toBe('SUCCEEDED');
    const again = await run(named('kept', 1000));
    expect(again.error).toBe('EKS.409');
    expect(JSON.parse(again.cause)).toMatchObject({ reason: 'AlreadyExists', code: 409 });
    expect((await run(named('removed', 1))).status).toBe('SUCCEEDED');
    const retried = await run({
      ...named('removed', 1),
      Retry: [{ ErrorEquals: ['EKS.409'], IntervalSeconds: 1, MaxAttempts: 100, BackoffRate: 1 }],
    });
    expect(retried.status, retried.cause).toBe('SUCCEEDED');
  });

  it('without .sync give what the API server answers', async () => {
    const { output } = await run(runJob({}, {}, 'runJob'));
    expect(JSON.parse(output)).toMatchObject({ StatusCode: 201, ResponseBody: { spec: { completions: 1 } } });
  });

  it('are refused by the name of what is not there', async () => {
    expect(await run(runJob({ spec: { parallelism: 4 } }))).toMatchObject({
      error: 'States.Runtime',
      cause: expect.stringContaining('Job.spec.parallelism'),
    });
    expect(await run(runJob({ metadata: { name: '-' } }))).toMatchObject({ error: 'EKS.422' });
    expect(await run(runJob({ metadata: {} }))).toMatchObject({
      error: 'EKS.422',
      cause: expect.stringContaining('name or generateName is required'),
    });
    const elsewhere = await run(runJob({ metadata: { name: 'a', namespace: 'other' } }));
    expect(elsewhere.error).toBe('EKS.400');
    expect(JSON.parse(elsewhere.cause)).toMatchObject({ reason: 'BadRequest', code: 400 });
    for (const [more, field] of [
      [{ ClusterName: undefined }, "'ClusterName' is required"],
      [{ LogOptions: { RetrieveLogs: 'yes' } }, 'LogOptions.RetrieveLogs'],
    ] as const)
      expect(await run(runJob({}, more))).toMatchObject({
        error: 'States.Runtime',
        cause: expect.stringContaining(field),
      });
  });

  describe('in containers', () => {
    const calls = () =>
      readFileSync(join(home, 'calls.jsonl'), 'utf8')
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line) as { args: string[]; place?: string });

    it('run with bounds and mounts, their environment not on the command line', async () => {
      const { status, output, cause } = await run(submitJob({ JobDefinition: 'boxed', Parameters: { x: '--help' } }));
      expect(status, cause).toBe('SUCCEEDED');
      const call = calls().find(({ args }) => args[0] === 'run' && args.includes('registry.example/boxed:1'));
      const args = call?.args ?? [];
      expect(args.slice(args.indexOf('registry.example/boxed:1'))).toEqual([
        'registry.example/boxed:1',
        '--help',
        '; rm -rf /',
      ]);
      const text = args.join(' ');
      expect(text).toContain('--cpus 0.5 --memory 512m');
      expect(text).toContain('"target=/data"');
      expect(text).toContain('--env PLACE ');
      expect(text).toContain('--env PATH=/inside');
      expect(call?.place).toBe('/data/x');
      const { JobId } = JSON.parse(output) as { JobId: string };
      expect(readFileSync(join(project.folder, '.fanfold', 'jobs', JobId, '1.log'), 'utf8')).toBe('from inside\n');
      expect(calls().filter(({ args: [verb] }) => verb === 'rm').length).toBe(1);
    });

    it('are stopped with their execution', async () => {
      const executionArn = await startStates(serve.url, { Job: submitJob({ JobDefinition: 'stuck' }) });
      await until(() => calls().some(({ args }) => args.includes('registry.example/stuck:1')));
      await callStates(serve.url, 'StopExecution', { executionArn });
      await until(() => existsSync(join(home, 'stopped')));
    });

    it('tell that their engine could not run them', async () => {
      const { cause } = await run(submitJob({ JobDefinition: 'absent' }));
      rmSync(join(home, 'absent'));
      const Reason = expect.stringMatching(/^CannotStartContainerError: .* the log of the job says why$/);
      expect(JSON.parse(cause)).toMatchObject({ Attempts: [{ Container: { ExitCode: 125, Reason } }] });
    });

    it('tell that they ran out of memory', async () => {
      const { cause } = await run(submitJob({ JobDefinition: 'full' }));
      expect(JSON.parse(cause)).toMatchObject({
        Attempts: [{ Container: { ExitCode: 137, Reason: 'OutOfMemoryError: Container killed due to memory usage' } }],
      });
    });
  });
});
