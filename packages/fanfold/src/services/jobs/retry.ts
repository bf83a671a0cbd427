/** What follows a failed attempt. */
import type { ExitRule, JobAttempt, JobSpec } from '../../ports/jobs.ts';

/** Whether the job is tried again. @param attempts those that have ended, the failed one last */
export function isTriedAgain(spec: JobSpec, attempts: readonly JobAttempt[]): boolean {
  const last = attempts.at(-1);
  if (!last || attempts.length >= spec.attempts) return false;
  const rule = spec.exitRules.find((each) => fits(each, last));
  return rule?.action !== 'EXIT';
}

function fits({ exitCode, reason, statusReason }: ExitRule, attempt: JobAttempt): boolean {
  const { exitCode: code } = attempt;
  return (
    matches(exitCode, code === undefined ? '' : String(code)) &&
    matches(reason, attempt.reason ?? '') &&
    matches(statusReason, attempt.statusReason)
  );
}

function matches(pattern: string | null, text: string): boolean {
  if (pattern === null) return true;
  return pattern.endsWith('*') ? text.startsWith(pattern.slice(0, -1)) : text === pattern;
}

/** Milliseconds until the next attempt. @param failed how many have failed */
export function pauseBefore({ backoffSeconds }: JobSpec, failed: number): number {
  if (!backoffSeconds) return 0;
  return Math.min(backoffSeconds.first * 2 ** (failed - 1), backoffSeconds.most) * 1000;
}
