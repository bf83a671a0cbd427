/**
 * `states:startExecution` in its forms. The child remembers which attempt of which task has started it, so that a task
 * performed again after a crash finds the child that it had started (I3). Of `.sync` forms the outcome comes with the child's end, as a message.
 */
import { randomUUID } from 'node:crypto';
import { parseResource } from '../../asl/resource.ts';
import type { Execution, Origin } from '../../interpreter/execution.ts';
import { Value } from '../../interpreter/value.ts';
import { isObject, type Json, type JsonObject } from '../../json.ts';
import type { Executions, Started } from '../../ports/executions.ts';
import { ServiceError } from '../../ports/service-error.ts';
import type { Service, TaskOutcome, TaskRequest } from '../../ports/services.ts';
import { executionArn } from '../../state-machine-arn.ts';
import { sdkMetadata } from '../sdk-metadata.ts';
import { taskKey } from '../task-key.ts';
import { outcomeOf } from './outcome.ts';

export interface StatesServiceParams {
  readonly executions: Executions;
  /** The project's own ARN of the state machine that an ARN of any partition, region and account names. */
  readonly resolve: (stateMachineArn: string) => string;
}

/** Which forms wait for the child, and how its output is given. */
const FORMS: Readonly<Record<string, 'none' | 'text' | 'json'>> = {
  startExecution: 'none',
  // Who waits is told with the token, by whomever the child gives it to.
  'startExecution.waitForTaskToken': 'none',
  'startExecution.sync': 'text',
  'startExecution.sync:2': 'json',
};

const FIELDS: ReadonlySet<string> = new Set(['StateMachineArn', 'Input', 'Name', 'TraceHeader']);

export function createStatesService({ executions, resolve }: StatesServiceParams): Service {
  const perform = async (request: TaskRequest): Promise<TaskOutcome> => {
    const action = parseResource(request.resource)?.action ?? '';
    const form = Object.hasOwn(FORMS, action) ? FORMS[action] : undefined;
    if (!form) return failed('States.Runtime', `The resource '${request.resource}' is not available here.`);
    const params = readParams(request.parameters.json);
    if (typeof params === 'string') return failed('States.Runtime', params);
    const origin: TaskOrigin | undefined =
      form === 'none' ? undefined : { kind: 'task', ...request.task, output: form };
    const former = origin && (await goOn(executions, resolve, request, params, origin));
    if (former) return former;
    const key = taskKey(request);
    const started = await executions.start({
      stateMachineArn: resolve(params.stateMachineArn),
      name: params.name ?? key,
      input: params.input,
      startedBy: key,
      ...(origin && { origin }),
    });
    if (form === 'none') return { kind: 'succeeded', output: Value.ofJson(startOutput(started)) };
    if (await isOurs(executions, started.executionArn, request))
      return { kind: 'submitted', output: Value.ofJson(startOutput(started)) };
    // Somebody else had started an execution of this name and input: as on AWS it is the one that is waited for.
    return outcomeOf(await executions.closed(started.executionArn), form);
  };
  return {
    perform: async (request) => {
      try {
        return await perform(request);
      } catch (error) {
        if (error instanceof ServiceError) return refused(error);
        throw error;
      }
    },
  };
}

type TaskOrigin = Extract<Origin, { kind: 'task' }>;

/**
 * A redriven task goes on with the child that an attempt before had started: the child is redriven too, or, where somebody
 * has redriven it since, its outcome is taken. Undefined when a new child is to be started.
 */
async function goOn(
  executions: Executions,
  resolve: StatesServiceParams['resolve'],
  request: TaskRequest,
  params: StartExecutionParams,
  origin: TaskOrigin,
): Promise<TaskOutcome | undefined> {
  for (const attempt of request.redriveOf ?? []) {
    const name = params.name ?? taskKey({ ...request, task: { ...request.task, attempt } });
    const child = await childOf(executions, executionArn(resolve(params.stateMachineArn), name), origin);
    if (child) return goOnWith(executions, child, origin);
  }
  return undefined;
}

