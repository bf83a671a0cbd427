/** `fanfold executions show`: one execution, with what went into each state and what came out. */
import { stateMachineArn } from '../../app/arn.ts';
import type { Execution } from '../../interpreter/execution.ts';
import type { HistoryEvent } from '../../interpreter/history.ts';
import type { Json, JsonObject } from '../../json.ts';
import type { Executions } from '../../ports/executions.ts';
import { ServiceError } from '../../ports/service-error.ts';
import { causeText, executionSummary, shorten } from '../execution-text.ts';
import { ExitCode } from '../exit.ts';
import { type ExecutionAccess, type GlobalOptions, openExecutions } from '../project-access.ts';

export interface ShowOptions extends GlobalOptions {
  readonly execution: string;
  readonly events?: boolean;
  readonly json?: boolean;
}

export async function show({ execution: wanted, events: all, json, ...options }: ShowOptions): Promise<number> {
  const access = await openExecutions(options);
  try {
    const execution = await find(access, wanted);
    if (!json && !all) process.stdout.write(`${executionSummary(execution)}\n`);
    const collected: HistoryEvent[] = [];
    for await (const event of eventsOf(access.executions, execution.arn)) {
      if (json) collected.push(event);
      else if (all) process.stdout.write(`${JSON.stringify(event)}\n`);
      else process.stdout.write(stateText(event));
    }
    if (json) process.stdout.write(`${JSON.stringify({ ...described(execution), events: collected }, null, 2)}\n`);
    return ExitCode.ok;
  } finally {
    await access.close();
  }
}

/** By ARN, by name, or by the beginning of a name that only one of the newest executions has. */
async function find({ executions, project }: ExecutionAccess, wanted: string): Promise<Execution> {
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

async function* eventsOf(executions: Executions, executionArn: string): AsyncGenerator<HistoryEvent> {
  for (let after: number | undefined; ;) {
    const page = await executions.history({ executionArn, ...(after !== undefined && { after }) });
    yield* page.events;
    if (page.next === undefined) return;
    after = page.next;
  }
}

/** A state's input when it is entered, its output when it is left, and what failed; nothing for the other events. */
function stateText(event: HistoryEvent): string {
  const time = event.timestamp.toISOString().slice(11, 23);
  const entered = event.stateEnteredEventDetails;
  if (entered) return `${time}  ${text(entered, 'name')}\n    in   ${shorten(text(entered, 'input'))}\n`;
  const exited = event.stateExitedEventDetails;
  if (exited) return `${time}  ${text(exited, 'name')}\n    out  ${shorten(text(exited, 'output'))}\n`;
  const failed = Object.entries(event).find(([key]) => /(Failed|TimedOut)EventDetails$/.test(key))?.[1] as
    | JsonObject
    | undefined;
  if (!failed || event.type.startsWith('MapIteration')) return '';
  return `${time}  ${event.type}\n    error  ${text(failed, 'error')}: ${shorten(causeText(text(failed, 'cause')))}\n`;
}

function text(details: JsonObject, name: string): string {
  const value: Json | undefined = details[name];
  return typeof value === 'string' ? value : '';
}

function described({
  arn,
  name,
  status,
  stateMachineArn: machine,
  startedAt,
  stoppedAt,
  input,
  output,
  error,
  cause,
  limits = 'local',
  warnings = [],
}: Execution): object {
  return {
    executionArn: arn,
    stateMachineArn: machine,
    name,
    status,
    startDate: new Date(startedAt).toISOString(),
    stopDate: stoppedAt === null ? null : new Date(stoppedAt).toISOString(),
    input: input.json,
    output: output?.json ?? null,
    error,
    cause,
    limits,
    warnings,
  };
}
