/**
 * The embedded driver: loads executions, gives their events to `step`, commits what it adds, and performs what it asks
 * for once that is durable.
 *
 * D1 Each execution has one serial mailbox: its steps run one after the other, in this thread.
 * D2 Commands are performed after the commit of the step that gave them (I2).
 * D3 A store that fails is fatal: nothing more is performed, `onFatal` is told once, and whoever asks gets the error.
 * D4 A message to an execution is acknowledged once what it led to is durable; an engine that is over takes none in.
 */
import { randomUUID } from 'node:crypto';
import type { Command, StepEvent } from '../interpreter/event.ts';
import { type Execution, isClosed, type Origin } from '../interpreter/execution.ts';
import { type Frame, wakeAt } from '../interpreter/frame.ts';
import { renderEvent } from '../interpreter/history.ts';
import { type StepResult, step } from '../interpreter/step.ts';
import type { Clock } from '../ports/clock.ts';
import type { Executions, Started, StartParams, TaskOutcomes } from '../ports/executions.ts';
import type { Logger } from '../ports/logger.ts';
import { ServiceError } from '../ports/service-error.ts';
import type { Services, TaskOutcome } from '../ports/services.ts';
import type { StateMachineRecord } from '../ports/state-machines.ts';
import type { Commit, OutboxMessage, Store } from '../ports/store.ts';
import { type ClosingMessages, createClosingMessages } from './closing-messages.ts';
import { LiveExecution } from './live-execution.ts';
import { parseInput } from './execution-input.ts';
import { checkName, type Machines, type Startable } from './machines.ts';
import { createWaiters } from './waiters.ts';

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
  /** Starts what is already looked up. @throws ServiceError as {@link Executions.start} */
  begin(startable: Startable, params: StartParams): Promise<Started>;
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
    begin: (startable, params) => engine.begin(startable, params),
    outcomes: {
      settle: (task, outcome) => engine.settle(task, outcome),
      settleChild: (task, outcome) => engine.settleChild(task, outcome),
    },
    recover: () => engine.recover(),
    counts: () => engine.counts(),
    told: () => engine.told(),
    close: () => engine.close(),
  };
}

class Engine {
  readonly #options: DriverOptions;
  readonly #store: Store;
  readonly #live = new Map<string, LiveExecution>();
  readonly #machines: Machines;
  #services: Services | undefined;
  readonly #waiters = createWaiters();
  readonly #messages: ClosingMessages;
  readonly #deadlines = new Map<string, () => void>();
  /** The running children of tasks, by the task that waits for them. */
  readonly #children = new Map<string, string>();
  #transitions = 0;
  #tasks = 0;
  /** Set while and after what was running is loaded; who starts, stops or waits comes behind it. */
  #recovered: Promise<number> | undefined;
  /** Why nothing goes on any more. */
  #over: { readonly reason: unknown } | undefined;

