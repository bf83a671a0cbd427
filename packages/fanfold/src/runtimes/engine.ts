/**
 * Running executions: gives their events to `step`, commits what it adds, and hands on what it asks for once that is
 * durable.
 *
 * D1 Each execution has one serial mailbox: its steps run one after the other, in this thread.
 * D2 Commands are performed after the commit of the step that gave them (I2).
 * D3 A store that fails is fatal: nothing more is performed, `onFatal` is told once, and whoever asks gets the error.
 */
import type { Command, Outside, RedriveParams, StepEvent } from '../interpreter/event.ts';
import { type Execution, isClosed } from '../interpreter/execution.ts';
import type { LimitWarning } from '../interpreter/limits.ts';
import type { Machine } from '../interpreter/machine.ts';
import { type StepResult, step } from '../interpreter/step.ts';
import type { Clock } from '../ports/clock.ts';
import type { Commit, OutboxMessage, Store } from '../ports/store.ts';
import { closingMessages } from './closing-messages.ts';
import { LiveExecution } from './live-execution.ts';
import { createMailboxes, type Mailboxes } from './mailboxes.ts';
import { PassingMap } from '../passing-map.ts';

export interface EngineOptions {
  readonly store: Store;
  readonly clock: Clock;
  /** 32 random bits. */
  readonly seed: () => number;
  /** The most iterations of one Map at once, where the Map itself does not say. @defaultValue 40, as on AWS */
  readonly window?: number;
  /** The most events that are taken in in one turn of the event loop; large outcomes count for more. @defaultValue the store's, or {@link EVENTS_PER_TURN} */
  readonly eventsPerTurn?: number;
  /** What task tokens are made with. Who changes it makes all tokens that are out worthless. */
  readonly tokenSecret: string;
  /** The store has failed, and with it the engine. */
  readonly onFatal: (error: unknown) => void;
}

/** What the engine tells of. Set by the driver, before anything runs. */
export interface EngineEvents {
  /** Durable, and now to be done. */
  perform(live: LiveExecution, command: Command): void;
  /** It runs from now on: it was started, or recovered. */
  added(live: LiveExecution): void;
  /** It passed limits of AWS that it does not keep. */
  warned(execution: Execution, warnings: readonly LimitWarning[]): void;
  /** It has ended, durably, and is not live any more. */
  closed(live: LiveExecution, messages: readonly OutboxMessage[]): void;
  /** Nothing goes on any more. */
  over(reason: unknown): void;
}

/** So that a commit takes about a millisecond (ADR 14). */
const EVENTS_PER_TURN = 50;

/** What is larger costs a commit more: an outcome of more bytes counts for so many events. */
const WEIGHTS: readonly (readonly [bytes: number, events: number])[] = [
  [32_768, 10],
  [1024, 2],
];

function weightOf(event: StepEvent): number {
  if (!('output' in event)) return 1;
  for (const [bytes, events] of WEIGHTS) if (event.output.exceeds(bytes)) return events;
  return 1;
}

interface Step {
  readonly live: LiveExecution;
  readonly result: StepResult;
  readonly before: Execution;
}

interface Write {
  readonly write: Promise<void>;
  readonly steps: Step[];
  readonly performed: Promise<void>;
}

export class Engine {
  readonly live: ReadonlyMap<string, LiveExecution>;
  readonly #live = new PassingMap<string, LiveExecution>();
  readonly #options: EngineOptions;
  readonly #deadlines = new PassingMap<string, () => void>();
  #events: EngineEvents | undefined;
  readonly #mailboxes: Mailboxes<LiveExecution, StepEvent>;
  #transitions = 0;
  #lastWrite: Write | undefined;
  /** Why nothing goes on any more. */
  #over: { readonly reason: unknown } | undefined;

