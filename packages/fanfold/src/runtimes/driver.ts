/**
 * The embedded driver: loads executions, gives their events to `step`, commits what it adds, and performs what it asks
 * for once that is durable.
 *
 * D1 Each execution has one serial mailbox: its steps run one after the other, in this thread.
 * D2 Commands are performed after the commit of the step that gave them (I2).
 * D3 A store that fails is fatal: nothing more is performed, and the caller is told once.
 */
import { randomUUID } from 'node:crypto';
import type { Command, StepEvent } from '../interpreter/event.ts';
import { type Execution, isClosed, type Origin } from '../interpreter/execution.ts';
import { wakeAt } from '../interpreter/frame.ts';
import { renderEvent } from '../interpreter/history.ts';
import { type StepResult, step } from '../interpreter/step.ts';
import { Value } from '../interpreter/value.ts';
import type { Clock } from '../ports/clock.ts';
import type { Executions, Started, StartParams, TaskOutcomes } from '../ports/executions.ts';
import type { Logger } from '../ports/logger.ts';
import { ServiceError } from '../ports/service-error.ts';
import type { Services, TaskOutcome } from '../ports/services.ts';
import type { Commit, OutboxMessage, Store } from '../ports/store.ts';
import { LiveExecution } from './live-execution.ts';
import { checkName, type Machines } from './machines.ts';

export interface DriverOptions {
  readonly store: Store;
  readonly machines: Machines;
  /** Made with the executions that Task states may start. */
  readonly services: (executions: Executions) => Services;
  readonly clock: Clock;
  readonly logger: Logger;
  /** 32 random bits. */
  readonly seed: () => number;
  /** The most iterations of one Map at once, where the Map itself does not say. @defaultValue 40, as on AWS */
  readonly window?: number;
  /** Tells an origin that its execution has ended; told again until it resolves. */
  readonly onClosed: (origin: Origin, execution: Execution) => Promise<void>;
  /** The store has failed, and with it the engine. */
  readonly onFatal: (error: unknown) => void;
}

export interface Driver {
  readonly executions: Executions;
  readonly outcomes: TaskOutcomes;
  /** Goes on with everything that was running. @returns how many executions that were */
  recover(): Promise<number>;
  /** What this process has done so far. */
  counts(): { readonly running: number; readonly transitions: number; readonly tasks: number };
  /** Resolves when every end so far was told to who waited for it. */
  told(): Promise<void>;
  /** Stops performing; what is running goes on when the directory is opened again. */
  close(): Promise<void>;
}

export function createDriver(options: DriverOptions): Driver {
  const engine = new Engine(options);
  const executions: Executions = {
    start: (params) => engine.start(params),
    stop: (params) => engine.stop(params),
    describe: (arn) => engine.describe(arn),
    list: (params) => engine.list(params),
    history: (params) => engine.history(params),
    closed: (arn) => engine.closed(arn),
  };
  engine.use(options.services(executions));
  return {
    executions,
    outcomes: { settle: (task, outcome) => engine.settle(task, outcome) },
    recover: () => engine.recover(),
    counts: () => engine.counts(),
    told: () => engine.told(),
    close: () => engine.close(),
  };
}

/** Between two tries to tell an origin, milliseconds. */
const LONGEST_PAUSE = 60_000;

class Engine {
  readonly #options: DriverOptions;
  readonly #store: Store;
  readonly #live = new Map<string, LiveExecution>();
  readonly #machines: Machines;
  #services: Services | undefined;
  readonly #waiters = new Map<string, ((execution: Execution) => void)[]>();
  readonly #deadlines = new Map<string, () => void>();
  /** The running children of tasks, by the task that waits for them. */
  readonly #children = new Map<string, string>();
  readonly #telling = new Set<Promise<void>>();
  #transitions = 0;
  #tasks = 0;
  #stopped = false;

  constructor(options: DriverOptions) {
    this.#options = options;
    this.#store = options.store;
    this.#machines = options.machines;
  }

  use(services: Services): void {
    this.#services = services;
  }

