/** `fanfold run`: one execution, here and now. */
import { createReadStream, existsSync, statSync } from 'node:fs';
import { basename } from 'node:path';
import { nameInArn, stateMachineArn } from '../../app/arn.ts';
import type { RunAccount } from '../../batch/account.ts';
import type { App } from '../../app/create-app.ts';
import { createApp } from '../../app/load-app.ts';
import type { TriggerSettings } from '../../app/define-project.ts';
import { type LoadedProject, loadProject } from '../../app/load-project.ts';
import type { Execution } from '../../interpreter/execution.ts';
import { isObject } from '../../json.ts';
import type { Limits } from '../../interpreter/limits.ts';
import { accountText } from '../account-text.ts';
import { executionSummary } from '../execution-text.ts';
import { ExitCode, UsageError } from '../exit.ts';
import { showProgress } from '../progress.ts';
import { runProgressText } from '../run-progress-text.ts';
import { dataDirectory, findServer, type GlobalOptions } from '../project-access.ts';
import { createTextLogger } from '../text-logger.ts';
import { toldCommand } from '../told-command.ts';
import { runSample } from './run-sample.ts';

export interface RunOptions extends GlobalOptions {
  readonly machine: string;
  readonly file?: string;
  readonly input?: string;
  readonly name?: string;
  readonly json?: boolean;
  readonly limits?: Limits;
  /** Only so many records of a batch's file, and nothing is published. */
  readonly sample?: number;
}

export async function run(options: RunOptions): Promise<number> {
  const project = await loadProject(options.directory);
  const { machine, file, input } = options;
  if (!Object.hasOwn(project.definition.stateMachines, machine)) throw new UsageError(noMachine(project, options));
  if (file !== undefined && input !== undefined) throw new UsageError('Give a file or --input, not both.');
  if (file !== undefined && options.name !== undefined)
    throw new UsageError('An execution that a file starts is named after it: leave --name out, or give --input.');
  const upload = file === undefined ? undefined : checkUpload(project, machine, file);
  if (options.sample !== undefined && file === undefined)
    throw new UsageError('A sample is taken of a file: name one.');
  const server = await findServer(project, options);
  if (server)
    throw new UsageError(
      `A server at ${server} holds the project. Use 'fanfold executions start', or drop the file into its inbox.`,
    );
  if (options.sample !== undefined && file !== undefined)
    return runSample({ ...options, project, file, sample: options.sample });
  const app = await createApp({
    project,
    logger: createTextLogger({ quiet: true }),
    ...(options.limits && { limits: options.limits }),
    ...dataDirectory(options),
  });
  const began = performance.now();
  const isBatch = project.batches?.has(machine) ?? false;
  let runName: string | undefined;
  const progress = showProgress(async () => {
    if (!isBatch || runName === undefined) return progressText(app, machine, began);
    const found = await app.batchRuns.progress({ batch: machine, run: runName });
    return options.json ? JSON.stringify(found) : runProgressText(found);
  });
  const stop = (): void => {
    progress.stop();
    process.stderr.write(
      `Interrupted. Everything done so far is kept; it goes on with 'fanfold dev' or the next 'fanfold run'.\n`,
    );
    app.close().finally(() => process.exit(ExitCode.interrupted));
  };
  process.once('SIGINT', stop);
  try {
    const executionArn = upload ? await startWithFile(app, upload) : await start(app, options);
    runName = nameInArn(executionArn);
    const execution = await Promise.race([app.executions.closed(executionArn), failure(app)]);
    await app.settled();
    progress.stop();
    process.stdout.write(
      options.json ? `${JSON.stringify(asJson(execution))}\n` : summary(project, machine, execution),
    );
    return execution.status === 'SUCCEEDED' ? ExitCode.ok : ExitCode.failed;
  } finally {
    progress.stop();
    process.off('SIGINT', stop);
    await app.close();
  }
}

function noMachine({ definition }: LoadedProject, { machine, file }: RunOptions): string {
  const names = Object.keys(definition.stateMachines);
  const what = `There is no state machine ${machine}. The project has ${names.join(', ')}.`;
  const isFile = file === undefined && existsSync(machine);
  return isFile ? `${what} Name one before the file: ${toldCommand('run', names[0] ?? '', machine)}` : what;
}

/** Of a batch, with the account of its records. */
function summary({ batches }: LoadedProject, machine: string, execution: Execution): string {
  const account = batches?.has(machine) && execution.status === 'SUCCEEDED' ? execution.output?.json : undefined;
  return executionSummary(execution, isObject(account) ? accountText(account as unknown as RunAccount) : undefined);
}

interface Upload {
  readonly file: string;
  readonly trigger: TriggerSettings;
}

function checkUpload(project: LoadedProject, machine: string, file: string): Upload {
  const trigger = project.definition.triggers?.find((candidate) => candidate.stateMachine === machine);
  if (!trigger) throw new UsageError(`No trigger starts ${machine}, so there is no bucket for a file. Use --input.`);
  const suffixes = [trigger.suffix ?? ''].flat();
  if (!suffixes.some((suffix) => file.endsWith(suffix)))
    throw new UsageError(
      `The trigger '${trigger.name}' takes files that end in '${suffixes.join("' or '")}'; ${file} does not.`,
    );
  if (!statSync(file, { throwIfNoEntry: false })?.isFile()) throw new UsageError(`There is no file ${file}.`);
  return { file, trigger };
}

async function start(app: App, { machine, name, input }: RunOptions): Promise<string> {
  const started = await app.executions.start({
    stateMachineArn: stateMachineArn(machine),
    ...(name !== undefined && { name }),
    ...(input !== undefined && { input }),
  });
  return started.executionArn;
}

/** Uploads the file as anybody would; its trigger starts the execution. */
async function startWithFile(app: App, { file, trigger }: Upload): Promise<string> {
  const key = `${trigger.prefix ?? ''}${basename(file)}`;
  const { sequencer } = await app.objects.put({ bucket: trigger.bucket, key, body: createReadStream(file) });
  await app.settled();
  const { executions } = await app.executions.list({ stateMachineArn: stateMachineArn(trigger.stateMachine) });
  const started = executions.find(({ origin }) => origin?.kind === 'object' && origin.sequencer === sequencer);
  if (!started)
    throw new UsageError(
      `The upload of ${key} started no execution. Look at the trigger '${trigger.name}' in the project file.`,
    );
  return started.arn;
}

async function failure(app: App): Promise<never> {
  throw await app.failed;
}

function progressText(app: App, machine: string, began: number): string {
  const { running, transitions, tasks } = app.counts();
  const seconds = (performance.now() - began) / 1000;
  return `${machine}  ${seconds.toFixed(1)} s  ${running} running  ${transitions} states entered  ${tasks} tasks  ${Math.round(transitions / seconds)} states/s`;
}

function asJson(execution: Execution): object {
  const { arn, name, status, startedAt, stoppedAt, output, error, cause, transitions } = execution;
  return {
    executionArn: arn,
    name,
    status,
    startedAt,
    stoppedAt,
    output: output?.json ?? null,
    error,
    cause,
    transitions,
  };
}