  constructor(options: EngineOptions) {
    this.#options = options;
    this.live = this.#live;
    this.#mailboxes = createMailboxes({
      most: () => options.eventsPerTurn ?? options.store.eventsPerTurn?.() ?? EVENTS_PER_TURN,
      weigh: weightOf,
      take: (live, event) => {
        try {
          this.#take(live, event);
        } catch (error) {
          this.fatal(error);
        }
      },
      soon: options.clock.soon,
    });
  }

  use(events: EngineEvents): void {
    this.#events = events;
  }

  get transitions(): number {
    return this.#transitions;
  }

  outside(at: number = this.#options.clock.now()): Required<Outside> {
    const { seed, window = 40, tokenSecret } = this.#options;
    return { at, seed: seed(), window, tokenSecret };
  }

  get tokenSecret(): string {
    return this.#options.tokenSecret;
  }

  /**
   * Makes an execution's first step. False, and nothing kept, when there is an execution with this ARN.
   * @param amend changes what the first step says of the execution
   */
  async create(
    machine: Machine,
    execution: Execution,
    amend: (result: StepResult) => StepResult = (result) => result,
  ): Promise<boolean> {
    const live = new LiveExecution(machine, { execution });
    const result = amend(step(machine, live, { kind: 'start', ...this.outside(execution.startedAt) }));
    if (!(await this.commit(this.#options.store.create(commitOf(result))))) return false;
    live.apply(result);
    this.#transitions += result.execution.transitions;
    if (this.#over) return true;
    this.add(live);
    this.arm(live);
    this.#performed(live, result, execution);
    return true;
  }

  /**
   * Makes the first step of an execution whose store forgets it. One that ends in it never comes to the store: it is
   * returned as it ended. Of another a promise is returned, which resolves once it runs.
   */
  createBrief(
    machine: Machine,
    execution: Execution,
    amend: (result: StepResult) => StepResult,
  ): Execution | Promise<void> {
    const live = new LiveExecution(machine, { execution });
    const result = amend(step(machine, live, { kind: 'start', ...this.outside(execution.startedAt) }));
    this.#transitions += result.execution.transitions;
    if (isClosed(result.execution)) return result.execution;
    live.apply(result);
    return this.commit(this.#options.store.create(commitOf(result))).then(() => {
      if (this.#over) return;
      this.add(live);
      this.arm(live);
      this.#performed(live, result, execution);
    });
  }

  /** Lets an execution that has ended run again. @param live as it was loaded */
  async redrive(live: LiveExecution, params: RedriveParams): Promise<LiveExecution> {
    const before = live.execution;
    const result = step(live.machine, live, { kind: 'redrive', ...params, ...this.outside() });
    await this.commit(this.#options.store.commit(commitOf(result)));
    live.apply(result);
    if (this.#over) return live;
    this.add(live);
    this.arm(live);
    this.#performed(live, result, before);
    return live;
  }

  add(live: LiveExecution): void {
    this.#live.set(live.execution.arn, live);
    this.#events?.added(live);
  }

  /** Sets the timer of the execution's own TimeoutSeconds. */
  arm(live: LiveExecution): void {
    const { arn, deadline } = live.execution;
    if (deadline === null || isClosed(live.execution)) return;
    const disarm = this.#options.clock.wake(deadline, () => this.post(live, { kind: 'deadline', ...this.outside() }));
    this.#deadlines.set(arn, disarm);
  }

  /** Gives an execution an event that nobody waits for, now or when its turn comes. */
  post(live: LiveExecution, event: StepEvent): void {
    this.#mailboxes.post(live, event);
  }

  /**
   * Gives an execution an event at once. Resolves once all that the execution has come to so far is durable, also where this
   * event changes nothing, and what it asked for is being performed.
   */
  async step(live: LiveExecution, event: StepEvent): Promise<void> {
    this.#mailboxes.empty(live);
    this.#take(live, event);
    return live.saved;
  }

  #take(live: LiveExecution, event: StepEvent): void {
    this.assertOn();
    if (isClosed(live.execution)) return;
    const before = live.execution;
    const result = step(live.machine, live, event);
    live.apply(result);
    this.#transitions += result.execution.transitions - before.transitions;
    if (result.history.length === 0 && result.frames.size === 0 && result.commands.length === 0) return;
    live.saved = this.#performAfter(this.#options.store.commit(commitOf(result)), { live, result, before });
  }

  /**
   * What is written together becomes durable together, and is performed in one go.
   * @returns resolves after that. Who does not wait for it need not look at how it ends
   */
  #performAfter(write: Promise<void>, step: Step): Promise<void> {
    const last = this.#lastWrite;
    if (last?.write === write) {
      last.steps.push(step);
      return last.performed;
    }
    const steps = [step];
    const performed = this.commit(
      write.then(() => {
        for (const { live, result, before } of steps) this.#performed(live, result, before);
      }),
    );
    performed.catch(() => {});
    this.#lastWrite = { write, steps, performed };
    return performed;
  }

  /** A write that the engine cannot do without. */
  async commit<T>(write: Promise<T>): Promise<T> {
    try {
      return await write;
    } catch (error) {
      this.fatal(error);
      throw error;
    }
  }

  fatal(error: unknown): void {
    if (this.#over) return;
    this.end(error);
    this.#options.onFatal(error);
  }

  get isOver(): boolean {
    return this.#over !== undefined;
  }

  /** @throws what the engine has ended with */
  assertOn(): void {
    if (this.#over) throw this.#over.reason;
  }

  /** Nothing goes on any more; who waits is told why. */
  end(reason: unknown): void {
    if (this.#over) return;
    this.#over = { reason };
    this.#mailboxes.clear();
    this.#events?.over(reason);
  }

  /** Lets go of all that is open. */
  close(): void {
    for (const disarm of this.#deadlines.values()) disarm();
    for (const live of this.#live.values()) live.cancelAll();
    this.#live.clear();
  }

  /** A step is durable: now the outside world may know. */
  #performed(live: LiveExecution, result: StepResult, before: Execution): void {
    if (this.#over) return;
    const { warnings } = result.execution;
    if (warnings && warnings !== before.warnings)
      this.#events?.warned(result.execution, warnings.slice(before.warnings?.length));
    for (const command of result.commands) this.#events?.perform(live, command);
    if (!isClosed(result.execution)) return;
    const { arn } = result.execution;
    live.cancelAll();
    this.#live.delete(arn);
    this.#deadlines.get(arn)?.();
    this.#deadlines.delete(arn);
    this.#events?.closed(live, closingMessages(result.execution));
  }
}

function commitOf(result: StepResult): Commit {
  const { execution, frames, outputs, droppedForks, history } = result;
  return { execution, frames, outputs, droppedForks, history, outbox: closingMessages(execution) };
}