  async start(params: StartParams): Promise<Started> {
    const record = await this.#store.stateMachine(params.stateMachineArn);
    if (!record)
      throw new ServiceError('StateMachineDoesNotExist', `State Machine Does Not Exist: '${params.stateMachineArn}'`);
    const name = params.name ?? randomUUID();
    checkName(name);
    const input = parseInput(params.input ?? '{}');
    const machine = await this.#machines.compiled(record.definition);
    const at = this.#options.clock.now();
    const execution: Execution = {
      arn: `${record.arn.replace(':stateMachine:', ':execution:')}:${name}`,
      name,
      stateMachineArn: record.arn,
      definition: record.definition,
      type: record.type,
      roleArn: record.roleArn,
      status: 'RUNNING',
      startedAt: at,
      stoppedAt: null,
      deadline: null,
      input,
      output: null,
      error: null,
      cause: null,
      lastEventId: 0,
      transitions: 0,
      ready: [],
      origin: params.origin ?? null,
    };
    const live = new LiveExecution(machine, { execution, frames: new Map(), outputs: [] });
    const result = step(machine, live, { kind: 'start', ...this.#outside(at) });
    if (!(await this.#commit(this.#store.create(commitOf(result))))) return this.#existing(execution);
    live.apply(result);
    this.#add(live);
    this.#arm(live);
    this.#performed(live, result);
    return { executionArn: execution.arn, startDate: new Date(at), existing: false };
  }

  /** Starting again with the same name and input while it runs is the same start, as on AWS. */
  async #existing(wanted: Execution): Promise<Started> {
    const existing = await this.describe(wanted.arn);
    if (isClosed(existing) || existing.input.text !== wanted.input.text)
      throw new ServiceError('ExecutionAlreadyExists', `Execution Already Exists: '${wanted.arn}'`);
    return { executionArn: existing.arn, startDate: new Date(existing.startedAt), existing: true };
  }

  async stop({ executionArn, error, cause }: { executionArn: string; error?: string; cause?: string }): Promise<Date> {
    const live = this.#live.get(executionArn);
    if (live) await this.#step(live, { kind: 'stop', error: error ?? null, cause: cause ?? null, ...this.#outside() });
    const { stoppedAt } = await this.describe(executionArn);
    return new Date(stoppedAt ?? this.#options.clock.now());
  }

  async describe(executionArn: string): Promise<Execution> {
    const execution = await this.#store.describe(executionArn);
    if (!execution) throw new ServiceError('ExecutionDoesNotExist', `Execution Does Not Exist: '${executionArn}'`);
    return execution;
  }

  async list({ limit = 100, ...filter }: Parameters<Executions['list']>[0]): ReturnType<Executions['list']> {
    const found = await this.#store.list({ ...filter, limit: limit + 1 });
    const executions = found.slice(0, limit);
    const last = executions.at(-1);
    return found.length > limit && last ? { executions, next: last.arn } : { executions };
  }

  async history({
    executionArn,
    reverse,
    after,
    limit = 1000,
    includeData,
  }: Parameters<Executions['history']>[0]): ReturnType<Executions['history']> {
    const execution = await this.describe(executionArn);
    const { resources } = await this.#machines.compiled(execution.definition);
    const records = await this.#store.history({
      executionArn,
      limit: limit + 1,
      ...(reverse !== undefined && { reverse }),
      ...(after !== undefined && { after }),
    });
    const events = records
      .slice(0, limit)
      .map((record) => renderEvent(record, (state) => resources.get(state), includeData));
    const last = events.at(-1);
    return records.length > limit && last ? { events, next: last.id } : { events };
  }

  async closed(executionArn: string): Promise<Execution> {
    const execution = await this.describe(executionArn);
    if (isClosed(execution)) return execution;
    const { promise, resolve } = Promise.withResolvers<Execution>();
    if (!this.#live.has(executionArn)) return this.describe(executionArn);
    this.#waiters.set(executionArn, [...(this.#waiters.get(executionArn) ?? []), resolve]);
    return promise;
  }

  async settle(task: Parameters<TaskOutcomes['settle']>[0], outcome: TaskOutcome): Promise<void> {
    const live = this.#live.get(task.executionArn);
    if (!live) return;
    live.settle(task.frame, task.attempt);
    await this.#step(live, outcomeEvent(task.frame, task.attempt, outcome, this.#outside()));
  }

  async recover(): Promise<number> {
    const running = await this.#store.running();
    for (const arn of running) {
      const loaded = await this.#store.load(arn);
      if (!loaded || isClosed(loaded.execution)) continue;
      this.#add(new LiveExecution(await this.#machines.compiled(loaded.execution.definition), loaded));
    }
    for (const live of [...this.#live.values()]) this.#stopOrphan(live);
    // Outcomes that arrived go first, then what waits (design, runtimes).
    for (const message of await this.#store.outbox()) this.#deliver(message);
    for (const live of [...this.#live.values()]) this.#resume(live);
    return running.length;
  }

  counts(): { running: number; transitions: number; tasks: number } {
    return { running: this.#live.size, transitions: this.#transitions, tasks: this.#tasks };
  }

  async told(): Promise<void> {
    while (this.#telling.size > 0) await Promise.all(this.#telling);
  }

  async close(): Promise<void> {
    this.#stopped = true;
    for (const disarm of this.#deadlines.values()) disarm();
    for (const live of this.#live.values()) live.cancelAll();
    this.#live.clear();
  }

  #resume(live: LiveExecution): void {
    this.#arm(live);
    if (live.execution.ready.length > 0) this.#post(live, { kind: 'continue', ...this.#outside() });
    for (const frame of [...live.frames.values()]) {
      const { id, attempt, waiting } = frame;
      if (waiting.kind === 'task' && !waiting.submitted) {
        this.#post(live, { kind: 'restart', frame: id, attempt, ...this.#outside() });
      } else {
        const at = wakeAt(frame);
        if (at !== null) this.#perform(live, { kind: 'timer', frame: id, attempt, at });
      }
    }
  }

  #add(live: LiveExecution): void {
    const { arn, origin } = live.execution;
    this.#live.set(arn, live);
    if (origin?.kind === 'task') this.#children.set(taskKey(origin), arn);
  }

  /** A child that nobody awaits any more: its parent was stopped, and then the engine before it could stop the child. */
  #stopOrphan(live: LiveExecution): void {
    const { origin } = live.execution;
    if (origin?.kind !== 'task') return;
    const frame = this.#live.get(origin.executionArn)?.frames.get(origin.frame);
    if (frame?.attempt === origin.attempt && frame.waiting.kind === 'task') return;
    this.#post(live, { kind: 'stop', error: null, cause: null, ...this.#outside() });
  }

  /** A task is given up: the execution that it waits for goes with it. */
  #stopChild(executionArn: string, frame: string, attempt: number): void {
    const child = this.#live.get(this.#children.get(taskKey({ executionArn, frame, attempt })) ?? '');
    if (child) this.#post(child, { kind: 'stop', error: null, cause: null, ...this.#outside() });
  }

  /** Sets the timer of the execution's own TimeoutSeconds. */
  #arm(live: LiveExecution): void {
    const { arn, deadline } = live.execution;
    if (deadline === null || isClosed(live.execution)) return;
    this.#deadlines.set(
      arn,
      this.#options.clock.wake(deadline, () => this.#post(live, { kind: 'deadline', ...this.#outside() })),
    );
  }

  #post(live: LiveExecution, event: StepEvent): void {
    this.#step(live, event).catch((error: unknown) => this.#fatal(error));
  }

  async #step(live: LiveExecution, event: StepEvent): Promise<void> {
    if (this.#stopped || isClosed(live.execution)) return;
    const before = live.execution;
    const result = step(live.machine, live, event);
    live.apply(result);
    this.#transitions += result.execution.transitions - before.transitions;
    if (result.history.length === 0 && result.frames.size === 0 && result.commands.length === 0) return;
    await this.#commit(this.#store.commit(commitOf(result)));
    this.#performed(live, result);
  }

  /** A step is durable: now the outside world may know. */
  #performed(live: LiveExecution, result: StepResult): void {
    if (this.#stopped) return;
    for (const command of result.commands) this.#perform(live, command);
    if (!isClosed(result.execution)) return;
    const { arn } = result.execution;
    live.cancelAll();
    this.#live.delete(arn);
    if (live.execution.origin?.kind === 'task') this.#children.delete(taskKey(live.execution.origin));
    this.#deadlines.get(arn)?.();
    this.#deadlines.delete(arn);
    for (const waiter of this.#waiters.get(arn) ?? []) waiter(result.execution);
    this.#waiters.delete(arn);
    for (const message of outboxOf(result.execution)) this.#deliver(message);
  }

  #perform(live: LiveExecution, command: Command): void {
    switch (command.kind) {
      case 'task':
        this.#task(live, command).catch((error: unknown) => this.#fatal(error));
        return;
      case 'timer': {
        const { frame, attempt, at } = command;
        const open = live.open(frame, attempt);
        open.disarm = this.#options.clock.wake(at, () => {
          this.#post(live, { kind: 'timer', frame, attempt, ...this.#outside() });
        });
        return;
      }
      case 'cancel':
        live.cancel(command.frame, command.attempt);
        return this.#stopChild(live.execution.arn, command.frame, command.attempt);
      case 'continue':
        return this.#options.clock.soon(() => this.#post(live, { kind: 'continue', ...this.#outside() }));
      default:
        return command satisfies never;
    }
  }

  async #task(live: LiveExecution, command: Extract<Command, { kind: 'task' }>): Promise<void> {
    const { frame, attempt, resource, parameters, idempotencyKey, state: stateName } = command;
    this.#tasks += 1;
    const { signal } = live.open(frame, attempt).abort;
    const task = { executionArn: live.execution.arn, frame, attempt };
    const outcome = await (this.#services as Services).perform({
      task,
      resource,
      parameters,
      stateName,
      idempotencyKey,
      signal,
    });
    if (outcome.kind !== 'submitted') live.settle(frame, attempt);
    if (!signal.aborted) await this.#step(live, outcomeEvent(frame, attempt, outcome, this.#outside()));
  }

  /** Tells the origin, again and again until it takes it in, and forgets the message then. */
  #deliver(message: OutboxMessage, failures = 0): void {
    const tell = async (): Promise<void> => {
      const execution = await this.describe(message.executionArn);
      await this.#options.onClosed(message.body.origin, execution);
      await this.#store.acknowledge(message);
    };
    const telling = tell()
      .catch((error: unknown) => {
        if (this.#stopped) return;
        const { clock, logger } = this.#options;
        logger.error('The end of an execution could not be told; it is told again', {
          execution: message.executionArn,
          error,
        });
        clock.wake(clock.now() + Math.min(1000 * 2 ** failures, LONGEST_PAUSE), () => {
          if (!this.#stopped) this.#deliver(message, failures + 1);
        });
      })
      .finally(() => this.#telling.delete(telling));
    this.#telling.add(telling);
  }

  async #commit<T>(write: Promise<T>): Promise<T> {
    try {
      return await write;
    } catch (error) {
      this.#fatal(error);
      throw error;
    }
  }

  #fatal(error: unknown): void {
    if (this.#stopped) return;
    this.#stopped = true;
    this.#options.onFatal(error);
  }

  #outside(at: number = this.#options.clock.now()): { at: number; seed: number; window: number } {
    return { at, seed: this.#options.seed(), window: this.#options.window ?? 40 };
  }
}

function outcomeEvent(
  frame: string,
  attempt: number,
  outcome: TaskOutcome,
  outside: { at: number; seed: number; window: number },
): StepEvent {
  switch (outcome.kind) {
    case 'succeeded':
      return { kind: 'taskSucceeded', frame, attempt, output: outcome.output, ...outside };
    case 'submitted':
      return { kind: 'taskSubmitted', frame, attempt, output: outcome.output, ...outside };
    case 'failed':
      return { kind: 'taskFailed', frame, attempt, error: outcome.error, cause: outcome.cause ?? null, ...outside };
    default:
      return outcome satisfies never;
  }
}

function taskKey({ executionArn, frame, attempt }: { executionArn: string; frame: string; attempt: number }): string {
  return `${executionArn}#${frame}:${attempt}`;
}

function commitOf(result: StepResult): Commit {
  const { execution, frames, outputs, droppedForks, history } = result;
  return { execution, frames, outputs, droppedForks, history, outbox: outboxOf(execution) };
}

/** The message that an ended execution owes its origin. */
function outboxOf(execution: Execution): OutboxMessage[] {
  if (!isClosed(execution) || !execution.origin) return [];
  return [
    {
      executionArn: execution.arn,
      key: `closed:${execution.lastEventId}`,
      body: { kind: 'closed', origin: execution.origin },
    },
  ];
}

function parseInput(text: string): Value {
  try {
    return Value.parse(text);
  } catch (error) {
    throw new ServiceError(
      'InvalidExecutionInput',
      `Invalid State Machine Execution Input: '${(error as Error).message}'`,
    );
  }
}
