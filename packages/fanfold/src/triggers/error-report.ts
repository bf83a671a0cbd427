/** What the owner of a failed file finds beside it. */

import type { Execution, ExecutionStatus, Origin } from '../interpreter/execution.ts';
import { isObject, type Json, member } from '../json.ts';
import type { MovedFile } from './file-set/moved-files.ts';

export type ObjectOrigin = Extract<Origin, { kind: 'object' }>;

export const REPORT_SUFFIX = '.error.json';

/** How it came to an end with an object: an execution did, or there was none since the object was rejected. */
export type Ending = Pick<Execution, 'error' | 'cause' | 'stoppedAt'> & {
  readonly arn: string | null;
  readonly status: ExecutionStatus | 'REJECTED';
};

/** The message where no cause was given. */
const PLAIN: Readonly<Record<Ending['status'], string>> = {
  RUNNING: 'The execution is still running.',
  SUCCEEDED: 'The execution succeeded.',
  FAILED: 'The execution failed and gave no cause. Its history says more.',
  TIMED_OUT: 'The execution took longer than its state machine allows.',
  ABORTED: 'The execution was stopped.',
  REJECTED: 'The file was rejected.',
};

/**
 * One clear error, as JSON text: `message` is for people, `cause` is what the execution gave, unchanged.
 * @param files of a manifest, where they were moved to
 */
export function errorReport(origin: ObjectOrigin, ending: Ending, files: readonly MovedFile[] = []): string {
  const { arn, status, error, cause, stoppedAt } = ending;
  const report = {
    bucket: origin.bucket,
    key: origin.key,
    executionArn: arn,
    status,
    error: error ?? (status === 'TIMED_OUT' ? 'States.Timeout' : null),
    message: messageOf(cause) ?? PLAIN[status],
    cause,
    stoppedAt: stoppedAt === null ? null : new Date(stoppedAt).toISOString(),
    ...(files.length > 0 && { files }),
  };
  return `${JSON.stringify(report, null, 2)}\n`;
}

/** The message inside a cause that a function gave (JSON with `errorMessage`), otherwise the cause itself. */
function messageOf(cause: string | null): string | undefined {
  if (cause === null || cause.trim() === '') return undefined;
  const thrown = parse(cause);
  const message = isObject(thrown) ? member(thrown, 'errorMessage') : undefined;
  return typeof message === 'string' && message !== '' ? message : cause;
}

function parse(text: string): Json | undefined {
  try {
    return JSON.parse(text) as Json;
  } catch {
    return undefined;
  }
}
