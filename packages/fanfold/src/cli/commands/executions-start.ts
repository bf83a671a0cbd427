/** `fanfold executions start`: answers with the ARN at once. */
import { nameInArn, stateMachineArn } from '../../app/arn.ts';
import { ExitCode } from '../exit.ts';
import { type GlobalOptions, openExecutions } from '../project-access.ts';

export interface StartOptions extends GlobalOptions {
  readonly machine: string;
  readonly input: string;
  readonly name?: string;
}

export async function start({ machine, input, name, ...options }: StartOptions): Promise<number> {
  const access = await openExecutions(options);
  try {
    const { executionArn } = await access.executions.start({
      stateMachineArn: stateMachineArn(nameInArn(machine)),
      input,
      ...(name !== undefined && { name }),
    });
    process.stdout.write(`${executionArn}\n`);
    if (!access.remote)
      process.stderr.write("No server is running: the execution is kept and goes on with 'fanfold dev'.\n");
    return ExitCode.ok;
  } finally {
    await access.close();
  }
}
