/** What processes that were killed have left in a directory, held against what must hold (I1, I3, I9). */
import { isClosed } from '../interpreter/execution.ts';
import type { HistoryRecord } from '../interpreter/history.ts';
import type { Store } from '../ports/store.ts';
import { frameProblems } from './frames.fixture.ts';

const OUTCOME = /^(LambdaFunction|Task)(Submitted|Succeeded|Failed|TimedOut)$/;

/** @returns what does not hold, in words */
export async function keptProblems(store: Store): Promise<string[]> {
  const problems: string[] = [];
  const running = new Set(await store.running());
  for (const { arn } of await store.list({ limit: 100_000 })) {
    const loaded = await store.load(arn);
    if (!loaded) {
      problems.push(`${arn} is listed, but not there`);
      continue;
    }
    const { execution, frames, outputs } = loaded;
    const outputsOf = (fork: string): number => outputs.filter((output) => output.fork === fork).length;
    problems.push(...frameProblems({ execution, frames, outputs: outputsOf }).map((problem) => `${arn}: ${problem}`));
    if (running.has(arn) === isClosed(execution)) problems.push(`${arn} is ${execution.status}, but not counted so`);
    const records = await store.history({ executionArn: arn, limit: 10_000_000 });
    problems.push(...historyProblems(records, execution.lastEventId).map((problem) => `${arn}: ${problem}`));
  }
  return problems;
}

/** Event ids are dense, and of each task one outcome is applied. */
export function historyProblems(records: readonly HistoryRecord[], last: number): string[] {
  const problems: string[] = [];
  const answered = new Set<number>();
  for (const [i, { id, previous, type }] of records.entries()) {
    if (id !== i + 1) problems.push(`event ${id} stands in place ${i + 1}`);
    if (!OUTCOME.test(type)) continue;
    if (answered.has(previous)) problems.push(`event ${id} is the second outcome behind event ${previous}`);
    answered.add(previous);
  }
  if (records.length !== last) problems.push(`there are ${records.length} events, not ${last}`);
  return problems.slice(0, 3);
}
