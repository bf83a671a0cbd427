/** A project with jobs in a folder of its own, served by a process of its own. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { callStates, PASS, ROLE, type Serve, startServe } from './serve.ts';

export interface JobsProject {
  readonly folder: string;
  /** The folder of the volume `shared`. */
  readonly shared: string;
  /** Starts a server on the same data each time. */
  serve(env?: Readonly<Record<string, string>>): Promise<Serve>;
  remove(): void;
}

/** @param programs the project's modules, by file name */
export function jobsProject(settings: object, programs: Readonly<Record<string, string>>): JobsProject {
  const folder = mkdtempSync(join(tmpdir(), 'fanfold-jobs-'));
  mkdirSync(join(folder, 'programs'));
  for (const [name, text] of Object.entries(programs)) writeFileSync(join(folder, 'programs', name), text);
  writeFileSync(join(folder, 'pass.asl.json'), PASS);
  writeFileSync(
    join(folder, 'fanfold.config.json'),
    JSON.stringify({ name: 'jobs', stateMachines: { Pass: { definition: 'pass.asl.json' } }, ...settings }),
  );
  return {
    folder,
    shared: join(folder, '.fanfold', 'volumes', 'shared'),
    serve: (env = {}) => startServe({ cwd: folder, data: false, args: ['-C', folder], env }),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}

let machines = 0;

/** Starts an execution of a machine of these states. @returns its ARN */
export async function startStates(url: string, states: object, input: unknown = {}): Promise<string> {
  const definition = JSON.stringify({ StartAt: Object.keys(states)[0], States: states });
  const name = `jobs-${process.pid}-${Date.now()}-${(machines += 1)}`;
  const made = await callStates(url, 'CreateStateMachine', { name, definition, roleArn: ROLE });
  if (typeof made['stateMachineArn'] !== 'string') throw new Error(JSON.stringify(made));
  const { stateMachineArn } = made;
  const started = await callStates(url, 'StartExecution', { stateMachineArn, input: JSON.stringify(input) });
  return String(started['executionArn']);
}

/** Waits until the execution has ended. */
export async function ended(url: string, executionArn: string): Promise<Record<string, unknown>> {
  for (;;) {
    const shown = await callStates(url, 'DescribeExecution', { executionArn });
    if (shown['status'] !== 'RUNNING') return shown;
    await sleep(25);
  }
}

export async function history(url: string, executionArn: string): Promise<readonly Record<string, unknown>[]> {
  const { events } = await callStates(url, 'GetExecutionHistory', { executionArn, maxResults: 1000 });
  return events as readonly Record<string, unknown>[];
}

/** Looks until it is so. */
export async function until(test: () => boolean): Promise<void> {
  while (!test()) await sleep(20);
}

export function submitJob(parameters: object, resource = 'submitJob.sync'): object {
  return {
    Type: 'Task',
    Resource: `arn:aws:states:::batch:${resource}`,
    Parameters: { JobName: 'job', JobQueue: 'q', ...parameters },
    End: true,
  };
}
