/** Jobs as real processes, submitted by definitions written for AWS Batch, through `fanfold serve`. */
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ended, history, jobsProject, startStates, submitJob, until } from './jobs.ts';
import { fanfold } from './fanfold.ts';
import { callStates, type Serve, startServe } from './serve.ts';

const PROGRAMS = {
  // Says what it was given, and where it is.
  'show.mjs': `
    import { writeFileSync, statSync, readdirSync } from 'node:fs';
    const [name, ...args] = process.argv.slice(2);
    const descriptors = process.platform === 'linux' ? readdirSync('/proc/self/fd').length : 4;
    writeFileSync(process.env.OUT + '/' + name + '.json', JSON.stringify({
      args, env: process.env, cwd: process.cwd(), mode: statSync('.').mode & 0o777, files: readdirSync('.'), descriptors }));
    console.log('the password is', process.env.PASSWORD);`,
  'exit.mjs': 'process.exit(Number(process.argv[2]))',
  // Fails until its third attempt, and counts in its checkpoint.
  'third.mjs': `
    import { existsSync, readFileSync, writeFileSync } from 'node:fs';
    const file = process.env.FANFOLD_CHECKPOINT + '/count';
    const count = existsSync(file) ? Number(readFileSync(file, 'utf8')) + 1 : 1;
    writeFileSync(file, String(count));
    process.exit(count === 3 && process.env.AWS_BATCH_JOB_ATTEMPT === '3' ? 0 : 4);`,
  'large.mjs': `
    const kept = [];
    setInterval(() => kept.length < 20 && kept.push(Buffer.alloc(20 * 2 ** 20, 1)), 20);`,
  // Writes when it began, waits to be let go, and writes when it ended.
  'gate.mjs': `
    import { existsSync, writeFileSync } from 'node:fs';
    const [name] = process.argv.slice(2);
    writeFileSync(process.env.OUT + '/' + name + '.begun', '');
    setInterval(() => existsSync(process.env.OUT + '/' + name + '.go') && process.exit(0), 10);`,
};

/** Stays, with a child that ignores being asked to end. It is there at once, however busy the machine is. */
const STAY = `
sh -c 'trap "" TERM; echo $$ > "$0.child"; while :; do sleep 1; done' "$1" &
while [ ! -s "$1.child" ]; do sleep 0.01; done
echo "[$$, $(cat "$1.child")]" > "$1.tmp"
mv "$1.tmp" "$1"
wait
`;

const program = (name: string) => ({ command: ['node', `./programs/${name}.mjs`] });

const shared = { mounts: { '/data': 'shared' }, environment: { OUT: '/data' }, memory: 256 };

