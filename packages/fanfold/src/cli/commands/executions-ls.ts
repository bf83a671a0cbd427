/** `fanfold executions ls`: newest first; a table on a terminal, tab-separated elsewhere. */
import { nameInArn, stateMachineArn } from '../../app/arn.ts';
import type { ExecutionStatus } from '../../interpreter/execution.ts';
import { ServiceError } from '../../ports/service-error.ts';
import { ExitCode } from '../exit.ts';
import { type ExecutionAccess, type GlobalOptions, openExecutions } from '../project-access.ts';
import { formatTable } from '../table-text.ts';

export interface LsOptions extends GlobalOptions {
  readonly machine?: string;
  readonly status?: ExecutionStatus;
  readonly limit: number;
  readonly json?: boolean;
}

export async function ls({ machine, status, limit, json, ...options }: LsOptions): Promise<number> {
  const access = await openExecutions(options, 'look');
  try {
    const names = machine === undefined ? Object.keys(access.project.definition.stateMachines) : [nameInArn(machine)];
    const lists = await Promise.all(
      names.map((name) =>
        access.executions.list({ stateMachineArn: stateMachineArn(name), limit, ...(status && { status }) }),
      ),
    );
    const executions = lists
      .flatMap((list) => list.executions)
      .sort((a, b) => b.startedAt - a.startedAt)
      .slice(0, limit);
    if (executions.length === 0 && machine !== undefined) await checkMachine(access, machine);
    const rows = executions.map(({ arn, name, stateMachineArn: of, status: outcome, startedAt, stoppedAt }) => ({
      executionArn: arn,
      stateMachineArn: of,
      name,
      status: outcome,
      startDate: new Date(startedAt).toISOString(),
      stopDate: stoppedAt === null ? null : new Date(stoppedAt).toISOString(),
    }));
    if (json) process.stdout.write(`${JSON.stringify(rows, null, 2)}\n`);
    else
      process.stdout.write(
        formatTable(
          ['NAME', 'MACHINE', 'STATUS', 'STARTED', 'STOPPED'],
          rows.map((row) => [row.name, nameInArn(row.stateMachineArn), row.status, row.startDate, row.stopDate ?? '']),
        ),
      );
    return ExitCode.ok;
  } finally {
    await access.close();
  }
}

/** One that was deleted, but has executions yet, is not asked for here. @throws ServiceError StateMachineDoesNotExist */
async function checkMachine({ stateMachines, project }: ExecutionAccess, machine: string): Promise<void> {
  await stateMachines.describe(stateMachineArn(nameInArn(machine))).catch((error: unknown) => {
    if (!(error instanceof ServiceError && error.code === 'StateMachineDoesNotExist')) throw error;
    const names = Object.keys(project.definition.stateMachines).join(', ');
    const message = `There is no state machine ${machine}. The project has ${names || 'none'}.`;
    throw new ServiceError(error.code, message, error.status);
  });
}
