import type { App } from 'fanfold';
import type { Loaded } from './functions/student-load.ts';

/** What the state `Load` made of its input, by the execution's history; undefined where it failed. */
export async function loadedBy(app: Pick<App, 'executions'>, executionArn: string): Promise<Loaded | undefined> {
  const { events } = await app.executions.history({ executionArn, limit: 1000 });
  const exited = events.find(({ stateExitedEventDetails: details }) => details?.name === 'Load');
  const output = JSON.parse(String(exited?.stateExitedEventDetails?.output ?? '{}')) as { load?: { Payload: Loaded } };
  return output.load?.Payload;
}
