/** The Step Functions API in AWS JSON 1.0: a request's target and body in, an answer out. HTTP itself is elsewhere. */
import { randomUUID } from 'node:crypto';
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
import { parseBody } from './json-body.ts';

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

export interface StatesAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export interface StatesRequest {
  /** The X-Amz-Target header. */
  readonly target: string | undefined;
  readonly body: Buffer;
  /** Fanfold's own client is asking. */
  readonly details: boolean;
  /** Aborted when the client is gone. */
  readonly signal: AbortSignal;
}

export type StatesApi = (request: StatesRequest) => Promise<StatesAnswer>;

/** What the actions of the API work on. */
export type StatesServices = Omit<ActionContext, 'details' | 'signal'>;

/** Calls an action by its name, without the wire around it. @throws ServiceError */
export type StatesCall = (action: string, input: JsonObject, signal: AbortSignal) => Promise<JsonObject>;

/** @param limits whose limits the parameters are read by */
export function createStatesCall(services: StatesServices, limits: Limits): StatesCall {
  const actions = actionsUnder(limits);
  return async (name, input, signal) => findAction(actions, name)(input, { ...services, details: false, signal });
}

/** @param limits whose limits the parameters are read by */
export function createStatesApi(services: StatesServices, limits: Limits): StatesApi {
  const actions = actionsUnder(limits);
  return async ({ target, body, details, signal }) => {
    try {
      const run = actionOf(actions, target);
      return jsonAnswer(200, await run(parseBody(body), { ...services, details, signal }));
    } catch (error) {
      if (!(error instanceof ServiceError)) services.logger.error('A request to the API failed', { target, error });
      return errorAnswer(error);
    }
  };
}

function actionsUnder(limits: Limits): ReadonlyMap<string, Action> {
  return new Map([
    ...ACTIONS,
    ...Object.entries({ ...startActions(limits), ...stateTestActions(limits), ...taskTokenActions(limits) }),
  ]);
}

/** An error as AWS JSON 1.0 has it; what is not a refusal is not told to the client in detail. */
export function errorAnswer(error: unknown): StatesAnswer {
  const { code, message, status } =
    error instanceof ServiceError
      ? error
      : { code: 'InternalFailure', message: 'The request failed inside the server; its log says how.', status: 500 };
  return jsonAnswer(status, { __type: code, message }, { 'x-amzn-errortype': code });
}

/** An answer as AWS JSON 1.0 has it. */
export function jsonAnswer(
  status: number,
  body: JsonObject,
  headers: Readonly<Record<string, string>> = {},
): StatesAnswer {
  return {
    status,
    headers: { 'Content-Type': 'application/x-amz-json-1.0', 'x-amzn-RequestId': randomUUID(), ...headers },
    body: JSON.stringify(body),
  };
}

/** @throws ServiceError UnknownOperationException */
function actionOf(actions: ReadonlyMap<string, Action>, target: string | undefined): Action {
  const [service, name = ''] = (target ?? '').split('.');
  if (target === undefined)
    throw unknownOperation(
      'No X-Amz-Target header says which action is meant, such as AWSStepFunctions.ListExecutions.',
    );
  if (service !== 'AWSStepFunctions')
    throw unknownOperation(`This server speaks the APIs of Step Functions and DynamoDB so far, not ${target}.`);
  return findAction(actions, name);
}

/** @throws ServiceError UnknownOperationException */
function findAction(actions: ReadonlyMap<string, Action>, name: string): Action {
  const found = actions.get(name);
  if (found) return found;
  throw unknownOperation(`Step Functions has no action ${name}.`);
}

function unknownOperation(message: string): ServiceError {
  return new ServiceError('UnknownOperationException', message);
}
