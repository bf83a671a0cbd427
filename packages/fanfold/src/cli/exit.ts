/** Exit codes, and how an error is told. */
import { ProjectError } from '../app/project-error.ts';
import { FormatError } from '../database/database.ts';
import { DiskError, isDiskFailure } from '../database/disk-error.ts';
import { ServiceError } from '../ports/service-error.ts';
import { visibleLines } from '../visible.ts';

export const ExitCode = { ok: 0, failed: 1, usage: 2, notFound: 4, timedOut: 5, interrupted: 130 } as const;

/** An error of the user's making, told without a stack. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** @returns the exit code */
export function reportError(error: unknown): number {
  if (error instanceof ProjectError || error instanceof UsageError) return tell(error.message, ExitCode.usage);
  if (error instanceof ServiceError)
    return tell(error.message, NOT_THERE.test(error.code) ? ExitCode.notFound : ExitCode.failed);
  if (error instanceof FormatError) return tell(error.message, ExitCode.failed);
  if (isDiskFailure(error)) return tell(diskText(error), ExitCode.failed);
  const refused = systemErrorOf(error);
  if (refused) return tell(systemText(error as Error, refused), ExitCode.failed);
  return tell(error instanceof Error ? (error.stack ?? error.message) : String(error), ExitCode.failed);
}

/** The codes of what is not there: executions, buckets, objects, tables. */
const NOT_THERE = /DoesNotExist$|^NoSuch(?:Bucket|Key|Version)$|^ResourceNotFoundException$/;

/** What the system has refused, if that is what the error is about. */
function systemErrorOf(error: unknown): NodeJS.ErrnoException | undefined {
  if (!(error instanceof Error)) return undefined;
  if ('syscall' in error && 'code' in error) return error as NodeJS.ErrnoException;
  // Ours say what it is about; those of others do not.
  return error.name === 'Error' ? systemErrorOf(error.cause) : undefined;
}

const NOT_ALLOWED: readonly unknown[] = ['EACCES', 'EPERM'];

/** @param told the system's own error, or one that says more in its place */
function systemText(told: Error, { code, path }: NodeJS.ErrnoException): string {
  if (path === undefined || !NOT_ALLOWED.includes(code)) return told.message;
  return `${told.message}. This user may not do that: run it as the one who may, or name another folder with -C or --data.`;
}

/** Everything done so far is kept: what fails is what comes next. */
function diskText(error: Error): string {
  const { path } = error as NodeJS.ErrnoException;
  const told = error instanceof DiskError ? error : new DiskError(path ?? 'the data directory', error);
  return `${told.message} What was done so far is kept.`;
}

function tell(message: string, code: number): number {
  process.stderr.write(`fanfold: ${visibleLines(message)}\n`);
  return code;
}
