/** `fanfold executions stop`: ends a running execution, and everything beneath it. */
import { isClosed } from '../../interpreter/execution.ts';
import { ExitCode } from '../exit.ts';
import { findExecution } from '../find-execution.ts';
import { type GlobalOptions, openExecutions } from '../project-access.ts';

export interface StopOptions extends GlobalOptions {
  readonly execution: string;
  readonly error?: string;
  readonly cause?: string;
}

export async function stop({ execution, error, cause, ...options }: StopOptions): Promise<number> {
  const access = await openExecutions(options);
  try {
    const found = await findExecution(access, execution);
    const { arn: executionArn } = found;
    await access.executions.stop({
      executionArn,
      ...(error !== undefined && { error }),
      ...(cause !== undefined && { cause }),
    });
    const { status } = await access.executions.describe(executionArn);
    if (isClosed(found)) process.stderr.write(`It had ended already.\n`);
    process.stdout.write(`${status}  ${executionArn}\n`);
    return ExitCode.ok;
  } finally {
    await access.close();
  }
}