describe('jobs', () => {
  const project = jobsProject(
    {
      volumes: { shared: {} },
      jobQueues: { q: {}, two: { computeEnvironment: 'two' } },
      computeEnvironments: { two: { vcpus: 2, memory: 4096 } },
      images: {
        ...Object.fromEntries(Object.keys(PROGRAMS).map((file) => [file.slice(0, -4), program(file.slice(0, -4))])),
        stay: { command: ['sh', './programs/stay.sh'] },
      },
      jobDefinitions: {
        'show:4': { ...shared, image: 'show', command: ['old'] },
        'show:5': {
          ...shared,
          image: 'show',
          command: ['Ref::Name', 'Ref::File', '/data/in.csv', '/data/../../engine.db', '/database'],
          parameters: { Name: 'unnamed', File: 'default' },
          secrets: { PASSWORD: 'TEST_PASSWORD' },
        },
        exit: { image: 'exit', command: ['Ref::Code'], memory: 256 },
        third: { image: 'third', memory: 256, attempts: 5 },
        stay: { ...shared, image: 'stay', command: ['/data/Ref::Name'] },
        large: { image: 'large', memory: 150 },
        gate: { ...shared, image: 'gate', command: ['Ref::Name'] },
        missing: { command: ['/no/such/program'] },
        container: { image: 'registry.example/unknown:1' },
        print: { command: ['printf', '[%s]\n', 'Ref::x'], parameters: { x: 'default' }, memory: 64 },
      },
      containers: 'none',
    },
    { ...PROGRAMS, 'stay.sh': STAY },
  );
  let serve: Serve;
  beforeAll(async () => {
    serve = await project.serve({ TEST_PASSWORD: 'hunter2-hunter2' });
  });
  afterAll(async () => {
    await serve.stop();
    project.remove();
  });

  const run = async (parameters: object, resource?: string) => {
    const arn = await startStates(serve.url, { Job: submitJob(parameters, resource) });
    return { arn, ...(await ended(serve.url, arn)) } as {
      arn: string;
      status: string;
      output: string;
      error: string;
      cause: string;
    };
  };
  const shown = (name: string) =>
    JSON.parse(readFileSync(join(project.shared, `${name}.json`), 'utf8')) as {
      args: string[];
      env: Record<string, string>;
      cwd: string;
      mode: number;
      files: string[];
      descriptors: number;
    };
  const logOf = (jobId: string, attempt = 1) =>
    readFileSync(join(project.folder, '.fanfold', 'jobs', jobId, `${attempt}.log`), 'utf8');

  it('run in a fresh folder with what is declared, and their end is the task’s', async () => {
    const result = await run({
      JobDefinition: 'arn:aws:batch:us-east-1:<USE-YOUR-AWS-ACCOUNT-NUMBER>:job-definition/show:5',
      JobQueue: 'arn:aws:batch:us-east-1:123456789012:job-queue/q',
      Parameters: { Name: 'first' },
      ContainerOverrides: {
        Environment: [
          { Name: 'MODE', Value: 'a b' },
          { Name: 'PLACE', Value: '/data/x/../y' },
        ],
      },
    });
    expect(result.status, result.cause).toBe('SUCCEEDED');
    const { args, env, cwd, mode, files, descriptors } = shown('first');
    expect(args).toEqual(['default', join(project.shared, 'in.csv'), '/data/../../engine.db', '/database']);
    expect({ mode, files, descriptors }).toEqual({ mode: 0o700, files: [], descriptors: expect.any(Number) });
    expect(env).toMatchObject({
      MODE: 'a b',
      PLACE: join(project.shared, 'y'),
      HOME: cwd,
      AWS_ENDPOINT_URL: serve.url,
      AWS_BATCH_JOB_ATTEMPT: '1',
      PASSWORD: 'hunter2-hunter2',
    });
    const known = /^(AWS_|FANFOLD_|MANAGED_BY_AWS|PATH$|HOME$|MODE$|PLACE$|OUT$|PASSWORD$)/;
    expect(Object.keys(env).filter((name) => !known.test(name))).toEqual([]);

    const output = JSON.parse(result.output) as Record<string, unknown>;
    expect(output).toMatchObject({
      Attempts: [{ Container: { ExitCode: 0 }, StatusReason: 'Essential container in task exited' }],
      Container: { ExitCode: 0, Image: 'show' },
      JobDefinition: 'arn:aws:batch:us-east-1:000000000000:job-definition/show:5',
      JobName: 'job',
      JobQueue: 'arn:aws:batch:us-east-1:000000000000:job-queue/q',
      Parameters: { Name: 'first', File: 'default' },
      Status: 'SUCCEEDED',
    });
    const log = logOf(String(output['JobId']));
    expect(log).toBe('the password is ***\n');
    const events = await history(serve.url, result.arn);
    expect(events.map(({ type }) => type)).toEqual([
      'ExecutionStarted',
      'TaskStateEntered',
      'TaskScheduled',
      'TaskStarted',
      'TaskSubmitted',
      'TaskSucceeded',
      'TaskStateExited',
      'ExecutionSucceeded',
    ]);
    expect(events[4]?.['taskSubmittedEventDetails']).toMatchObject({
      resourceType: 'batch',
      resource: 'submitJob.sync',
    });
    expect(JSON.stringify(events)).not.toContain('hunter2');
  });

  it('are found by name, with the latest revision', async () => {
    expect((await run({ JobDefinition: 'show', Parameters: { Name: 'latest' } })).status).toBe('SUCCEEDED');
    expect(shown('latest').args[0]).toBe('default');
  });

  it('without .sync are only submitted', async () => {
    const result = await run({ JobDefinition: 'show', Parameters: { Name: 'alone' } }, 'submitJob');
    expect(JSON.parse(result.output)).toMatchObject({ JobName: 'job', SdkHttpMetadata: { HttpStatusCode: 200 } });
    await until(() => existsSync(join(project.shared, 'alone.json')));
  });

  it.each([1, 126, 127, 137, 255])('that exit with %i fail with it', async (code) => {
    const result = await run({ JobDefinition: 'exit', Parameters: { Code: code } });
    expect(result).toMatchObject({ status: 'FAILED', error: 'States.TaskFailed' });
    expect(JSON.parse(result.cause)).toMatchObject({
      Attempts: [{ Container: { ExitCode: code } }],
      Status: 'FAILED',
      StatusReason: 'Essential container in task exited',
    });
  });

  it('are tried again, with their checkpoint, until their attempts are used up or a rule says no', async () => {
    const third = await run({ JobDefinition: 'third' });
    expect(third.status, third.cause).toBe('SUCCEEDED');
    expect((JSON.parse(third.output) as { Attempts: unknown[] }).Attempts.length).toBe(3);
    const rules = { Attempts: 5, EvaluateOnExit: [{ OnExitCode: '4*', Action: 'exit' }] };
    const refused = await run({ JobDefinition: 'third', RetryStrategy: rules });
    expect(JSON.parse(refused.cause)).toMatchObject({
      Attempts: [{}],
      RetryStrategy: { Attempts: 5, EvaluateOnExit: [{ OnExitCode: '4*', Action: 'EXIT' }] },
    });
  });

  it('that take too long are ended with their children, and not tried again', async () => {
    const params = { JobDefinition: 'stay', Parameters: { Name: 'slow' }, Timeout: { AttemptDurationSeconds: 2 } };
    const result = await run({ ...params, RetryStrategy: { Attempts: 3 } });
    const cause = JSON.parse(result.cause) as { Attempts: unknown[]; StatusReason: string };
    expect([cause.Attempts.length, cause.StatusReason]).toEqual([1, 'Job attempt duration exceeded timeout']);
    const pids = JSON.parse(readFileSync(join(project.shared, 'slow'), 'utf8')) as number[];
    expect(pids.map(isRunning)).toEqual([false, false]);
  });

  it('end with the execution that waits for them', async () => {
    const arn = await startStates(serve.url, {
      Job: submitJob({ JobDefinition: 'stay', Parameters: { Name: 'kept' } }),
    });
    const file = join(project.shared, 'kept');
    await until(() => existsSync(file));
    const pids = JSON.parse(readFileSync(file, 'utf8')) as number[];
    expect(pids.map(isRunning)).toEqual([true, true]);
    await callStates(serve.url, 'StopExecution', { executionArn: arn });
    await until(() => !pids.some(isRunning));
  });

  it.runIf(process.platform === 'linux')('that take more memory than they have are ended', async () => {
    const { cause } = await run({ JobDefinition: 'large' });
    expect(JSON.parse(cause)).toMatchObject({
      Attempts: [{ Container: { ExitCode: 137, Reason: 'OutOfMemoryError: Container killed due to memory usage' } }],
    });
  });

  it('wait until there is room for them', async () => {
    const start = (name: string) =>
      startStates(serve.url, {
        Job: submitJob({ JobQueue: 'two', JobDefinition: 'gate', Parameters: { Name: name } }),
      });
    const file = (name: string) => join(project.shared, name);
    const arns = [await start('a'), await start('b'), await start('c')];
    await until(() => existsSync(file('a.begun')) && existsSync(file('b.begun')));
    expect(existsSync(file('c.begun'))).toBe(false);
    writeFileSync(file('b.go'), '');
    await until(() => existsSync(file('c.begun')));
    for (const name of ['a', 'c']) writeFileSync(file(`${name}.go`), '');
    for (const arn of arns) expect((await ended(serve.url, arn))['status']).toBe('SUCCEEDED');
  });

  it.each([
    [{ JobDefinition: 'nowhere' }, 'Batch.ClientException', 'JobDefinition nowhere does not exist'],
    [{ JobDefinition: 'show:9' }, 'Batch.ClientException', 'JobDefinition show:9 does not exist'],
    [{ JobDefinition: 'show', JobQueue: 'nowhere' }, 'Batch.ClientException', 'JobQueue nowhere not found'],
    [{ JobDefinition: 'show', JobName: 'a b' }, 'Batch.ClientException', "not 'a b'"],
    [{ JobDefinition: 'container' }, 'Batch.ClientException', 'images of the project file'],
    [{ JobDefinition: 'show', JobQueue: 'two', ContainerOverrides: { Vcpus: 3 } }, 'Batch.ClientException', '3 vCPUs'],
    [{ JobDefinition: 'exit', Parameters: { Code: 'a\0b' } }, 'Batch.ClientException', 'U+0000'],
    [{ JobDefinition: 'missing' }, 'States.TaskFailed', 'CannotStartContainerError'],
    [{ JobDefinition: 'show', ArrayProperties: { Size: 2 } }, 'States.Runtime', 'Array jobs'],
    [{ JobDefinition: 'show', Parameters: { Name: {} } }, 'States.Runtime', 'Parameters.Name'],
  ])('that cannot be run say why: %j', async (parameters, error, cause) => {
    const result = await run(parameters);
    expect(result).toMatchObject({ status: 'FAILED', error, cause: expect.stringContaining(cause) });
  });

  const cases = join(
    process.env.FANFOLD_CASES ?? join(import.meta.dirname, '../../shared/conformance'),
    '../hostile/command',
  );
  const files = existsSync(cases) ? readdirSync(cases).filter((name) => name.startsWith('arg-')) : [];
  if (files.length === 0) console.log(`The hostile arguments are not run: there are none in ${cases}`);
  it.each(files)('pass arguments as they are: %s', async (file) => {
    const { parameters } = JSON.parse(readFileSync(join(cases, file), 'utf8')) as { parameters: { x: string } };
    const { status, output } = await run({ JobDefinition: 'print', Parameters: parameters });
    expect(status).toBe('SUCCEEDED');
    expect(logOf((JSON.parse(output) as { JobId: string }).JobId)).toBe(`[${parameters.x}]\n`);
  });
});