async function goOnWith(
  executions: Executions,
  child: Execution,
  origin: TaskOrigin,
): Promise<TaskOutcome | undefined> {
  const submitted: TaskOutcome = {
    kind: 'submitted',
    output: Value.ofJson(
      startOutput({ executionArn: child.arn, startDate: new Date(child.startedAt), existing: true }),
    ),
  };
  if ((child.origin as TaskOrigin).attempt === origin.attempt) return submitted;
  // It is being stopped, or somebody has redriven it.
  const ended = await executions.closed(child.arn);
  if (ended.status === 'SUCCEEDED') return ended.redrive ? outcomeOf(ended, origin.output) : undefined;
  try {
    await executions.redrive({ executionArn: child.arn, origin });
    return submitted;
  } catch (error) {
    if (error instanceof ServiceError && error.code === 'ExecutionNotRedrivable') return undefined;
    throw error;
  }
}

/** The execution, when a task of this frame has started it. */
async function childOf(
  executions: Executions,
  executionArn: string,
  { executionArn: parent, frame }: TaskOrigin,
): Promise<Execution | undefined> {
  try {
    const found = await executions.describe(executionArn);
    const { origin } = found;
    return origin?.kind === 'task' && origin.executionArn === parent && origin.frame === frame ? found : undefined;
  } catch (error) {
    if (error instanceof ServiceError && error.code === 'ExecutionDoesNotExist') return undefined;
    throw error;
  }
}

/** Whether this very task has started the execution. */
async function isOurs(executions: Executions, executionArn: string, { task }: TaskRequest): Promise<boolean> {
  const { origin } = await executions.describe(executionArn);
  return (
    origin?.kind === 'task' &&
    origin.executionArn === task.executionArn &&
    origin.frame === task.frame &&
    origin.attempt === task.attempt
  );
}

interface StartExecutionParams {
  readonly stateMachineArn: string;
  readonly input: string;
  readonly name: string | undefined;
}

/** @returns what is wrong with them, as a text */
function readParams(json: Json): StartExecutionParams | string {
  if (!isObject(json)) return 'The Parameters of startExecution must be an object.';
  const unknown = Object.keys(json).filter((field) => !FIELDS.has(field));
  if (unknown.length > 0) return `The field '${unknown.join("', '")}' is not supported by startExecution.`;
  const { StateMachineArn, Name, Input } = json;
  if (typeof StateMachineArn !== 'string') return "The field 'StateMachineArn' is required but was missing";
  if (Name !== undefined && typeof Name !== 'string') return "The field 'Name' must be a string.";
  return { stateMachineArn: StateMachineArn, name: Name, input: inputText(Input) };
}

function inputText(input: Json | undefined): string {
  if (input === undefined || input === null) return '{}';
  return typeof input === 'string' ? input : JSON.stringify(input);
}

function startOutput({ executionArn, startDate }: Started): JsonObject {
  const members = { ExecutionArn: executionArn, StartDate: startDate.getTime() };
  const requestId = randomUUID();
  const headers = {
    'x-amzn-RequestId': requestId,
    connection: 'keep-alive',
    'Content-Length': String(JSON.stringify(members).length),
    Date: startDate.toUTCString(),
    'Content-Type': 'application/x-amz-json-1.0',
  };
  return { ...members, ...sdkMetadata(headers, requestId) };
}

function refused(error: ServiceError): TaskOutcome {
  const details = `(Service: AWSStepFunctions; Status Code: ${error.status}; Error Code: ${error.code}; Request ID: ${randomUUID()}; Proxy: null)`;
  return failed(`StepFunctions.${error.code}Exception`, `${error.message} ${details}`);
}

function failed(error: string, cause: string): TaskOutcome {
  return { kind: 'failed', error, cause };
}
