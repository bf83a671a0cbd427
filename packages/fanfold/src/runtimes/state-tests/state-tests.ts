/**
 * TestState: one state is entered with an input, does its work (or is told what that came to), and is left. Nothing is
 * stored, and nothing goes on after that.
 */
import type { Limits } from '../../interpreter/limits.ts';
import { Value } from '../../interpreter/value.ts';
import {
  type StateTestParams,
  type StateTestProgress,
  StateTest,
  type TaskCommand,
} from '../../interpreter/test-state.ts';
import type { StateTestResult } from '../../interpreter/test-state.ts';
import { isArray, isObject, type Json, type JsonObject, member } from '../../json.ts';
import type { Clock } from '../../ports/clock.ts';
import { ServiceError } from '../../ports/service-error.ts';
import type { Services, TaskOutcome } from '../../ports/services.ts';
import type { ResponseShapes, StateTestRequest, StateTests, TestedState } from '../../ports/state-tests.ts';
import { parseInput } from '../execution-input.ts';
import { defaultContext, parseContext } from './context.ts';
import { type Mocked, readMock, refusal } from './mock.ts';
import { itemsFrom } from './reader-data.ts';
import { findSubject, type Subject } from './subject.ts';

export interface StateTestsOptions {
  readonly services: () => Services;
  readonly clock: Clock;
  /** 32 random bits. */
  readonly seed: () => number;
  readonly region: string;
  readonly account: string;
  /** Whose limits the tested state is held to. @defaultValue local */
  readonly limits?: Limits;
  /** After how many milliseconds a test is given up. @defaultValue five minutes, as on AWS */
  readonly longestMs?: number;
  /** What mocked results are held against; without it they are taken as they are. */
  readonly responseShapes?: ResponseShapes;
}

/** As long as AWS lets a test take. */
const LONGEST_MS = 5 * 60 * 1000;

export function createStateTests(options: StateTestsOptions): StateTests {
  return {
    testState: async (request) => {
      const subject = findSubject(request.definition, request.stateName);
      const mocked = await readMock(request, subject, options.responseShapes);
      const input = parseInput(request.input ?? '{}', options.limits ?? 'local');
      const params = paramsOf(request, subject, input, options);
      const run = new Run(params, options);
      const result = await run.finish(mocked && { mocked, request, subject });
      return shown(result, params);
    },
  };
}

function paramsOf(
  { context, variables, roleArn, stateConfiguration }: StateTestRequest,
  subject: Subject,
  input: Value,
  { clock, region, account, limits = 'local' }: StateTestsOptions,
): StateTestParams {
  const retries = stateConfiguration?.retrierRetryCount ?? 0;
  const made = defaultContext({ subject, input, roleArn, retryCount: retries, at: clock.now(), region, account });
  const reader = member(subject.fields, 'ItemReader');
  return {
    state: subject.state,
    language: subject.language,
    input,
    variables: parseVariables(variables ?? '{}'),
    context: context === undefined ? made : parseContext(context, subject),
    retries,
    items: reader !== undefined && isObject(reader) ? readItems(reader, stateConfiguration?.mapItemReaderData) : null,
    limits,
    executionArn: (made['Execution'] as { Id: string }).Id,
  };
}

function readItems(reader: JsonObject, data: string | undefined): StateTestParams['items'] {
  if (data === undefined)
    throw refusal('ItemReader data must be specified when testing a Map state with ItemReader specified.');
  const { items, pointed } = itemsFrom(reader, data);
  return { value: Value.ofJson(items), pointed: pointed === undefined ? null : Value.ofJson(pointed) };
}

function parseVariables(text: string): JsonObject {
  try {
    const json = JSON.parse(text) as Json;
    if (isObject(json)) return json;
  } catch {
    // Said below.
  }
  throw refusal('Variables must be a valid JSON object');
}

interface MockedRun {
  readonly mocked: Mocked;
  readonly request: StateTestRequest;
  readonly subject: Subject;
}

class Run {
  readonly #test: StateTest;
  readonly #options: StateTestsOptions;
  readonly #end: number;

  constructor(params: StateTestParams, options: StateTestsOptions) {
    this.#test = new StateTest(params);
    this.#options = options;
    this.#end = options.clock.now() + (options.longestMs ?? LONGEST_MS);
  }

  async finish(mock: MockedRun | undefined): Promise<StateTestResult> {
    let progress = this.#test.start(this.#outside());
    while (progress.kind !== 'ended') {
      const next: StateTestProgress | undefined =
        progress.kind === 'wait'
          ? await this.#wait(progress.until)
          : mock
            ? this.#mocked(mock, progress.command)
            : await this.#perform(progress.command, progress.timeoutAt);
      if (!next) return this.#test.timedOut();
      progress = next;
    }
    return progress.result;
  }

