/** Testing one state on its own: what TestState of the API and `fanfold test` share. */
import type { Resource } from '../asl/resource.ts';
import type { ErrorDetails, StateTestResult } from '../interpreter/test-state.ts';
import type { Json, JsonObject } from '../json.ts';

export interface StateTestRequest {
  /** JSON text of a single state, or of a whole state machine when there is a `stateName`. */
  readonly definition: string;
  /** Also a state inside of a Map or a Parallel. */
  readonly stateName?: string;
  /** A Task that is not mocked needs one, as on AWS. */
  readonly roleArn?: string;
  /** JSON text. @defaultValue {} */
  readonly input?: string;
  /** JSON text: an object with the variables that are assigned before. */
  readonly variables?: string;
  /** JSON text: stands in for the context object. Only with a mock. */
  readonly context?: string;
  readonly revealSecrets?: boolean;
  readonly mock?: StateMock;
  readonly stateConfiguration?: StateTestConfiguration;
}

/** What takes the place of the state's work: a result or an error. */
export interface StateMock {
  /** JSON text. */
  readonly result?: string;
  readonly errorOutput?: { readonly error?: string; readonly cause?: string };
  /** How a result is held against the API of the service. @defaultValue STRICT */
  readonly fieldValidationMode?: FieldValidationMode;
}

/**
 * STRICT: required members are there, and all that are there are as the API has them. PRESENT: only the latter. NONE: neither.
 */
export type FieldValidationMode = 'STRICT' | 'PRESENT' | 'NONE';

export interface StateTestConfiguration {
  /** How often the retrier that takes the error was used before. */
  readonly retrierRetryCount?: number;
  /** The state of a Map or Parallel that the mocked error comes from. */
  readonly errorCausedByState?: string;
  readonly mapIterationFailureCount?: number;
  /** What a distributed Map's ItemReader would read, as the source holds it. */
  readonly mapItemReaderData?: string;
}

export interface TestedState {
  readonly status: StateTestResult['status'];
  /** JSON text. */
  readonly output?: string;
  readonly error?: string;
  readonly cause?: string;
  readonly nextState?: string;
  readonly inspectionData: JsonObject & { readonly errorDetails?: ErrorDetails & JsonObject };
}

export interface StateTests {
  /**
   * Resolves when the state is left, at the latest after five minutes.
   * @throws ServiceError ValidationException, InvalidDefinition, InvalidExecutionInput
   */
  testState(request: StateTestRequest): Promise<TestedState>;
}

/** What the APIs of services answer. */
export interface ResponseShapes {
  /** What is wrong with a made-up response, in AWS's words; undefined when nothing is, or its API is not known here. */
  check(resource: Resource, response: Json, mode: 'STRICT' | 'PRESENT'): Promise<string | undefined>;
}
