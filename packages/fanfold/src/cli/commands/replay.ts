/** `fanfold replay`: an edited definition against the recorded results of an execution; nothing is called. */
import { compileMachine, type HistoryEvent, type Machine } from '../../interpreter/index.ts';
import { replay as replayMachine } from '../../interpreter/replay/replay.ts';
import { formatFindings, parseDefinition } from '../../asl/index.ts';
import { definitionFor } from '../definition-text.ts';
import { ExitCode, UsageError } from '../exit.ts';
import { eventsOf, findExecution } from '../find-execution.ts';
import { type GlobalOptions, openExecutions } from '../project-access.ts';
import { replayText } from '../replay-text.ts';

export interface ReplayOptions extends GlobalOptions {
  readonly execution: string;
  /** The path of an edited definition. @defaultValue the one that the execution ran */
  readonly with?: string;
  readonly json?: boolean;
}

/** @returns 0 when the two are the same, 1 where they part */
export async function replay({ execution: wanted, with: edited, json, ...options }: ReplayOptions): Promise<number> {
  const access = await openExecutions(options, 'look');
  try {
    const execution = await findExecution(access, wanted);
    const ran = await access.stateMachines.describeForExecution(execution.arn);
    const former = (ran.formerDefinitions ?? []).map(({ text, throughEvent }) => ({
      machine: compiled(text, 'A definition that it ran'),
      throughEvent,
    }));
    const machine = compiled(ran.definitionText, 'The definition that it ran');
    const text =
      edited === undefined ? undefined : await definitionFor(edited, access.project, execution.stateMachineArn);
    const events: HistoryEvent[] = [];
    for await (const event of eventsOf(access.executions, execution.arn)) events.push(event);
    const window = access.project.definition.mapConcurrency;
    const report = replayMachine({
      execution,
      events,
      machines: [...former, { machine, throughEvent: Number.POSITIVE_INFINITY }],
      ...(text !== undefined && { machine: compiled(text, edited as string) }),
      ...(window !== undefined && { window }),
    });
    process.stdout.write(json ? `${JSON.stringify(report, null, 2)}\n` : replayText(execution, report));
    return report.same ? ExitCode.ok : ExitCode.failed;
  } finally {
    await access.close();
  }
}

/** @throws UsageError with what is wrong with it */
function compiled(text: string, what: string): Machine {
  const parsed = parseDefinition(text);
  const machine = parsed.ok ? compileMachine(parsed.value) : parsed;
  if (machine.ok) return machine.value;
  throw new UsageError(`${what} cannot run: ${formatFindings(machine.error)}`);
}
