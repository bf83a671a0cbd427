/** What a replay found, as text for people. */
import type { Execution } from '../interpreter/execution.ts';
import type { HistoryEvent } from '../interpreter/history.ts';
import type { ChangedTask, Ending, ReplayReport, TaskPlace } from '../interpreter/replay/report.ts';
import { visibleLines } from '../visible.ts';
import { causeText, shorten } from './execution-text.ts';

export function replayText(execution: Execution, report: ReplayReport): string {
  const { same, recorded, replayed, unanswered, changed, unused } = report;
  const lines = [
    same
      ? `SAME  ${execution.name}: ${replayed.events} events, one by one`
      : `PARTS  ${execution.name}: ${partingPlace(report)}`,
    ...partingLines(execution, report),
    ...(same ? [] : ['', `  recorded  ${endText(recorded)}`, `  replayed  ${endText(replayed)}`]),
    ...section(
      replayed.status === 'RUNNING'
        ? 'Without a recorded result, so it stands still there'
        : 'Without a recorded result',
      unanswered.map((task) => `${placeText(task)}  given ${shorten(task.parameters)}`),
    ),
    ...section('Called otherwise than recorded, answered as recorded', changed.flatMap(changedLines)),
    ...section('Recorded results that were not asked for', unused.map(placeText)),
  ];
  return visibleLines(`${lines.join('\n')}\n`);
}

function partingPlace({ parting }: ReplayReport): string {
  if (!parting) return '';
  return `at event ${parting.recorded?.id ?? parting.replayed?.id ?? 0}`;
}

function partingLines(execution: Execution, { parting }: ReplayReport): string[] {
  if (!parting) return [];
  const { recorded, replayed, until } = parting;
  const waits =
    until === undefined
      ? 'waits for something else'
      : `waits until ${new Date(until).toISOString()}, ${(until - execution.startedAt) / 1000} s after its start`;
  return [
    `  recorded  ${recorded ? eventText(recorded) : 'had ended'}`,
    `  replayed  ${replayed ? eventText(replayed) : waits}`,
    ...differences(recorded, replayed),
  ];
}

function eventText({ id, type, ...rest }: HistoryEvent): string {
  const { name } = detailsOf(rest);
  return `${id} ${type}${typeof name === 'string' ? ` ${name}` : ''}`;
}

/** The members of two events of the same type that differ. */
function differences(recorded: HistoryEvent | null, replayed: HistoryEvent | null): string[] {
  if (!recorded || !replayed) return [];
  const [a, b] = [flat(recorded), flat(replayed)];
  const names = [...new Set([...Object.keys(a), ...Object.keys(b)])].filter((name) => a[name] !== b[name]);
  return names.flatMap((name) => [
    `    ${name}`,
    `      - ${shorten(a[name] ?? 'none')}`,
    `      + ${shorten(b[name] ?? 'none')}`,
  ]);
}

function flat(event: HistoryEvent): Readonly<Record<string, string>> {
  const { id: _, type: __, timestamp, previousEventId, ...rest } = event;
  const members = Object.entries({ ...detailsOf(rest), previousEventId, timestamp: timestamp.toISOString() });
  return Object.fromEntries(
    members.map(([name, value]) => [name, typeof value === 'string' ? value : JSON.stringify(value)]),
  );
}

function detailsOf(event: object): Readonly<Record<string, unknown>> {
  const details: unknown = Object.entries(event).find(([name]) => name.endsWith('EventDetails'))?.[1];
  return typeof details === 'object' && details !== null ? (details as Record<string, unknown>) : {};
}

function endText({ status, output, error, cause, events }: Ending): string {
  const why = [error, cause === null ? null : causeText(cause)].filter((text) => text !== null).join(': ');
  return `${status} after ${events} events${output === null ? '' : `  ${shorten(output)}`}${why === '' ? '' : `  ${shorten(why)}`}`;
}

function placeText({ state, path, attempt }: TaskPlace): string {
  const iterations = path.map(({ map, index }) => `${map}[${index}] `).join('');
  return `${iterations}${state}${attempt === 1 ? '' : `, attempt ${attempt}`}`;
}

function changedLines(task: ChangedTask): string[] {
  const lines = [placeText(task)];
  if (task.resource !== task.recordedResource) lines.push(`  - ${task.recordedResource}`, `  + ${task.resource}`);
  if (task.parameters !== task.recordedParameters)
    lines.push(`  - ${shorten(task.recordedParameters)}`, `  + ${shorten(task.parameters)}`);
  return lines;
}

function section(title: string, lines: readonly string[]): string[] {
  return lines.length === 0 ? [] : ['', `${title}:`, ...lines.map((line) => `  ${line}`)];
}