  async #wait(until: number): Promise<StateTestProgress | undefined> {
    const { clock } = this.#options;
    const end = Math.min(until, this.#end);
    if (end > clock.now()) await new Promise<void>((resolve) => void clock.wake(end, resolve));
    return until > this.#end ? undefined : this.#test.answer({ kind: 'timer' }, this.#outside());
  }

  #mocked({ mocked, request, subject }: MockedRun, { parameters }: TaskCommand): StateTestProgress {
    const failure = subject.state.type === 'Map' ? this.#mapFailure(mocked, request, subject, parameters) : undefined;
    const outcome = failure ?? mocked;
    return outcome.kind === 'result'
      ? this.#test.answer({ kind: 'taskSucceeded', output: Value.ofText(outcome.text) }, this.#outside())
      : this.#test.answer({ kind: 'taskFailed', error: outcome.error, cause: outcome.cause }, this.#outside());
  }

  /** A mocked error goes before what the failed iterations would lead to. @param inputs of the iterations, as an array */
  #mapFailure(
    mocked: Mocked,
    { stateConfiguration }: StateTestRequest,
    { fields }: Subject,
    inputs: Value,
  ): Mocked | undefined {
    const total = isArray(inputs.json) ? inputs.json.length : 0;
    const failed = stateConfiguration?.mapIterationFailureCount ?? 0;
    if (failed > total)
      throw refusal('Map iteration failure count must be less than or equal to the number of Map iterations');
    if (mocked.kind === 'error') return undefined;
    if (member(fields, 'ResultWriter') === undefined && isArray(mocked.json) && mocked.json.length !== total)
      throw refusal("Input array does not equal the mocked result array's size.");
    const { toleratedFailureCount: count, toleratedFailurePercentage: percentage } = this.#test.inspection;
    const tooMany = typeof count === 'number' && failed > count;
    const tooMuch = typeof percentage === 'number' && total > 0 && (failed * 100) / total > percentage;
    if (!tooMany && !tooMuch) return undefined;
    return {
      kind: 'error',
      error: 'States.ExceedToleratedFailureThreshold',
      cause: 'The specified tolerated failure threshold was exceeded',
    };
  }

  async #perform(command: TaskCommand, timeoutAt: number | null): Promise<StateTestProgress | undefined> {
    const { clock, services } = this.#options;
    const abort = new AbortController();
    const end = Math.min(timeoutAt ?? this.#end, this.#end);
    const late = Promise.withResolvers<undefined>();
    const disarm = clock.wake(end, () => late.resolve(undefined));
    const { resource, parameters, state: stateName, idempotencyKey, frame, attempt } = command;
    const task = { executionArn: idempotencyKey.split('#')[0] ?? '', frame, attempt };
    const signal = abort.signal;
    const request = { task, resource, parameters, stateName, idempotencyKey, signal };
    const outcome = await Promise.race([services().perform(request), late.promise]);
    disarm();
    if (outcome) return this.#test.answer(answerOf(outcome), this.#outside());
    abort.abort();
    return timeoutAt !== null && timeoutAt <= this.#end
      ? this.#test.answer({ kind: 'timer' }, this.#outside())
      : undefined;
  }

  #outside(): { at: number; seed: number; window: number } {
    return { at: this.#options.clock.now(), seed: this.#options.seed(), window: 1 };
  }
}

function answerOf(outcome: TaskOutcome): Parameters<StateTest['answer']>[0] {
  switch (outcome.kind) {
    case 'succeeded':
      return { kind: 'taskSucceeded', output: outcome.output };
    case 'failed':
      return { kind: 'taskFailed', error: outcome.error, cause: outcome.cause ?? null };
    case 'submitted':
      throw new ServiceError(
        'InvalidDefinition',
        'The work of this task ends later; give the test a mock of its result',
      );
    default:
      return outcome satisfies never;
  }
}

function shown(result: StateTestResult, { input }: StateTestParams): TestedState {
  const { status, output, error, cause, nextState, inspection, variables, errorDetails } = result;
  return {
    status,
    ...(output && { output: output.text }),
    ...(error !== null && { error }),
    ...(cause !== null && { cause }),
    ...(nextState !== null && { nextState }),
    inspectionData: {
      input: input.text,
      ...inspection,
      ...(Object.keys(variables).length > 0 && { variables: JSON.stringify(variables) }),
      ...(Object.keys(errorDetails).length > 0 && { errorDetails: { ...errorDetails } }),
    },
  };
}
