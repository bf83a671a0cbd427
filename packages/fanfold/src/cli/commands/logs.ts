/** `fanfold logs`: what functions and jobs have written, and with -f what they write. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { inside } from '../../app/inside.ts';
import { loadProject } from '../../app/load-project.ts';
import type { ProjectDefinition } from '../../app/define-project.ts';
import { createLogReader } from '../../app/log-reader.ts';
import { type Execution, isClosed } from '../../interpreter/execution.ts';
import type { KeptLogEntry } from '../../ports/logs.ts';
import { ServiceError } from '../../ports/service-error.ts';
import { createExecutionChildren, type ExecutionChildren } from '../execution-children.ts';
import { ExitCode, UsageError } from '../exit.ts';
import { findExecution } from '../find-execution.ts';
import { type ExecutionAccess, findServer, type GlobalOptions, openExecutions } from '../project-access.ts';

export interface LogsOptions extends GlobalOptions {
  /** Its ARN, its name, or how the name begins. */
  readonly execution?: string;
  readonly follow?: boolean;
  readonly function?: string;
  readonly job?: string;
  /** Seconds ago. */
  readonly since?: number;
  readonly json?: boolean;
}

const POLL_MS = 200;

export async function logs(options: LogsOptions): Promise<number> {
  const project = await loadProject(options.directory);
  const data = options.data ?? inside(project.directory, project.definition.dataDirectory ?? '.fanfold');
  const reader = createLogReader(join(data, 'logs'));
  let children: ExecutionChildren | undefined;
  const wanted = filterOf(options, Date.now(), (name) => children?.has(name) === true);
  let shown = 0;
  const show = async (): Promise<void> => {
    for await (const entry of reader.next()) {
      if (!wanted(entry)) continue;
      shown += 1;
      process.stdout.write(options.json ? `${JSON.stringify(entry)}\n` : textOf(entry));
    }
  };
  if (!options.follow) {
    if (options.execution !== undefined && existsSync(join(data, 'engine.db')))
      children = await withAccess(options, (access) => childrenOf(access, options.execution ?? ''));
    await show();
    return shown === 0 ? nothingShown(options, project.definition) : ExitCode.ok;
  }
  if (!(await findServer(project, options)))
    throw new UsageError(`Nobody works in ${data}, so nothing more will come. Leave -f out, or start 'fanfold dev'.`);
  return follow(options, show, (found) => {
    children = found;
  });
}

async function withAccess<T>(
  options: GlobalOptions,
  use: (access: ExecutionAccess) => Promise<T>,
): Promise<T | undefined> {
  // Who works in the directory without answering keeps us from its histories, not from its logs.
  const access = await openExecutions(options, 'look').catch((error: unknown) => {
    const why = error instanceof Error ? error.message : String(error);
    process.stderr.write(`fanfold: What the children of its Maps have written is left out: ${why}\n`);
    return undefined;
  });
  if (!access) return undefined;
  try {
    return await use(access);
  } finally {
    await access.close();
  }
}

/** @returns undefined where no one execution is meant: lines may be kept for longer than executions */
async function childrenOf(access: ExecutionAccess, wanted: string): Promise<ExecutionChildren | undefined> {
  const execution = await findExecution(access, wanted).catch((error: unknown) => {
    if (error instanceof ServiceError) return undefined;
    throw error;
  });
  if (!execution) return undefined;
  const children = createExecutionChildren(access.executions, execution.arn);
  await children.look();
  return children;
}

/** Why no line was shown. @returns the exit code */
function nothingShown(
  { execution, function: functionName, job, since }: LogsOptions,
  { functions = {} }: ProjectDefinition,
): number {
  if (functionName !== undefined && !Object.hasOwn(functions, functionName)) {
    const names = Object.keys(functions).join(', ');
    process.stderr.write(`fanfold: There is no function ${functionName}. There are: ${names || 'none'}.\n`);
    return ExitCode.notFound;
  }
  const of = [
    ...(execution === undefined ? [] : [`of an execution ${execution}`]),
    ...(functionName === undefined ? [] : [`of the function ${functionName}`]),
    ...(job === undefined ? [] : [`of a job ${job}`]),
    ...(since === undefined ? [] : [`of the last ${since} seconds`]),
  ];
  process.stderr.write(`fanfold: There are no lines${of.length === 0 ? ' yet' : ` ${of.join(', ')}`}.\n`);
  return ExitCode.ok;
}

/** Until the execution has ended, or somebody interrupts it. @returns the exit code */
async function follow(
  { execution, ...options }: LogsOptions,
  show: () => Promise<void>,
  onChildren: (children: ExecutionChildren) => void,
): Promise<number> {
  const interrupted = new AbortController();
  const stop = (): void => interrupted.abort();
  process.once('SIGINT', stop);
  process.once('SIGTERM', stop);
  const access = await openExecutions(options, 'look');
  try {
    const found = execution === undefined ? undefined : await findExecution(access, execution);
    const children = found && createExecutionChildren(access.executions, found.arn);
    if (children) onChildren(children);
    while (!interrupted.signal.aborted) {
      // Looked at first: what it wrote before its end is then shown.
      const ended = found && (await endOf(access, found.arn));
      await children?.look();
      await show();
      if (ended) {
        // What comes on other ways than the history is a moment behind.
        await sleep(POLL_MS);
        await show();
        process.stderr.write(`${ended.name}: ${ended.status}\n`);
        return ended.status === 'SUCCEEDED' ? ExitCode.ok : ExitCode.failed;
      }
      await sleep(POLL_MS, undefined, { signal: interrupted.signal }).catch(() => {});
    }
    return ExitCode.interrupted;
  } finally {
    process.off('SIGINT', stop);
    process.off('SIGTERM', stop);
    await access.close();
  }
}

async function endOf({ executions }: ExecutionAccess, arn: string): Promise<Execution | undefined> {
  const execution = await executions.describe(arn);
  return isClosed(execution) ? execution : undefined;
}

function filterOf(
  { execution, function: functionName, job, since }: LogsOptions,
  now: number,
  isChild: (name: string) => boolean,
): (entry: KeptLogEntry) => boolean {
  const sources = [
    ...(functionName === undefined ? [] : [`function:${functionName}`]),
    ...(job === undefined ? [] : [`job:${job}`]),
  ];
  const from = since === undefined ? '' : new Date(now - since * 1000).toISOString();
  return ({ time, source, execution: arn = '' }) => {
    if (time < from || (sources.length > 0 && !sources.includes(source))) return false;
    if (execution === undefined) return true;
    const name = nameOf(arn);
    return isChild(name) || (execution.startsWith('arn:') ? arn === execution : name.startsWith(execution));
  };
}

/** `10:20:30.123  <execution>  function:load  the line` */
function textOf({ time, execution = '', source, line }: KeptLogEntry): string {
  return `${time.slice(11, 23)}  ${nameOf(execution) || '-'}  ${source}  ${printable(line)}\n`;
}

/** The name of an execution; of an express one without what follows it. */
function nameOf(arn: string): string {
  return arn.split(':')[7] ?? '';
}

/** What a function writes does not move the cursor of who reads it; colours and tabs stay. */
function printable(line: string): string {
  // oxlint-disable-next-line no-control-regex
  return line.replace(/\x1b(?!\[[\d;]*m)|[\x00-\x08\x0b-\x1a\x1c-\x1f\x7f]/g, '');
}
