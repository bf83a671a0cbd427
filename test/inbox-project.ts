/** A project with an inbox, run by `fanfold dev`, whose files are CSV of one column `v`: each starts an execution that reads its rows. */
import { mkdirSync, mkdtempSync, renameSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { expect } from 'vitest';
import { type Dev, type LogLine, startDev } from './fanfold.ts';
import { callStates } from './serve.ts';

export interface Run {
  readonly status: string;
  readonly key: string;
  readonly executionArn: string;
}

const OLD = new Date('2026-01-01');
/** Reads its rows one by one: what it gives are the rows that it has seen. */
const READ_ROWS = {
  StartAt: 'Rows',
  States: {
    Rows: {
      Type: 'Map',
      Label: 'Rows',
      MaxConcurrency: 4,
      ItemReader: {
        Resource: 'arn:aws:states:::s3:getObject',
        ReaderConfig: { InputType: 'CSV', CSVHeaderLocation: 'FIRST_ROW' },
        Parameters: { 'Bucket.$': '$.bucket', 'Key.$': '$.key' },
      },
      ItemProcessor: {
        ProcessorConfig: { Mode: 'DISTRIBUTED', ExecutionType: 'EXPRESS' },
        StartAt: 'Row',
        States: { Row: { Type: 'Pass', OutputPath: '$.v', End: true } },
      },
      End: true,
    },
  },
};

const HELD = 'arn:aws:states:us-east-1:000000000000:activity:held';
/** Goes on when the test says so. */
const HELD_UP = { StartAt: 'Held', States: { Held: { Type: 'Task', Resource: HELD, End: true } } };

export interface InboxProjectParams {
  /** Where it is made. @defaultValue the system's folder for what is temporary */
  readonly folder?: string;
  /** Executions end when they are let go, and their files go to `archive/`. @defaultValue they read their files, which stay */
  readonly isHeld?: boolean;
}

/** A project with an inbox, and what came of its files. */
export class InboxProject {
  readonly folder: string;
  readonly #isHeld: boolean;
  #dev: Dev | undefined;

  constructor({ folder = tmpdir(), isHeld = false }: InboxProjectParams = {}) {
    this.#isHeld = isHeld;
    this.folder = mkdtempSync(join(folder, 'fanfold-inbox-'));
    const trigger = {
      bucket: 'inbound',
      suffix: '.csv',
      stateMachine: 'rows',
      input: {
        'bucket.$': '$.Records[0].s3.bucket.name',
        'key.$': '$.Records[0].s3.object.key',
      },
    };
    const settings = {
      name: 'inbox',
      buckets: { inbound: {} },
      stateMachines: { rows: { definition: isHeld ? HELD_UP : READ_ROWS } },
      triggers: [{ name: 'all', ...trigger, ...(isHeld && { archive: 'archive/' }) }],
    };
    writeFileSync(join(this.folder, 'fanfold.config.json'), JSON.stringify(settings));
    mkdirSync(this.path('inbox/inbound'), { recursive: true });
  }

  path(name: string): string {
    return join(this.folder, name);
  }

  /** A file that is complete, since it has not been written to for long. */
  drop(name: string, rows: readonly string[] = ['1'], modified = OLD): void {
    const file = this.path(`inbox/inbound/${name}`);
    mkdirSync(dirname(file), { recursive: true });
    // Hidden, so that nobody takes it yet.
    const aside = join(dirname(file), '.aside');
    writeFileSync(aside, csv(rows));
    utimesSync(aside, modified, modified);
    renameSync(aside, file);
  }

  async start(by: readonly string[] = []): Promise<void> {
    this.#dev = await startDev(['-C', this.folder], by);
    // Before the first file comes: an execution whose activity is not there fails.
    if (this.#isHeld) await this.call('CreateActivity', { name: 'held' });
  }

  async stop(): Promise<void> {
    await this.#dev?.stop();
    this.#dev = undefined;
  }

  async remove(): Promise<void> {
    await this.stop();
    rmSync(this.folder, { recursive: true, force: true });
  }

  get url(): string {
    return this.#dev?.url ?? '';
  }

  logged(test: (line: LogLine) => boolean, nth = 1): Promise<LogLine> {
    return this.#dev?.logged(test, nth) ?? Promise.reject(new Error('fanfold dev does not run'));
  }

  /** A warning or an error about the file. */
  told(name: string): Promise<LogLine> {
    return this.logged((line) => /^(?:warn|error)/.test(String(line['level'])) && String(line['file']).includes(name));
  }

  async call(action: string, params: object): Promise<Record<string, unknown>> {
    return callStates(this.url, action, params);
  }

  /** The executions that were started for keys that the test takes, the last one first. */
  async runs(isMeant: (key: string) => boolean): Promise<readonly Run[]> {
    return (await this.#look()).filter(({ key }) => isMeant(key));
  }

  /** Many wait at once: they share a look at all executions. */
  #looking: Promise<readonly Run[]> | undefined;
  readonly #keys = new Map<string, string>();
  #look(): Promise<readonly Run[]> {
    this.#looking ??= pause(20)
      .then(() => this.#list())
      .finally(() => (this.#looking = undefined));
    return this.#looking;
  }

  async #list(): Promise<readonly Run[]> {
    const stateMachineArn = 'arn:aws:states:us-east-1:000000000000:stateMachine:rows';
    const { executions } = await this.call('ListExecutions', { stateMachineArn, maxResults: 1000 });
    const found: Run[] = [];
    for (const { executionArn, status } of executions as readonly Omit<Run, 'key'>[]) {
      const key = this.#keys.get(executionArn) ?? (await this.#keyOf(executionArn));
      this.#keys.set(executionArn, key);
      found.push({ status, key, executionArn });
    }
    return found;
  }

  async #keyOf(executionArn: string): Promise<string> {
    const { input } = await this.call('DescribeExecution', { executionArn });
    return decodeURIComponent((JSON.parse(String(input)) as { key: string }).key.replaceAll('+', ' '));
  }

  /** Waits for an execution that is held up. @returns lets it end */
  async held(): Promise<() => Promise<unknown>> {
    let taskToken: unknown;
    // Each call waits for a minute at most.
    while (!taskToken) ({ taskToken } = await this.call('GetActivityTask', { activityArn: HELD }));
    return () => this.call('SendTaskSuccess', { taskToken, output: '{}' });
  }

  /** Waits until so many executions for the key have ended. */
  async ended(name: string, count = 1): Promise<readonly Run[]> {
    for (;;) {
      const runs = await this.runs((key) => key === name);
      if (runs.length >= count && runs.every(({ status }) => status !== 'RUNNING')) return runs;
    }
  }

  async outcome({ executionArn }: Run): Promise<{ readonly rows?: readonly string[]; readonly error?: unknown }> {
    const { output, error } = await this.call('DescribeExecution', { executionArn });
    return typeof output === 'string' ? { rows: JSON.parse(output) as readonly string[] } : { error };
  }

  /** One execution has taken these rows. */
  async took(name: string, rows: readonly string[] = ['1']): Promise<void> {
    const runs = await this.ended(name);
    expect(runs.map(({ status }) => status)).toEqual(['SUCCEEDED']);
    for (const run of runs) expect((await this.outcome(run)).rows).toEqual(rows);
  }
}

export function csv(rows: readonly string[]): string {
  return `v\n${rows.map((row) => `${row}\n`).join('')}`;
}
