/** What a test says the state's work comes to, and whether it may say so. */
import { isArray, isObject, type Json, member } from '../../json.ts';
import { ServiceError } from '../../ports/service-error.ts';
import type { ResponseShapes, StateMock, StateTestRequest } from '../../ports/state-tests.ts';
import { type Subject, statesInside } from './subject.ts';

export type Mocked =
  | { readonly kind: 'result'; readonly text: string; readonly json: Json }
  | { readonly kind: 'error'; readonly error: string; readonly cause: string | null };

const TAKE_MOCKS: readonly string[] = ['Task', 'Map', 'Parallel'];

/**
 * @returns undefined when the state is to do its work itself
 * @throws ServiceError ValidationException, InvalidDefinition for a state that can only be tested with a mock
 */
export async function readMock(
  request: StateTestRequest,
  subject: Subject,
  shapes: ResponseShapes | undefined,
): Promise<Mocked | undefined> {
  const { mock, revealSecrets } = request;
  checkConfiguration(request, subject);
  if (!mock) {
    checkUnmocked(request, subject);
    return undefined;
  }
  const { state } = subject;
  if (!TAKE_MOCKS.includes(state.type))
    throw refusal(`State type '${state.type}' is not supported when a mock is specified`);
  if (revealSecrets) throw refusal('TestState does not support RevealSecrets when a mock is specified.');
  const { result, errorOutput } = mock;
  if (result !== undefined && errorOutput)
    throw refusal('A test mock should have only one of the following fields: [result, errorOutput].');
  if (errorOutput) return mockedError(errorOutput);
  if (result === undefined)
    throw refusal('A test mock should have one of the following fields: [result, errorOutput].');
  const json = parseResult(result);
  await checkResult(json, mock, subject, shapes);
  return { kind: 'result', text: result, json };
}

function mockedError({ error, cause }: NonNullable<StateMock['errorOutput']>): Mocked {
  if (error === undefined) throw refusal('A mocked errorOutput must have the field: [error].');
  return { kind: 'error', error, cause: cause ?? null };
}

function parseResult(text: string): Json {
  try {
    return JSON.parse(text) as Json;
  } catch {
    throw refusal('Mocked result must be valid JSON');
  }
}

async function checkResult(
  result: Json,
  { fieldValidationMode = 'STRICT' }: StateMock,
  { state, fields }: Subject,
  shapes: ResponseShapes | undefined,
): Promise<void> {
  if (state.type === 'Map' && member(fields, 'ResultWriter') !== undefined) {
    if (!isObject(result)) throw refusal('Mocked result must be a JSON object.');
  } else if (state.type === 'Map' || state.type === 'Parallel') {
    if (!isArray(result)) throw refusal('Mocked result must be an array.');
    if (state.type === 'Parallel' && result.length !== state.branches.length)
      throw refusal('Mocked result must contain the same number of items as number of Parallel branches.');
  } else if (state.type === 'Task' && fieldValidationMode !== 'NONE') {
    const wrong = await shapes?.check(state.resource, result, fieldValidationMode);
    if (wrong !== undefined) throw refusal(`Mock result schema validation error: ${wrong}`);
  }
}

function checkConfiguration({ mock, stateConfiguration = {}, context }: StateTestRequest, subject: Subject): void {
  const { state, fields } = subject;
  if (!mock) {
    const alone = Object.entries({ context, ...stateConfiguration }).find(([, value]) => value !== undefined);
    if (alone) throw refusal(`TestState does not support ${capitalised(alone[0])} when a mock is not specified.`);
  }
  const { errorCausedByState, mapItemReaderData, mapIterationFailureCount } = stateConfiguration;
  if (state.type !== 'Map' && mapIterationFailureCount !== undefined)
    throw refusal('MapIterationFailureCount can only be specified for a Map state');
  if (mapItemReaderData !== undefined && member(fields, 'ItemReader') === undefined)
    throw refusal('MapItemReaderData can only be specified for a Map state with an ItemReader');
  if (errorCausedByState !== undefined && !statesInside(fields).includes(errorCausedByState))
    throw refusal('ErrorCausedByState must be the name of a state inside of the tested Map or Parallel state');
}

function capitalised(name: string): string {
  return name.charAt(0).toUpperCase() + name.slice(1);
}

/** What only a mock can stand in for. */
function checkUnmocked({ roleArn }: StateTestRequest, { state }: Subject): void {
  if (state.type === 'Map' || state.type === 'Parallel')
    throw unsupported(
      'TestState API does not support Map or Parallel states. Supported state types include: [Task, Wait, Pass, Succeed, Fail, Choice]',
    );
  if (state.type !== 'Task') return;
  if (state.resource.kind === 'activity') throw unsupported('TestState API does not support Activity tasks');
  if (state.resource.pattern !== 'requestResponse')
    throw unsupported('TestState API does not support .sync or .waitForTaskToken service integration patterns');
  if (roleArn === undefined) throw refusal('RoleArn must be specified when testing a Task state');
}

function unsupported(message: string): ServiceError {
  return new ServiceError('InvalidDefinition', message);
}

export function refusal(message: string): ServiceError {
  return new ServiceError('ValidationException', message);
}
