/**
 * The event history. `step` leaves compact records; {@link renderEvent} gives them the shape of AWS's
 * GetExecutionHistory when somebody reads them.
 */
import type { Resource } from '../asl/resource.ts';
import type { Json, JsonObject } from '../json.ts';
import type { Value } from './value.ts';

type StateKind = 'Pass' | 'Task' | 'Choice' | 'Wait' | 'Succeed' | 'Fail' | 'Parallel' | 'Map';

export type HistoryEventType =
  | 'ExecutionStarted'
  | 'ExecutionSucceeded'
  | 'ExecutionFailed'
  | 'ExecutionTimedOut'
  | 'ExecutionAborted'
  | 'ExecutionRedriven'
  | `${StateKind}StateEntered`
  | `${StateKind}StateExited`
  | `${'Task' | 'Wait' | 'Parallel' | 'Map'}StateAborted`
  | `LambdaFunction${'Scheduled' | 'Started' | 'Succeeded' | 'Failed' | 'TimedOut'}`
  | `Activity${'Scheduled' | 'Started' | 'Succeeded' | 'Failed' | 'TimedOut'}`
  | `Task${'Scheduled' | 'Started' | 'Submitted' | 'Succeeded' | 'Failed' | 'TimedOut'}`
  | `${'Map' | 'Parallel'}State${'Started' | 'Succeeded' | 'Failed'}`
  | `MapIteration${'Started' | 'Succeeded' | 'Failed' | 'Aborted'}`
  | `MapRun${'Started' | 'Succeeded' | 'Failed' | 'Aborted' | 'Redriven'}`
  | 'EvaluationFailed';

/** Made once, because the two are told of every state. */
export const ENTERED: { readonly [kind in StateKind]: `${kind}StateEntered` } = {
  Pass: 'PassStateEntered',
  Task: 'TaskStateEntered',
  Choice: 'ChoiceStateEntered',
  Wait: 'WaitStateEntered',
  Succeed: 'SucceedStateEntered',
  Fail: 'FailStateEntered',
  Parallel: 'ParallelStateEntered',
  Map: 'MapStateEntered',
};

export const EXITED: { readonly [kind in StateKind]: `${kind}StateExited` } = {
  Pass: 'PassStateExited',
  Task: 'TaskStateExited',
  Choice: 'ChoiceStateExited',
  Wait: 'WaitStateExited',
  Succeed: 'SucceedStateExited',
  Fail: 'FailStateExited',
  Parallel: 'ParallelStateExited',
  Map: 'MapStateExited',
};

export interface HistoryRecord {
  readonly id: number;
  readonly previous: number;
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly type: HistoryEventType;
  /** The state it belongs to; null for events of the execution. */
  readonly state: string | null;
  /** The input, output or parameters that the event tells of. */
  readonly value: Value | null;
  /** The other fields of its details, as AWS names them. */
  readonly detail: JsonObject | null;
}

/** An event as GetExecutionHistory gives it. */
export interface HistoryEvent {
  readonly id: number;
  readonly previousEventId: number;
  readonly timestamp: Date;
  readonly type: string;
  readonly [details: `${string}EventDetails`]: JsonObject;
}

/** Which member holds the details of an event, and under which name its value stands there. */
interface Shape {
  readonly details: `${string}EventDetails`;
  readonly value?: 'input' | 'output' | 'parameters';
  /** The details name the state's resource: `full` as the definition has it, `parts` as type and action. */
  readonly resource?: 'full' | 'parts';
  readonly name?: true;
}

function shapeOf(type: HistoryEventType): Shape | undefined {
  if (type.endsWith('StateEntered')) return { details: 'stateEnteredEventDetails', value: 'input', name: true };
  if (type.endsWith('StateExited')) return { details: 'stateExitedEventDetails', value: 'output', name: true };
  return SHAPES[type];
}

