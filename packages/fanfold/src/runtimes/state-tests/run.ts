/** One test under way: the work of its state is mocked or called, and what it waits for is waited for. */
import {
  StateTest,
  type StateTestParams,
  type StateTestProgress,
  type StateTestResult,
  type TaskCommand,
} from '../../interpreter/test-state.ts';
import { Value } from '../../interpreter/value.ts';
import { isArray, member } from '../../json.ts';
import type { Clock } from '../../ports/clock.ts';
import { ServiceError } from '../../ports/service-error.ts';
import type { HttpExchange, Services, TaskOutcome } from '../../ports/services.ts';
import type { StateTestRequest } from '../../ports/state-tests.ts';
import { type Mocked, refusal } from './mock.ts';
import type { Subject } from './subject.ts';

export interface RunOptions {
  readonly services: () => Services;
  readonly clock: Clock;
  /** 32 random bits. */
  readonly seed: () => number;
  /** After how many milliseconds a test is given up. @defaultValue five minutes, as on AWS */
  readonly longestMs?: number;
}

/** As long as AWS lets a test take. */
const LONGEST_MS = 5 * 60 * 1000;

export interface MockedRun {
  readonly mocked: Mocked;
  readonly request: StateTestRequest;
  readonly subject: Subject;
}

export class Run {
  readonly #test: StateTest;
  readonly #options: RunOptions;
  readonly #end: number;
  /** What gives up a test that waits. */
  readonly #open: Set<() => void>;
  readonly #revealSecrets: boolean;
  /** What went over HTTP, as TRACE shows it. */
  exchange: HttpExchange | undefined;

  constructor(params: StateTestParams, options: RunOptions, open: Set<() => void>, revealSecrets: boolean) {
    this.#test = new StateTest(params);
    this.#options = options;
    this.#open = open;
    this.#revealSecrets = revealSecrets;
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
    const end = Math.min(until, this.#end);
    if (end > this.#options.clock.now()) await this.#within(end, new Promise<never>(() => {}));
    return until > this.#end ? undefined : this.#test.answer({ kind: 'timer' }, this.#outside());
  }

  /** What is awaited, or undefined when the time has come. @throws ServiceError when the tests are closed */
  async #within<T>(at: number, awaited: Promise<T>): Promise<T | undefined> {
    const late = Promise.withResolvers<undefined>();
    const disarm = this.#options.clock.wake(at, () => late.resolve(undefined));
    const giveUp = (): void =>
      late.reject(
        new ServiceError('ServiceUnavailable', 'The engine is being stopped; test the state again later.', 503),
      );
    this.#open.add(giveUp);
    try {
      return await Promise.race([awaited, late.promise]);
    } finally {
      disarm();
      this.#open.delete(giveUp);
    }
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
    const { services } = this.#options;
    const abort = new AbortController();
    const end = Math.min(timeoutAt ?? this.#end, this.#end);
    const { resource, parameters, state: stateName, idempotencyKey, frame, attempt } = command;
    const task = { executionArn: idempotencyKey.split('#')[0] ?? '', frame, attempt };
    const signal = abort.signal;
    const trace = {
      revealSecrets: this.#revealSecrets,
      tell: (exchange: HttpExchange): void => {
        this.exchange = exchange;
      },
    };
    const request = { task, resource, parameters, stateName, idempotencyKey, signal, trace };
    let outcome: TaskOutcome | undefined;
    try {
      outcome = await this.#within(end, services().perform(request));
    } finally {
      if (!outcome) abort.abort();
    }
    if (outcome) return this.#test.answer(answerOf(outcome), this.#outside());
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
