/** An action of the Step Functions API: how its parameters are read, and what it does. */
import type { JsonObject } from '../../json.ts';
import type { Activities } from '../../ports/activities.ts';
import type { Executions, StateTests, SyncExecutions } from '../../ports/executions.ts';
import type { Logger } from '../../ports/logger.ts';
import type { MapRuns } from '../../ports/map-runs.ts';
import type { StateMachineAdmin } from '../../ports/state-machines.ts';
import type { TaskTokens } from '../../ports/task-tokens.ts';
import { type Field, type Params, integer, readParams, text } from '../params.ts';
import type { Place } from '../states-arn.ts';

export interface ActionContext extends Place {
  readonly executions: Executions & SyncExecutions & StateTests;
  readonly stateMachines: StateMachineAdmin;
  readonly mapRuns: MapRuns;
  readonly tokens: TaskTokens;
  readonly activities: Activities;
  /** Aborted when the client is gone. */
  readonly signal: AbortSignal;
  readonly logger: Logger;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** Fanfold's own client asks for what AWS does not tell: it stands in a member `fanfold`. */
  readonly details: boolean;
}

export type Action = (input: JsonObject, context: ActionContext) => Promise<JsonObject>;

/** Puts an action together; what `run` gets is typed by the fields. */
export function action<S extends Readonly<Record<string, Field<unknown>>>>(
  fields: S,
  run: (params: Params<S>, context: ActionContext) => Promise<JsonObject>,
): Action {
  return async (input, context) => run(readParams(input, fields), context);
}

export const arnField: Field<string | undefined> = text({ min: 1, max: 256 });
/** Of versions and map runs, whose ARNs may be long. */
export const longArnField: Field<string | undefined> = text({ min: 1, max: 2000 });
export const nameField: Field<string | undefined> = text({ min: 1, max: 80 });
export const tokenField: Field<string | undefined> = text({ min: 1, max: 1024 });
export const maxResultsField: Field<number | undefined> = integer({ min: 0, max: 1000 });

/** Dates on the wire: seconds since the epoch, with a fraction. */
export function seconds(at: number | Date): number {
  return Number(at) / 1000;
}

/** How many a page holds, as AWS counts: 0 is the default. */
export function pageSize(maxResults: number | undefined): number {
  return maxResults || 100;
}
