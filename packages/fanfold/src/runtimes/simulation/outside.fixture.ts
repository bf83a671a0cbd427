/**
 * Those outside who do the work of tasks: jobs that end, holders of tokens, workers of an activity. They outlive the
 * process, tell of an outcome until it is taken in, and of some of them again.
 */
import { readTaskToken } from '../../interpreter/task-token.ts';
import { Value } from '../../interpreter/value.ts';
import { ServiceError } from '../../ports/service-error.ts';
import type { TaskRef } from '../../ports/services.ts';
import { ACTIVITY, type GeneratedMachine } from '../../testing/machines.fixture.ts';
import { activityArn } from '../driver.fixture.ts';
import { type Action, whether } from './actions.fixture.ts';
import { demand } from './broken.fixture.ts';
import type { Chance } from './chance.fixture.ts';
import type { Fault } from './faults.fixture.ts';
import { type Ledger, nameOf } from './ledger.fixture.ts';
import { type FinalOutcome, outcomeOf, type Process, TOKEN_SECRET } from './process.fixture.ts';

/** Work that was handed over. */
interface Job {
  readonly task: TaskRef;
  readonly outcome: FinalOutcome | undefined;
  /** What it is told with; without one it is told to the engine itself. */
  readonly token: string | undefined;
  taken: boolean;
}

type Told = Pick<Job, 'task' | 'token'> & { readonly outcome: FinalOutcome };

export interface OutsideParams {
  readonly family: GeneratedMachine;
  readonly fault: Fault;
  readonly ledger: Ledger;
  readonly process: () => Process;
  /** How many processes there were before this one. */
  readonly number: () => number;
  /** Hears of an answer as long as the process lives that gives it. */
  readonly watch: <T>(promise: Promise<T>, told: (value: T) => void) => void;
}

export class Outside {
  readonly #params: OutsideParams;
  readonly #jobs = new Map<string, Job>();
  readonly #past: Told[] = [];
  /** Workers of the activity that wait for a task. */
  #workers: AbortController[] = [];

  constructor(params: OutsideParams) {
    this.#params = params;
  }

  handOver(task: TaskRef, outcome: FinalOutcome | undefined, token: string | undefined): void {
    const name = nameOf(task);
    if (!this.#jobs.has(name)) this.#jobs.set(name, { task, outcome, token, taken: false });
  }

  /** Somebody has answered, and may answer again. */
  answered(task: TaskRef, outcome: FinalOutcome): void {
    this.#past.push({ task, outcome, token: undefined });
  }

  actions(chance: Chance, wild: number): Readonly<Record<string, Action>> {
    return {
      'job ends': { weight: 6, choose: () => whether(chance.of(this.toTell()), (job) => this.tellOf(job)) },
      'answer again': { weight: 4, choose: () => whether(chance.of(this.#past), (told) => this.#again(told)) },
      'worker asks': { weight: this.#workers.length < 2 ? 4 * wild : 0, choose: () => () => this.poll() },
      'worker leaves': {
        weight: 0.5 * wild,
        choose: () => whether(chance.of(this.#workers), (each) => this.#leave(each)),
      },
      'worker dies': { weight: 0.5 * wild, choose: () => whether(chance.of(this.toTell()), (job) => this.#lose(job)) },
      beat: { weight: 2 * wild, choose: () => whether(chance.of(this.#tokens()), (job) => this.#beat(job)) },
    };
  }

  toTell(): Job[] {
    return [...this.#jobs.values()].filter(({ taken, outcome }) => outcome && !taken);
  }

  /** Whether a worker waits for a task. */
  get asks(): boolean {
    return this.#workers.length > 0;
  }

  tellOf(job: Job): void {
    const { task, outcome, token } = job;
    if (!outcome) return;
    const done = (): void => {
      job.taken = true;
      this.#past.push({ task, outcome, token });
    };
    if (token !== undefined) return this.#tellByToken(task, outcome, token, done);
    this.#params.watch(this.#params.process().rig.driver.outcomes.settle(task, outcome), () => {
      this.#params.ledger.settled(task);
      done();
    });
  }

  poll(): void {
    const { process, number, watch, fault, ledger, family } = this.#params;
    const patience = new AbortController();
    this.#workers.push(patience);
    const asking = process().take({ activityArn: activityArn(ACTIVITY), signal: patience.signal });
    watch(asking, (given) => {
      this.#leave(patience);
      if (!given) return;
      const task = readTaskToken(fault.tokenSecret?.(number()) ?? TOKEN_SECRET, given.taskToken);
      demand(task !== undefined, 'I9: a worker is given a token that is none');
      ledger.given(task);
      const state = ledger.executions.get(task.executionArn)?.frames.get(task.frame)?.state ?? '';
      this.handOver(task, outcomeOf(family, state, Value.ofText(given.input)), given.taskToken);
    });
  }

  /** No worker waits any more. */
  leaveAll(): void {
    for (const worker of this.#workers) this.#leave(worker);
  }

  /** The process that they waited at is gone. */
  forgetWorkers(): void {
    this.#workers = [];
  }

  /** Whoever holds a token is told whether it counted. */
  #tellByToken(task: TaskRef, outcome: FinalOutcome, taskToken: string, done: () => void = () => {}): void {
    const { process, watch, ledger } = this.#params;
    const { tokens } = process();
    const telling =
      outcome.kind === 'succeeded'
        ? tokens.succeed({ taskToken, output: outcome.output.text })
        : tokens.fail({ taskToken, error: outcome.error, cause: outcome.cause ?? '' });
    watch(
      telling.then(() => undefined, refusal),
      (refused) => {
        if (refused) ledger.refused(task, refused);
        else ledger.accepted(task);
        done();
      },
    );
  }

  #tokens(): Job[] {
    return [...this.#jobs.values()].filter(({ token }) => token !== undefined);
  }

  #beat({ task, token = '' }: Job): void {
    const { process, watch, ledger } = this.#params;
    watch(
      process()
        .tokens.heartbeat({ taskToken: token })
        .then(() => undefined, refusal),
      (refused) => {
        if (refused) ledger.refused(task, refused);
      },
    );
  }

  /** Somebody who works on a task is never heard of again. */
  #lose({ task, token }: Job): void {
    this.#jobs.set(nameOf(task), { task, token, outcome: undefined, taken: false });
  }

  #leave(worker: AbortController): void {
    this.#workers = this.#workers.filter((one) => one !== worker);
    worker.abort();
  }

  /** Somebody tells of an outcome that was told before, perhaps to an earlier process. */
  #again({ task, outcome, token }: Told): void {
    if (token !== undefined) return this.#tellByToken(task, outcome, token);
    const { process, watch, ledger, fault } = this.#params;
    const taken = fault.taken?.(task, ledger) ?? task;
    watch(process().rig.driver.outcomes.settle(taken, outcome), () => ledger.settled(taken));
  }
}

function refusal(error: unknown): string {
  if (error instanceof ServiceError) return error.message;
  throw error;
}
