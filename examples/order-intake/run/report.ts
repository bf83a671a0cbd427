/** What a run came to: its account of records, how long it took, and where the output is. */
import { createWriteStream } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { type App, type Execution, stateMachineArn } from 'fanfold';
import type { MergeResult } from '../functions/merge-files.ts';
import type { PlannedRun } from './planned-run.ts';

export interface Report {
  readonly status: string;
  /** Why it did not succeed. */
  readonly error: string | null;
  readonly read: number;
  readonly written: number;
  readonly filtered: number;
  readonly rejected: number;
  /** From the start of the execution to its end. */
  readonly seconds: number;
  /** States entered, in the main execution and its children. */
  readonly transitions: number;
  /** Path of the merged output; null when there is none. */
  readonly output: string | null;
  /** Path of the rejects; null when there are none. */
  readonly rejects: string | null;
  /** The folder of the mails. */
  readonly mails: string;
}

const BUCKET = 'source-bucket';

/** Copies the run's results out of the bucket into `folder`, so that they can be looked at. */
export async function reportOn(app: App, execution: Execution, planned: PlannedRun, folder: string): Promise<Report> {
  const merged = execution.status === 'SUCCEEDED' ? await mergeResult(app, execution.arn) : undefined;
  const stem = basename(planned.fileName, '.csv');
  return {
    status: execution.status,
    error: execution.error === null ? null : `${execution.error}: ${execution.cause ?? ''}`,
    read: merged?.summary.read ?? 0,
    written: merged?.summary.written ?? 0,
    filtered: merged?.summary.filtered ?? 0,
    rejected: merged?.summary.rejected ?? 0,
    seconds: ((execution.stoppedAt ?? execution.startedAt) - execution.startedAt) / 1000,
    transitions: execution.transitions + (await childTransitions(app, execution.arn)),
    output: merged ? await copyOut(app, merged.S3OutputFileName, folder, `${stem}.output.csv`) : null,
    rejects: merged?.summary.rejects ? await copyOut(app, merged.summary.rejects, folder, `${stem}.rejects.csv`) : null,
    mails: app.outputs().outbox,
  };
}

/** The result of the merge, from the execution's history. */
async function mergeResult(app: App, executionArn: string): Promise<MergeResult> {
  const { events } = await app.executions.history({ executionArn, reverse: true });
  const exited = events.find((event) => event.stateExitedEventDetails?.name === 'Merge all Files');
  const output = exited?.stateExitedEventDetails?.output;
  if (typeof output !== 'string') throw new Error(`The history of ${executionArn} does not tell what was merged.`);
  return (JSON.parse(output) as { mergeResponse: MergeResult }).mergeResponse;
}

async function childTransitions(app: App, parent: string): Promise<number> {
  let transitions = 0;
  for (let after: string | undefined; ;) {
    const page = await app.executions.list({
      stateMachineArn: stateMachineArn('BlogBatchProcessChunk'),
      limit: 1000,
      ...(after !== undefined && { after }),
    });
    for (const { origin, transitions: own } of page.executions)
      if (origin?.kind === 'task' && origin.executionArn === parent) transitions += own;
    if (page.next === undefined) return transitions;
    after = page.next;
  }
}

async function copyOut(app: App, key: string, folder: string, name: string): Promise<string> {
  await mkdir(folder, { recursive: true });
  const path = join(folder, name);
  const { body } = await app.objects.get({ bucket: BUCKET, key });
  await pipeline(body, createWriteStream(path));
  return path;
}

/** @param shown how a path is written */
export function formatReport(report: Report, shown: (path: string) => string): string {
  const { read, written, filtered, rejected, seconds, transitions } = report;
  const lines = [
    '',
    `${report.status} in ${seconds.toFixed(1)} s; the original takes 300 s for 10,000 records, by its authors.`,
    '',
    `  read       ${count(read)}`,
    `  written    ${count(written)}`,
    `  filtered   ${count(filtered)}`,
    `  rejected   ${count(rejected)}`,
    `  adds up    ${read === written + filtered + rejected ? 'yes: read = written + filtered + rejected' : 'NO'}`,
    `  states     ${count(transitions)} entered, ${count(Math.round(transitions / Math.max(seconds, 0.001)))} a second`,
    '',
    ...(report.error === null ? [] : [`  error      ${report.error}`]),
    ...(report.output === null ? [] : [`  output     ${shown(report.output)}`]),
    ...(report.rejects === null ? [] : [`  rejects    ${shown(report.rejects)}`]),
    `  mail       ${shown(report.mails)}/ (its link opens while 'npx fanfold dev -C examples/order-intake' runs)`,
  ];
  return `${lines.join('\n')}\n`;
}

function count(value: number): string {
  return value.toLocaleString('en-US');
}
