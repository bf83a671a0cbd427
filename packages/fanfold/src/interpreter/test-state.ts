/**
 * One state on its own, for TestState: the state is entered with an input, its work is answered by whoever asked, and the
 * run is over when the state is left. It is `step` that runs it; the states it may lead to only hold still.
 */
import type { QueryLanguage } from '../asl/definition.ts';
import { copyObject, isObject, type Json, type JsonObject, setKey } from '../json.ts';
import type { Command, Outside, StepEvent } from './event.ts';
import { type Execution, freshExecution } from './execution.ts';
import { type Frame, type FrameId, ROOT } from './frame.ts';
import type { HistoryRecord } from './history.ts';
import { inspected, type Inspection, type ReadItems } from './inspect.ts';
import type { Limits } from './limits.ts';
import type { Machine, State, WaitState } from './machine.ts';
import type { Probe } from './probe.ts';
import { step } from './step.ts';
import { Value } from './value.ts';

export interface StateTestParams {
  readonly state: State;
  readonly language: QueryLanguage;
  readonly input: Value;
  /** Assigned before the state is entered. */
  readonly variables: JsonObject;
  /** The context object. */
  readonly context: JsonObject;
  /** How often each retrier was used before. */
  readonly retries: number;
  /** A Map's items, where its ItemReader reads them. */
  readonly items: ReadItems | null;
  readonly limits: Limits;
  /** Names the run in what it asks services for. */
  readonly executionArn: string;
}

/** What the run waits for, or how it ended. */
export type StateTestProgress =
  | { readonly kind: 'task'; readonly command: TaskCommand; readonly timeoutAt: number | null }
  | { readonly kind: 'wait'; readonly until: number; readonly attempt: number }
  | { readonly kind: 'ended'; readonly result: StateTestResult };

export type TaskCommand = Extract<Command, { kind: 'task' }>;

export interface StateTestResult {
  readonly status: 'SUCCEEDED' | 'FAILED' | 'RETRIABLE' | 'CAUGHT_ERROR';
  readonly output: Value | null;
  readonly error: string | null;
  readonly cause: string | null;
  readonly nextState: string | null;
  readonly inspection: Inspection;
  /** All that are assigned after the state. */
  readonly variables: JsonObject;
  readonly errorDetails: ErrorDetails;
}

export interface ErrorDetails {
  readonly retryIndex?: number;
  readonly retryBackoffIntervalSeconds?: number;
  readonly catchIndex?: number;
}

/** What the outside world answers, without what every event brings. */
export type Answer =
  | { readonly kind: 'taskSucceeded'; readonly output: Value }
  | { readonly kind: 'taskFailed'; readonly error: string; readonly cause: string | null }
  | { readonly kind: 'timer' };

/** The tested state stands under a name that no other state has: it may lead to itself. */
const TESTED = '';

export class StateTest {
  readonly #params: StateTestParams;
  readonly #machine: Machine;
  readonly #inspection: Record<string, string | number> = {};
  readonly #frames: Map<FrameId, Frame>;
  #execution: Execution;
  #failure: { readonly error: string | null; readonly cause: string | null } | undefined;
  #details: ErrorDetails = {};
  #exited: HistoryRecord | undefined;

  constructor(params: StateTestParams) {
    const { state, language, input, items } = params;
    this.#params = params;
    this.#machine = machineOf(inspected(state, { language, input, items, into: this.#inspection }));
    this.#execution = executionOf(params);
    this.#frames = new Map([[ROOT, frameOf(params)]]);
  }

  /** What the state has made so far. */
  get inspection(): Inspection {
    return this.#inspection;
  }

  /** Enters the state. */
  start(outside: Outside): StateTestProgress {
    return this.#step({ kind: 'continue', ...outside });
  }

  answer(answer: Answer, outside: Outside): StateTestProgress {
    const attempt = this.#frames.get(ROOT)?.attempt ?? 0;
    return this.#step({ ...answer, frame: ROOT, attempt, ...outside });
  }

  /** The time for the whole test is over. */
  timedOut(): StateTestResult {
    this.#failure = { error: 'States.Timeout', cause: null };
    return this.#result(undefined);
  }

