/** Runs that begin with an object in a bucket: a trigger or a rule starts the execution. */
import { type App, type Execution, type JsonObject, stateMachineArn } from 'fanfold';

/** What was dropped, and what that starts. */
export interface Dropped {
  readonly stateMachine: string;
  readonly key: string;
  /** For a key that every run has: what an earlier one dropped does not count. Milliseconds since the epoch. @defaultValue 0 */
  readonly since?: number;
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

async function startedBy(app: App, { stateMachine, key, since = 0 }: Dropped): Promise<string | undefined> {
  const { executions } = await app.executions.list({ stateMachineArn: stateMachineArn(stateMachine), limit: 1000 });
  return executions.find((execution) => execution.startedAt >= since && keyOf(execution) === key)?.arn;
}

/** A trigger notes the object itself; a rule hands on what CloudTrail tells of the call. */
function keyOf({ origin, input }: Execution): unknown {
  if (origin?.kind === 'object') return origin.key;
  const { detail } = input.json as { readonly detail?: { readonly requestParameters?: JsonObject } };
  return detail?.requestParameters?.['key'];
}
