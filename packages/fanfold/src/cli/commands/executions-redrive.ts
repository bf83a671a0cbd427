/** `fanfold executions redrive`: an execution that did not succeed goes on from where it failed. */
import { awaitEnd } from '../await-end.ts';
import { definitionFor } from '../definition-text.ts';
import { ExitCode } from '../exit.ts';
import { findExecution } from '../find-execution.ts';
import { type GlobalOptions, openExecutions } from '../project-access.ts';

export interface RedriveOptions extends GlobalOptions {
  readonly execution: string;
  /** The path of a corrected definition. */
  readonly with?: string;
  readonly wait?: boolean;
  /** Seconds to wait. */
  readonly timeout?: number;
  readonly json?: boolean;
}

export async function redrive({
  execution,
  with: corrected,
  wait,
  timeout,
  json,
  ...options
}: RedriveOptions): Promise<number> {
  const access = await openExecutions(options);
  try {
    const { arn: executionArn, stateMachineArn } = await findExecution(access, execution);
    const definition =
      corrected === undefined ? undefined : await definitionFor(corrected, access.project, stateMachineArn);
    await access.executions.redrive({ executionArn, ...(definition !== undefined && { definition }) });
    if (wait || timeout !== undefined)
      return await awaitEnd(access, executionArn, {
        ...(timeout !== undefined && { timeout }),
        ...(json !== undefined && { json }),
      });
    process.stdout.write(json ? `${JSON.stringify({ executionArn })}\n` : `${executionArn}\n`);
    if (!access.remote)
      process.stderr.write("No server is running: the execution is kept and goes on with 'fanfold dev'.\n");
    return ExitCode.ok;
  } finally {
    await access.close();
  }
}
