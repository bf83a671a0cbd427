/** What a run of an example came to, for a program and for a person. */
import { isAbsolute } from 'node:path';
import { type App, costOf, type Execution, PRICES_AS_OF, usageOf } from 'fanfold';

/** Of the records: read = written + filtered + rejected. */
export interface Account {
  readonly read: number;
  readonly written: number;
  readonly filtered: number;
  readonly rejected: number;
}

export interface Report {
  readonly status: string;
  /** Why it did not succeed. */
  readonly error: string | null;
  /** From the start of the execution to its end. */
  readonly seconds: number;
  /** What is said of how long the original takes. */
  readonly published?: string;
  readonly account?: Account;
  /** What else there is to tell, in this order; absolute paths are shown relative to where one stands. */
  readonly rest: Readonly<Record<string, string | number | readonly string[] | null>>;
}

/** What can be told of any execution that has ended. */
export function endOf(execution: Execution): Pick<Report, 'status' | 'error' | 'seconds'> {
  const { status, error, cause, startedAt, stoppedAt } = execution;
  return {
    status,
    error: error === null ? null : `${error}: ${cause ?? ''}`,
    seconds: ((stoppedAt ?? startedAt) - startedAt) / 1000,
  };
}

/** What it has used, and what that would have cost on AWS. */
export async function usedBy({ executions }: Pick<App, 'executions'>, { arn }: Execution): Promise<Report['rest']> {
  const usage = await usageOf(executions, arn);
  const { transitions, functionCalls, jobs, jobSeconds } = usage;
  return {
    transitions,
    ...(functionCalls > 0 && { functionCalls }),
    ...(jobs > 0 && { jobs, jobSeconds }),
    onAws: `$${costOf(usage).toFixed(4)}, by the list prices of ${PRICES_AS_OF}`,
  };
}

/** All of it in one object, one level deep. */
export function reportJson({ account, rest, ...end }: Report): Readonly<Record<string, unknown>> {
  return { ...end, ...account, ...rest };
}

/** Whether nothing was lost: an account that adds up, or none where no records are counted. */
export function addsUp({ account }: Report): boolean {
  return !account || account.read === account.written + account.filtered + account.rejected;
}

/** @param shown how a path is written */
export function formatReport(report: Report, shown: (path: string) => string): string {
  const { status, seconds, published, error, account, rest } = report;
  const entries: (readonly [string, Report['rest'][string]])[] = [
    ...Object.entries(account ?? {}),
    ...(account ? [['adds up', addsUp(report) ? 'yes: read = written + filtered + rejected' : 'NO'] as const] : []),
    ...Object.entries(rest),
    ['error', error],
  ];
  const width = Math.max(...entries.map(([name]) => name.length));
  const lines = entries.flatMap(([name, value]) =>
    (Array.isArray(value) ? (value as readonly string[]) : [value as string | number | null])
      .filter((one) => one !== null)
      .map((one, i) => `  ${(i === 0 ? name : '').padEnd(width)}  ${textOf(one, shown)}`),
  );
  return [``, `${status} in ${seconds.toFixed(1)} s${published ? `; ${published}` : ''}.`, '', ...lines, ''].join('\n');
}

function textOf(value: string | number, shown: (path: string) => string): string {
  if (typeof value === 'number') return value.toLocaleString('en-US');
  return isAbsolute(value) ? shown(value) : value;
}