const SHAPES: { readonly [type in HistoryEventType]?: Shape } = {
  EvaluationFailed: { details: 'evaluationFailedEventDetails' },
  ExecutionStarted: { details: 'executionStartedEventDetails', value: 'input' },
  ExecutionSucceeded: { details: 'executionSucceededEventDetails', value: 'output' },
  ExecutionFailed: { details: 'executionFailedEventDetails' },
  ExecutionTimedOut: { details: 'executionTimedOutEventDetails' },
  ExecutionAborted: { details: 'executionAbortedEventDetails' },
  ExecutionRedriven: { details: 'executionRedrivenEventDetails' },
  LambdaFunctionScheduled: { details: 'lambdaFunctionScheduledEventDetails', value: 'input', resource: 'full' },
  LambdaFunctionSucceeded: { details: 'lambdaFunctionSucceededEventDetails', value: 'output' },
  LambdaFunctionFailed: { details: 'lambdaFunctionFailedEventDetails' },
  LambdaFunctionTimedOut: { details: 'lambdaFunctionTimedOutEventDetails' },
  ActivityScheduled: { details: 'activityScheduledEventDetails', value: 'input', resource: 'full' },
  ActivityStarted: { details: 'activityStartedEventDetails' },
  ActivitySucceeded: { details: 'activitySucceededEventDetails', value: 'output' },
  ActivityFailed: { details: 'activityFailedEventDetails' },
  ActivityTimedOut: { details: 'activityTimedOutEventDetails' },
  TaskScheduled: { details: 'taskScheduledEventDetails', value: 'parameters', resource: 'parts' },
  TaskStarted: { details: 'taskStartedEventDetails', resource: 'parts' },
  TaskSubmitted: { details: 'taskSubmittedEventDetails', value: 'output', resource: 'parts' },
  TaskSucceeded: { details: 'taskSucceededEventDetails', value: 'output', resource: 'parts' },
  TaskFailed: { details: 'taskFailedEventDetails', resource: 'parts' },
  TaskTimedOut: { details: 'taskTimedOutEventDetails', resource: 'parts' },
  MapStateStarted: { details: 'mapStateStartedEventDetails' },
  MapRunStarted: { details: 'mapRunStartedEventDetails' },
  MapRunFailed: { details: 'mapRunFailedEventDetails' },
  MapRunRedriven: { details: 'mapRunRedrivenEventDetails' },
  MapIterationStarted: { details: 'mapIterationStartedEventDetails', name: true },
  MapIterationSucceeded: { details: 'mapIterationSucceededEventDetails', name: true },
  MapIterationFailed: { details: 'mapIterationFailedEventDetails', name: true },
  MapIterationAborted: { details: 'mapIterationAbortedEventDetails', name: true },
};

/**
 * Gives a record AWS's shape.
 * @param resourceOf the resource of a Task state, by the state's name
 * @param includeData false leaves out inputs and outputs, as `includeExecutionData: false` does
 */
export function renderEvent(
  record: HistoryRecord,
  resourceOf: (state: string) => Resource | undefined,
  includeData = true,
): HistoryEvent {
  const event = { id: record.id, previousEventId: record.previous, timestamp: new Date(record.at), type: record.type };
  const shape = shapeOf(record.type);
  if (!shape) return event;
  const details: Record<string, Json> = { ...record.detail };
  if (shape.name && record.state !== null) details['name'] = record.state;
  if (shape.resource && record.state !== null)
    Object.assign(details, resourceFields(shape.resource, resourceOf(record.state)));
  if (shape.value && record.value) {
    if (includeData) details[shape.value] = record.value.text;
    if (shape.value !== 'parameters') details[`${shape.value}Details`] = { truncated: false };
  }
  return { ...event, [shape.details]: details };
}

function resourceFields(form: 'full' | 'parts', resource: Resource | undefined): JsonObject {
  if (!resource) return {};
  return form === 'full' ? { resource: resource.arn } : { resourceType: resource.service, resource: resource.action };
}