describe('jobs and the death of the engine', () => {
  it.runIf(process.platform === 'linux')('are ended, group and all, before they are run anew', async () => {
    const project = jobsProject(
      {
        volumes: { shared: {} },
        jobQueues: { q: {} },
        images: { lasting: { command: ['node', './programs/lasting.mjs'] } },
        jobDefinitions: { lasting: { ...shared, image: 'lasting' } },
      },
      {
        // The first run stays, with a child that has left its group; the next one sees that both are gone, and ends.
        'lasting.mjs': `
          import { spawn } from 'node:child_process';
          import { existsSync, readFileSync, writeFileSync, renameSync } from 'node:fs';
          const file = process.env.OUT + '/first';
          const runs = pid => existsSync('/proc/' + pid + '/stat') && !/\\) Z/.test(readFileSync('/proc/' + pid + '/stat', 'utf8'));
          if (existsSync(file)) {
            const left = JSON.parse(readFileSync(file, 'utf8')).filter(runs);
            writeFileSync(process.env.OUT + '/second', JSON.stringify({ left, attempt: process.env.AWS_BATCH_JOB_ATTEMPT }));
          } else {
            const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { detached: true, stdio: 'ignore' });
            writeFileSync(file + '.tmp', JSON.stringify([process.pid, child.pid]));
            renameSync(file + '.tmp', file);
            setInterval(() => {}, 1000);
          }`,
      },
    );
    try {
      const first = await project.serve();
      const arn = await startStates(first.url, { Job: submitJob({ JobDefinition: 'lasting' }) });
      await until(() => existsSync(join(project.shared, 'first')));
      const pids = JSON.parse(readFileSync(join(project.shared, 'first'), 'utf8')) as number[];
      await first.kill();
      expect(pids.map(isRunning)).toEqual([true, true]);
      const second = await project.serve();
      const shown = await ended(second.url, arn);
      expect(shown['status'], String(shown['cause'])).toBe('SUCCEEDED');
      expect(JSON.parse(readFileSync(join(project.shared, 'second'), 'utf8'))).toEqual({ left: [], attempt: '1' });
      const types = (await history(second.url, arn)).map(({ type }) => type);
      expect(types.filter((type) => type === 'TaskSubmitted').length).toBe(1);
      await second.stop();
    } finally {
      project.remove();
    }
  });
});

