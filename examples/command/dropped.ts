/** Runs that begin with an object in a bucket: its trigger starts the execution. */
import { type App, type Execution, stateMachineArn } from 'fanfold';

/** What was dropped, and what its trigger starts. */
export interface Dropped {
  readonly stateMachine: string;
  readonly key: string;
  /** What an earlier run dropped under the same key does not count: milliseconds since the epoch. */
  readonly since: number;
}

/** The end of the execution that the object started; the object is put first unless it was. */
export async function executeByObject(app: App, dropped: Dropped, put: () => Promise<unknown>): Promise<Execution> {
  let executionArn = await startedBy(app, dropped);
  if (executionArn === undefined) {
    await put();
    await app.settled();
    executionArn = await startedBy(app, dropped);
  }
  if (executionArn === undefined) throw new Error(`Dropping ${dropped.key} started no execution.`);
  const closed = await app.executions.closed(executionArn);
  await app.settled();
  return closed;
}

async function startedBy(app: App, { stateMachine, key, since }: Dropped): Promise<string | undefined> {
  const { executions } = await app.executions.list({ stateMachineArn: stateMachineArn(stateMachine), limit: 1000 });
  return executions.find(
    ({ origin, startedAt }) => origin?.kind === 'object' && origin.key === key && startedAt >= since,
  )?.arn;
}