  #step(event: StepEvent): StateTestProgress {
    const image = { execution: this.#execution, frames: this.#frames, output: () => undefined };
    const result = step(this.#machine, image, event, this.#probe());
    this.#execution = result.execution;
    for (const [id, frame] of result.frames) {
      if (frame) this.#frames.set(id, frame);
      else this.#frames.delete(id);
    }
    this.#exited ??= result.history.find(({ type }) => type.endsWith('StateExited'));
    return this.#progress(event.at, result.commands);
  }

  #probe(): Probe {
    return {
      context: this.#params.context,
      failed: (failure) => {
        this.#failure = failure;
      },
      retrier: (retryIndex) => {
        this.#details = { ...this.#details, retryIndex };
      },
      catcher: (catchIndex) => {
        this.#details = { ...this.#details, catchIndex };
      },
    };
  }

  #progress(at: number, commands: readonly Command[]): StateTestProgress {
    const frame = this.#frames.get(ROOT);
    const waiting = frame?.waiting;
    if (frame?.state === TESTED && waiting?.kind === 'task') {
      const command = commands.find((each) => each.kind === 'task') ?? activityCommand(frame, waiting.parameters);
      return { kind: 'task', command, timeoutAt: waiting.timeoutAt };
    }
    if (frame?.state === TESTED && waiting?.kind === 'timer')
      return { kind: 'wait', until: waiting.until, attempt: frame.attempt };
    if (waiting?.kind === 'retry')
      this.#details = { ...this.#details, retryBackoffIntervalSeconds: Math.round((waiting.until - at) / 1000) };
    return { kind: 'ended', result: this.#result(frame) };
  }

  #result(frame: Frame | undefined): StateTestResult {
    const { error = null, cause = null } = this.#failure ?? {};
    const parked = frame !== undefined && frame.state !== TESTED;
    return {
      status: this.#status(frame),
      output: this.#exited?.value ?? null,
      error,
      cause,
      nextState: parked ? frame.state : null,
      inspection: this.#inspection,
      variables: withAssigned(this.#params.variables, this.#exited?.detail?.['assignedVariables']),
      errorDetails: this.#details,
    };
  }

  #status(frame: Frame | undefined): StateTestResult['status'] {
    if (!this.#failure) return 'SUCCEEDED';
    if (frame?.waiting.kind === 'retry') return 'RETRIABLE';
    return this.#details.catchIndex === undefined ? 'FAILED' : 'CAUGHT_ERROR';
  }
}

/** The tested state among states that hold still. */
function machineOf(state: State): Machine {
  const states = new Map<string, State>(targetsOf(state).map((name) => [name, parking(name)]));
  states.set(TESTED, state);
  return { blocks: [{ startAt: TESTED, states }], timeoutSeconds: null, resources: new Map() };
}

function targetsOf(state: State): readonly string[] {
  const caught = 'catch' in state ? state.catch.map(({ next }) => next) : [];
  const chosen = state.type === 'Choice' ? [...state.choices.map(({ next }) => next), state.otherwise] : [];
  return [state.next, ...caught, ...chosen].filter((name) => name !== null);
}

/** A state in which nothing happens. */
function parking(name: string): WaitState {
  return {
    type: 'Wait',
    name,
    next: null,
    shape: {
      input: (scope) => scope.rawInput,
      arguments: null,
      output: (_, result) => result,
      dropsResult: false,
      assign: null,
    },
    until: () => Number.POSITIVE_INFINITY,
  };
}

function withAssigned(before: JsonObject, assigned: Json | undefined): JsonObject {
  const variables = copyObject(before);
  if (assigned === undefined || !isObject(assigned)) return variables;
  for (const [name, text] of Object.entries(assigned)) setKey(variables, name, JSON.parse(String(text)) as Json);
  return variables;
}

function executionOf({ executionArn, input, limits }: StateTestParams): Execution {
  const fresh = freshExecution({
    arn: executionArn,
    name: '',
    stateMachineArn: '',
    definition: '',
    type: 'EXPRESS',
    roleArn: '',
    startedAt: 0,
    input,
    limits,
    origin: null,
  });
  return { ...fresh, ready: [ROOT] };
}

function frameOf({ state, input, variables, retries }: StateTestParams): Frame {
  return {
    id: ROOT,
    parent: null,
    index: 0,
    block: 0,
    state: TESTED,
    input,
    enteredAt: 0,
    enteredEvent: 0,
    lastEvent: 0,
    attempt: 0,
    retries: 'retry' in state ? state.retry.map(() => retries) : [],
    variables: Value.ofJson(variables),
    waiting: { kind: 'nothing' },
  };
}

/** What only a mock stands in for: nobody is called. */
function activityCommand({ id, attempt, state }: Frame, parameters: Value): TaskCommand {
  const called = { resource: '', idempotencyKey: '', heartbeatSeconds: null };
  return { kind: 'task', frame: id, attempt, state, parameters, ...called };
}
