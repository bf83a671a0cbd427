/** Where the time of an execution went, by the states in its history. */
import type { App } from 'fanfold';

export interface StateTime {
  readonly name: string;
  readonly times: number;
  /** Since the start of the execution, in seconds. */
  readonly from: number;
  readonly to: number;
  /** Of all turns together; more than `to - from` where they overlap. */
  readonly sum: number;
}

interface Turn {
  readonly name: string;
  readonly at: number;
}

/** In the order in which the states were first entered. */
export async function stateTimes(
  { executions }: Pick<App, 'executions'>,
  executionArn: string,
): Promise<readonly StateTime[]> {
  const found = new Map<string, { times: number; from: number; to: number; sum: number }>();
  /** What each event stands in, by the event's id; events name the one before them on their own line of control. */
  const open = new Map<number, Turn>();
  /** When a state was entered last: a Map is left behind the last event of its last iteration. */
  const entered = new Map<string, number>();
  let start: number | undefined;
  for (let after: number | undefined; ;) {
    const page = await executions.history({
      executionArn,
      limit: 1000,
      includeData: false,
      ...(after !== undefined && { after }),
    });
    for (const { id, previousEventId, timestamp, stateEnteredEventDetails, stateExitedEventDetails } of page.events) {
      const at = new Date(timestamp).getTime() / 1000;
      start ??= at;
      const before = open.get(previousEventId);
      if (stateEnteredEventDetails) {
        const name = String(stateEnteredEventDetails['name']);
        open.set(id, { name, at });
        entered.set(name, at);
      } else if (stateExitedEventDetails) {
        const name = String(stateExitedEventDetails['name']);
        const since = (before?.name === name ? before.at : entered.get(name)) ?? at;
        const time = found.get(name) ?? { times: 0, from: since - start, to: 0, sum: 0 };
        found.set(name, { times: time.times + 1, from: time.from, to: at - start, sum: time.sum + at - since });
      } else if (before) open.set(id, before);
    }
    if (page.next === undefined) break;
    after = page.next;
  }
  return [...found].map(([name, time]) => ({ name, ...time })).toSorted((a, b) => a.from - b.from);
}
