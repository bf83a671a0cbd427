/** `fanfold executions history`: the events of an execution, with their times since its start. */
import type { HistoryEvent } from '../../interpreter/history.ts';
import { EVENT_COLUMNS, eventRows } from '../event-text.ts';
import { ExitCode } from '../exit.ts';
import { eventsOf, findExecution } from '../find-execution.ts';
import { type GlobalOptions, openExecutions } from '../project-access.ts';
import { formatTable } from '../table-text.ts';

export interface HistoryOptions extends GlobalOptions {
  readonly execution: string;
  readonly reverse?: boolean;
  readonly limit?: number;
  readonly json?: boolean;
}

/** So many rows are aligned with each other; a long history is printed as it is read. */
const ROWS_AT_ONCE = 500;

export async function history({ execution, reverse, limit, json, ...options }: HistoryOptions): Promise<number> {
  const access = await openExecutions(options, 'look');
  try {
    const { arn, startedAt } = await findExecution(access, execution);
    const print = json ? printJson : createTablePrinter(startedAt);
    let batch: HistoryEvent[] = [];
    let count = 0;
    for await (const event of eventsOf(access.executions, arn, { reverse: reverse === true })) {
      if (limit !== undefined && count === limit) break;
      count += 1;
      batch.push(event);
      if (batch.length < ROWS_AT_ONCE) continue;
      print(batch);
      batch = [];
    }
    print(batch);
    return ExitCode.ok;
  } finally {
    await access.close();
  }
}

function printJson(events: readonly HistoryEvent[]): void {
  for (const event of events) process.stdout.write(`${JSON.stringify(event)}\n`);
}

function createTablePrinter(startedAt: number): (events: readonly HistoryEvent[]) => void {
  const rowOf = eventRows(startedAt);
  let header = EVENT_COLUMNS;
  return (events) => {
    // The state of an event is told by those before it, whichever way they are shown.
    const rows = new Map(events.toSorted((a, b) => a.id - b.id).map((event) => [event, rowOf(event)]));
    const [first = [], ...rest] = [header, ...events.map((event) => rows.get(event) ?? [])].filter(
      (row) => row.length > 0,
    );
    if (first.length > 0) process.stdout.write(formatTable(first, rest));
    header = [];
  };
}
