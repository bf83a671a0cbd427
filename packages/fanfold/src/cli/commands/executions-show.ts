/** `fanfold executions show`: one execution, with what went into each state and what came out. */
import type { HistoryEvent } from '../../interpreter/history.ts';
import type { Json, JsonObject } from '../../json.ts';
import { visible, visibleLines } from '../../visible.ts';
import { causeText, executionJson, executionSummary, shorten } from '../execution-text.ts';
import { ExitCode } from '../exit.ts';
import { eventsOf, findExecution } from '../find-execution.ts';
import { type GlobalOptions, openExecutions } from '../project-access.ts';

export interface ShowOptions extends GlobalOptions {
  readonly execution: string;
  readonly events?: boolean;
  readonly json?: boolean;
}

export async function show({ execution: wanted, events: all, json, ...options }: ShowOptions): Promise<number> {
  const access = await openExecutions(options, 'look');
  try {
    const execution = await findExecution(access, wanted);
    if (!json && !all) process.stdout.write(`${executionSummary(execution)}\n`);
    const collected: HistoryEvent[] = [];
    for await (const event of eventsOf(access.executions, execution.arn)) {
      if (json) collected.push(event);
      else if (all) process.stdout.write(`${JSON.stringify(event)}\n`);
      else process.stdout.write(visibleLines(stateText(event)));
    }
    if (json) process.stdout.write(`${JSON.stringify({ ...executionJson(execution), events: collected }, null, 2)}\n`);
    return ExitCode.ok;
  } finally {
    await access.close();
  }
}

/** A state's input when it is entered, its output when it is left, and what failed; nothing for the other events. */
function stateText(event: HistoryEvent): string {
  const time = event.timestamp.toISOString().slice(11, 23);
  const entered = event.stateEnteredEventDetails;
  if (entered) return `${time}  ${visible(text(entered, 'name'))}\n    in   ${shorten(text(entered, 'input'))}\n`;
  const exited = event.stateExitedEventDetails;
  if (exited) return `${time}  ${visible(text(exited, 'name'))}\n    out  ${shorten(text(exited, 'output'))}\n`;
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
