/** Finds the execution that a command names, and reads its history. */
import { stateMachineArn } from '../app/arn.ts';
import type { Execution } from '../interpreter/execution.ts';
import type { HistoryEvent } from '../interpreter/history.ts';
import type { Executions } from '../ports/executions.ts';
import { ServiceError } from '../ports/service-error.ts';
import type { ExecutionAccess } from './project-access.ts';

/** By ARN, by name, or by the beginning of a name that only one of the newest executions has. */
export async function findExecution({ executions, project }: ExecutionAccess, wanted: string): Promise<Execution> {
  if (wanted.startsWith('arn:')) return executions.describe(wanted);
  const lists = await Promise.all(
    Object.keys(project.definition.stateMachines).map((name) =>
      executions.list({ stateMachineArn: stateMachineArn(name), limit: 1000 }),
    ),
  );
  const found = lists.flatMap((list) => list.executions).filter(({ name }) => name.startsWith(wanted));
  const exact = found.filter(({ name }) => name === wanted);
  const [match, ...others] = exact.length > 0 ? exact : found;
  if (!match)
    throw new ServiceError(
      'ExecutionDoesNotExist',
      `There is no execution whose name begins with '${wanted}'. 'fanfold executions ls' lists them.`,
    );
  if (others.length > 0)
    throw new ServiceError(
      'Ambiguous',
      `${others.length + 1} executions begin with '${wanted}'. Give more of the name, or the ARN.`,
    );
  return executions.describe(match.arn);
}

/** All events, page by page. */
export async function* eventsOf(
  executions: Executions,
  executionArn: string,
  { reverse = false }: { readonly reverse?: boolean } = {},
): AsyncGenerator<HistoryEvent> {
  for (let after: number | undefined; ;) {
    const page = await executions.history({ executionArn, reverse, ...(after !== undefined && { after }) });
    yield* page.events;
    if (page.next === undefined) return;
    after = page.next;
  }
}
