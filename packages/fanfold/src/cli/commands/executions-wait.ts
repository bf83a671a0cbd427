/** `fanfold executions wait`: until an execution has ended; the exit code tells how. */
import { awaitEnd } from '../await-end.ts';
import { findExecution } from '../find-execution.ts';
import { type GlobalOptions, openExecutions } from '../project-access.ts';

export interface WaitOptions extends GlobalOptions {
  readonly execution: string;
  /** Seconds. */
  readonly timeout?: number;
  readonly json?: boolean;
}

export async function wait({ execution, timeout, json, ...options }: WaitOptions): Promise<number> {
  const access = await openExecutions(options);
  try {
    const { arn } = await findExecution(access, execution);
    return await awaitEnd(access, arn, {
      ...(timeout !== undefined && { timeout }),
      ...(json !== undefined && { json }),
    });
  } finally {
    await access.close();
  }
}