describe('a backup of jobs', () => {
  it('has their volumes and checkpoints, runs again what was running, and leaves the original alone', async () => {
    const project = jobsProject(
      {
        volumes: { shared: {} },
        jobQueues: { q: {} },
        images: { counting: { command: ['node', './programs/counting.mjs'] } },
        jobDefinitions: { counting: { ...shared, image: 'counting' } },
      },
      {
        // Tells that it runs, and from which checkpoint; the first run stays, and one that finds its checkpoint ends.
        'counting.mjs': `
          import { existsSync, renameSync, symlinkSync, writeFileSync } from 'node:fs';
          const whole = (file, text) => { writeFileSync(file + '.tmp', text); renameSync(file + '.tmp', file); };
          const kept = process.env.FANFOLD_CHECKPOINT + '/half';
          if (existsSync(kept)) {
            whole(process.env.OUT + '/ended', 'from its checkpoint');
          } else {
            whole(kept, '');
            symlinkSync('begun', process.env.OUT + '/link');
            whole(process.env.OUT + '/begun', String(process.pid));
            setInterval(() => {}, 1000);
          }`,
      },
    );
    try {
      const first = await project.serve();
      const arn = await startStates(first.url, { Job: submitJob({ JobDefinition: 'counting' }) });
      await until(() => existsSync(join(project.shared, 'begun')));
      const pid = Number(readFileSync(join(project.shared, 'begun'), 'utf8'));
      const copy = join(project.folder, 'copy');
      const made = await fanfold(['-C', project.folder, 'backup', copy]);
      expect(made.code, made.stderr).toBe(0);
      const second = await startServe({
        cwd: project.folder,
        data: false,
        args: ['-C', project.folder, '--data', copy],
      });
      const shown = await ended(second.url, arn);
      expect(shown['status'], String(shown['cause'])).toBe('SUCCEEDED');
      await second.stop();
      expect(readFileSync(join(copy, 'volumes', 'shared', 'ended'), 'utf8')).toBe('from its checkpoint');
      expect(readFileSync(join(copy, 'volumes', 'shared', 'link'), 'utf8')).toBe(String(pid));
      expect(existsSync(join(project.shared, 'ended'))).toBe(false);
      expect(isRunning(pid)).toBe(true);
      await first.stop();
    } finally {
      project.remove();
    }
  });
});

function isRunning(pid: number): boolean {
  try {
    return !/\) Z /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return false;
  }
}
