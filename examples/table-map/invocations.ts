/** What the function was called with, and when, as the execution's history tells. */
import type { App, Json } from 'fanfold';

export interface Invocation {
  /** Since the start of the execution. */
  readonly milliseconds: number;
  readonly payload: Json;
}

export async function invocationsOf(
  { executions }: Pick<App, 'executions'>,
  executionArn: string,
): Promise<Invocation[]> {
  const invocations: Invocation[] = [];
  let start: number | undefined;
  for (let after: number | undefined; ;) {
    const page = await executions.history({ executionArn, ...(after !== undefined && { after }) });
    for (const { timestamp, taskScheduledEventDetails: scheduled } of page.events) {
      const at = new Date(timestamp).getTime();
      start ??= at;
      if (scheduled?.resourceType !== 'lambda') continue;
      const { Payload: payload } = JSON.parse(String(scheduled.parameters)) as { Payload: Json };
      invocations.push({ milliseconds: at - start, payload });
    }
    if (page.next === undefined) return invocations;
    after = page.next;
  }
}