  constructor(options: DriverOptions) {
    this.#options = options;
    this.#store = options.store;
    this.#machines = options.machines;
    const { onClosed, clock, logger } = options;
    this.#messages = createClosingMessages({
      describe: (arn) => this.describe(arn),
      onClosed,
      acknowledge: (message) => this.#commit(this.#store.acknowledge(message)),
      clock,
      logger,
    });
  }

  use(services: Services): void {
    this.#services = services;
  }

  async start(params: StartParams): Promise<Started> {
    await this.#ready();
    return this.begin(await this.#machines.startable(params.stateMachineArn, this.#options.seed()), params);
  }

  async begin({ machine: record, revision, versionArn, aliasArn }: Startable, params: StartParams): Promise<Started> {
    await this.#ready();
    const name = params.name ?? randomUUID();
    checkName(name);
    const input = parseInput(params.input ?? '{}');
    const machine = await this.#machines.compiled(revision.definition);
    const at = this.#options.clock.now();
    const execution: Execution = {
      arn: executionArn(record, name),
      name,
      stateMachineArn: record.arn,
      definition: revision.definition,
      type: record.type,
      roleArn: revision.roleArn,
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
      ...(params.traceHeader !== undefined && { traceHeader: params.traceHeader }),
      ...(versionArn !== undefined && { stateMachineVersionArn: versionArn }),
      ...(aliasArn !== undefined && { stateMachineAliasArn: aliasArn }),
      ...(revision.revisionId !== null && { revisionId: revision.revisionId }),
    };
    const live = new LiveExecution(machine, { execution, frames: new Map(), outputs: [] });
    const result = withinExpressTime(step(machine, live, { kind: 'start', ...this.#outside(at) }));
    if (!(await this.#commit(this.#store.create(commitOf(result))))) return this.#existing(execution);
    live.apply(result);
    this.#transitions += result.execution.transitions;
    if (!this.#over) this.#begin(live, result);
    return { executionArn: execution.arn, startDate: new Date(at), existing: false };
  }

  #begin(live: LiveExecution, result: StepResult): void {
    this.#add(live);
    this.#arm(live);
    this.#performed(live, result);
    // Its parent may have been stopped while it was being started.
    this.#stopOrphan(live);
  }

  /** Starting again with the same name and input while it runs is the same start, as on AWS. */
  async #existing(wanted: Execution): Promise<Started> {
    const existing = await this.describe(wanted.arn);
    if (isClosed(existing) || existing.input.text !== wanted.input.text)
      throw new ServiceError('ExecutionAlreadyExists', `Execution Already Exists: '${wanted.arn}'`);
    return { executionArn: existing.arn, startDate: new Date(existing.startedAt), existing: true };
  }

  async stop({ executionArn, error, cause }: { executionArn: string; error?: string; cause?: string }): Promise<Date> {
    await this.#ready();
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
    await this.#ready();
    return this.#waiters.wait(executionArn, () => this.describe(executionArn));
  }

  /** A child may end before its task knows that it was started: first things first, also in the history. */
  async settleChild(...[task, outcome]: Parameters<TaskOutcomes['settle']>): Promise<void> {
    await this.#live.get(task.executionArn)?.open(task.frame, task.attempt).answered;
    await this.settle(task, outcome);
  }

  async settle(task: Parameters<TaskOutcomes['settle']>[0], outcome: TaskOutcome): Promise<void> {
    this.#assertOn();
    const live = this.#live.get(task.executionArn);
    if (!live) return;
    live.settle(task.frame, task.attempt);
    await this.#step(live, outcomeEvent(task.frame, task.attempt, outcome, this.#outside()));
  }

  recover(): Promise<number> {
    this.#recovered = this.#recover();
    return this.#recovered;
  }

  async #recover(): Promise<number> {
    const running = await this.#store.running();
    const recovered: LiveExecution[] = [];
    for (const arn of running) {
      const loaded = await this.#store.load(arn);
      if (!loaded || isClosed(loaded.execution)) continue;
      recovered.push(new LiveExecution(await this.#machines.compiled(loaded.execution.definition), loaded));
    }
    this.#assertOn();
    for (const live of recovered) this.#add(live);
    for (const live of recovered) this.#stopOrphan(live);
    // Outcomes that arrived go first, then timers in order (design, runtimes).
    const told = (await this.#store.outbox()).map((message) => ({ message, told: this.#messages.deliver(message) }));
    await Promise.all(told.filter(({ message }) => message.body.origin.kind === 'task').map((each) => each.told));
    this.#assertOn();
    const alarms = recovered.flatMap((live) => this.#alarms(live)).sort((a, b) => a.at - b.at);
    for (const { set } of alarms) set();
    for (const live of recovered) this.#resume(live);
    return running.length;
  }

  counts(): { running: number; transitions: number; tasks: number } {
    return { running: this.#live.size, transitions: this.#transitions, tasks: this.#tasks };
  }

  async told(): Promise<void> {
    await this.#messages.idle();
  }

  async close(): Promise<void> {
    this.#end(new Error('The engine is closed. Open its directory again to go on.'));
    for (const disarm of this.#deadlines.values()) disarm();
    for (const live of this.#live.values()) live.cancelAll();
    this.#live.clear();
  }

  /** What was asked while the engine is being opened waits for that. */
  async #ready(): Promise<void> {
    await this.#recovered;
    this.#assertOn();
  }

  /** All that time brings to a recovered execution; tasks that are called again get their time anew. */
  #alarms(live: LiveExecution): { readonly at: number; readonly set: () => void }[] {
    const { deadline } = live.execution;
    const alarms = deadline === null ? [] : [{ at: deadline, set: () => this.#arm(live) }];
    for (const frame of live.frames.values()) {
      const { id, attempt } = frame;
      const at = mustBeCalledAgain(frame) ? null : wakeAt(frame);
      if (at !== null) alarms.push({ at, set: () => this.#perform(live, { kind: 'timer', frame: id, attempt, at }) });
    }
    return alarms;
  }

  /** Calls again what nobody works on any more, and then lets those run whose turn it was: they may call others. */
  #resume(live: LiveExecution): void {
    for (const frame of live.frames.values()) {
      const { id, attempt } = frame;
      if (mustBeCalledAgain(frame)) this.#post(live, { kind: 'restart', frame: id, attempt, ...this.#outside() });
    }
    if (live.execution.ready.length > 0) this.#post(live, { kind: 'continue', ...this.#outside() });
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
    if (this.#live.get(origin.executionArn)?.awaitsTask(origin.frame, origin.attempt)) return;
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

  /** Resolves once all that the execution has come to so far is durable, also where this event changes nothing (D4). */
  async #step(live: LiveExecution, event: StepEvent): Promise<void> {
    this.#assertOn();
    if (isClosed(live.execution)) return live.saved;
    const before = live.execution;
    const result = step(live.machine, live, event);
    live.apply(result);
    this.#transitions += result.execution.transitions - before.transitions;
    if (result.history.length === 0 && result.frames.size === 0 && result.commands.length === 0) return live.saved;
    live.saved = this.#commit(this.#store.commit(commitOf(result)));
    await live.saved;
    this.#performed(live, result);
  }

  /** A step is durable: now the outside world may know. */
  #performed(live: LiveExecution, result: StepResult): void {
    if (this.#over) return;
    for (const command of result.commands) this.#perform(live, command);
    if (!isClosed(result.execution)) return;
    const { arn } = result.execution;
    live.cancelAll();
    this.#live.delete(arn);
    if (live.execution.origin?.kind === 'task') this.#children.delete(taskKey(live.execution.origin));
    this.#deadlines.get(arn)?.();
    this.#deadlines.delete(arn);
    this.#waiters.closed(result.execution);
    for (const message of outboxOf(result.execution)) this.#messages.deliver(message);
  }

  #perform(live: LiveExecution, command: Command): void {
    switch (command.kind) {
      case 'task':
        // The same step may have given it up again: a sibling failed.
        if (!live.awaitsTask(command.frame, command.attempt)) return;
        this.#task(live, command).catch((error: unknown) => this.#fatal(error));
        return;
      case 'timer': {
        const { frame, attempt, at } = command;
        if (!live.awaits(frame, attempt)) return;
        const open = live.open(frame, attempt);
        open.disarm = this.#options.clock.wake(at, () => {
          // A task's stays open until the step has cancelled it: its signal is still to be aborted.
          if (!live.awaitsTask(frame, attempt)) live.settle(frame, attempt);
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
    const open = live.open(frame, attempt);
    const { signal } = open.abort;
    const task = { executionArn: live.execution.arn, frame, attempt };
    const request = { task, resource, parameters, stateName, idempotencyKey, signal };
    const answer = (this.#services as Services).perform(request);
    open.answered = answer;
    const outcome = await answer;
    if (outcome.kind !== 'submitted') live.settle(frame, attempt);
    if (!signal.aborted) await this.#step(live, outcomeEvent(frame, attempt, outcome, this.#outside()));
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
    if (this.#over) return;
    this.#end(error);
    this.#options.onFatal(error);
  }

  /** @throws what the engine has ended with */
  #assertOn(): void {
    if (this.#over) throw this.#over.reason;
  }

  /** Nothing goes on any more; who waits is told why. */
  #end(reason: unknown): void {
    if (this.#over) return;
    this.#over = { reason };
    this.#waiters.end(reason);
    this.#messages.close();
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

/** Nobody in this process works on it, and no message will come. */
function mustBeCalledAgain({ waiting }: Frame): boolean {
  return waiting.kind === 'task' && !waiting.submitted;
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

/** Names of EXPRESS executions need not be unique: their ARNs have a part more. */
function executionArn({ arn, type }: StateMachineRecord, name: string): string {
  if (type === 'STANDARD') return `${arn.replace(':stateMachine:', ':execution:')}:${name}`;
  return `${arn.replace(':stateMachine:', ':express:')}:${name}:${randomUUID()}`;
}

/** How long an EXPRESS execution may run, as on AWS. */
const EXPRESS_TIME_MS = 5 * 60 * 1000;

function withinExpressTime(result: StepResult): StepResult {
  const { type, startedAt, deadline } = result.execution;
  if (type === 'STANDARD') return result;
  const latest = startedAt + EXPRESS_TIME_MS;
  return { ...result, execution: { ...result.execution, deadline: Math.min(deadline ?? latest, latest) } };
}
