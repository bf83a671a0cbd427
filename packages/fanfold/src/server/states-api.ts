/** The Step Functions API: an action by its name, its parameters in, its answer out. */
import type { Limits } from '../interpreter/limits.ts';
import type { JsonObject } from '../json.ts';
import { ServiceError } from '../ports/service-error.ts';
import type { Action, ActionContext } from './actions/action.ts';
import { activityActions } from './actions/activities.ts';
import { aliasActions } from './actions/aliases.ts';
import { executionActions } from './actions/executions.ts';
import { historyActions } from './actions/history.ts';
import { mapRunActions } from './actions/map-runs.ts';
import { startActions } from './actions/start.ts';
import { stateMachineActions } from './actions/state-machines.ts';
import { stateTestActions } from './actions/state-tests.ts';
import { tagActions } from './actions/tags.ts';
import { taskTokenActions } from './actions/task-tokens.ts';
import { validateActions } from './actions/validate.ts';
import { versionActions } from './actions/versions.ts';
import type { JsonApi } from './json-apis.ts';

const ACTIONS: ReadonlyMap<string, Action> = new Map(
  Object.entries({
    ...stateMachineActions,
    ...versionActions,
    ...aliasActions,
    ...activityActions,
    ...tagActions,
    ...validateActions,
    ...executionActions,
    ...historyActions,
    ...mapRunActions,
  }),
);

/** The actions that there are. */
export const ACTION_NAMES: readonly string[] = [...ACTIONS.keys(), ...Object.keys(startActions('aws'))];

/** What the actions of the API work on. */
export type StatesServices = Omit<ActionContext, 'details' | 'signal'>;

/** Calls an action by its name, without the wire around it. @throws ServiceError */
export type StatesCall = (action: string, input: JsonObject, signal: AbortSignal) => Promise<JsonObject>;

/** @param limits whose limits the parameters are read by */
export function createStatesCall(services: StatesServices, limits: Limits): StatesCall {
  const actions = actionsUnder(limits);
  return async (name, input, signal) => findAction(actions, name)(input, { ...services, details: false, signal });
}

/** The same on the wire. @param limits whose limits the parameters are read by */
export function createStatesApi(services: StatesServices, limits: Limits): JsonApi {
  const actions = actionsUnder(limits);
  return { call: async (name, input, options) => findAction(actions, name)(input, { ...services, ...options }) };
}

function actionsUnder(limits: Limits): ReadonlyMap<string, Action> {
  return new Map([
    ...ACTIONS,
    ...Object.entries({ ...startActions(limits), ...stateTestActions(limits), ...taskTokenActions(limits) }),
  ]);
}

/** @throws ServiceError UnknownOperationException */
function findAction(actions: ReadonlyMap<string, Action>, name: string): Action {
  const found = actions.get(name);
  if (found) return found;
  throw new ServiceError('UnknownOperationException', `Step Functions has no action ${name}.`);
}
