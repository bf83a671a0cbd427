/** What jobs an execution submitted, as its history tells. */
import type { App } from 'fanfold';

export interface SubmittedJobs {
  readonly submitted: number;
  /** The most that were there at once, waiting or running. */
  readonly mostAtOnce: number;
}

export async function jobsOf({ executions }: Pick<App, 'executions'>, executionArn: string): Promise<SubmittedJobs> {
  let submitted = 0;
  let now = 0;
  let mostAtOnce = 0;
  for (let after: number | undefined; ;) {
    const page = await executions.history({ executionArn, includeData: false, ...(after !== undefined && { after }) });
    for (const event of page.events) {
      const end = event.taskSucceededEventDetails ?? event.taskFailedEventDetails ?? event.taskTimedOutEventDetails;
      if (end?.resourceType === 'batch') now--;
      if (event.taskSubmittedEventDetails?.resourceType !== 'batch') continue;
      submitted++;
      mostAtOnce = Math.max(mostAtOnce, ++now);
    }
    if (page.next === undefined) return { submitted, mostAtOnce };
    after = page.next;
  }
}
