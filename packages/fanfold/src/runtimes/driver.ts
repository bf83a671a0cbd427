/**
 * The embedded driver: loads executions, gives their events to `step`, commits what it adds, and performs what it asks
 * for once that is durable.
 *
 * D1 Each execution has one serial mailbox: its steps run one after the other, in this thread.
 * D2 Commands are performed after the commit of the step that gave them (I2).
 * D3 A store that fails is fatal: nothing more is performed, and the caller is told once.
 */
import { createHash, randomUUID } from 'node:crypto';
import { formatFindings } from '../asl/finding.ts';
import { parseDefinition } from '../asl/parse.ts';
import { compileMachine } from '../interpreter/compile.ts';
import type { Command, StepEvent } from '../interpreter/event.ts';
import { type Execution, isClosed, type Origin } from '../interpreter/execution.ts';
import { wakeAt } from '../interpreter/frame.ts';
import { renderEvent } from '../interpreter/history.ts';
import type { Machine } from '../interpreter/machine.ts';
import { type StepResult, step } from '../interpreter/step.ts';
import { Value } from '../interpreter/value.ts';
import type { Clock } from '../ports/clock.ts';
import type {
  Executions,
  Started,
  StartParams,
  StateMachineParams,
  StateMachines,
  TaskOutcomes,
} from '../ports/executions.ts';
import type { Logger } from '../ports/logger.ts';
import { ServiceError } from '../ports/service-error.ts';
import type { Services, TaskOutcome } from '../ports/services.ts';
import type { Commit, OutboxMessage, StateMachineRecord, Store } from '../ports/store.ts';
import { LiveExecution } from './live-execution.ts';

export interface DriverOptions {
  readonly store: Store;
  readonly services: Services;
  readonly clock: Clock;
  readonly logger: Logger;
  /** 32 random bits. */
  readonly seed: () => number;
  readonly region: string;
  readonly account: string;
  /** The most iterations of one Map at once, where the Map itself does not say. @defaultValue 40, as on AWS */
  readonly window?: number;
  /** Tells an origin that its execution has ended; told again until it resolves. */
  readonly onClosed: (origin: Origin, execution: Execution) => Promise<void>;
  /** The store has failed, and with it the engine. */
  readonly onFatal: (error: unknown) => void;
}

export interface Driver {
  readonly executions: Executions;
  readonly stateMachines: StateMachines;
  readonly outcomes: TaskOutcomes;
  /** Goes on with everything that was running. @returns how many executions that were */
  recover(): Promise<number>;
  /** What this process has done so far. */
  counts(): { readonly running: number; readonly transitions: number; readonly tasks: number };
  /** Stops performing; what is running goes on when the directory is opened again. */
  close(): Promise<void>;
}

export function createDriver(options: DriverOptions): Driver {
  const engine = new Engine(options);
  return {
    executions: {
      start: (params) => engine.start(params),
      stop: (params) => engine.stop(params),
      describe: (arn) => engine.describe(arn),
      list: (params) => engine.list(params),
      history: (params) => engine.history(params),
      closed: (arn) => engine.closed(arn),
    },
    stateMachines: {
      put: (params) => engine.putStateMachine(params),
      describe: (arn) => engine.describeStateMachine(arn),
      list: () => options.store.stateMachines(),
    },
    outcomes: { settle: (task, outcome) => engine.settle(task, outcome) },
    recover: () => engine.recover(),
    counts: () => engine.counts(),
    close: () => engine.close(),
  };
}

/** Characters that AWS allows nobody in a name. */
const BAD_NAME = /[\s<>{}[\]?*"#%\\^|~`$&,;:/\u0000-\u001f\u007f-\u009f]/;

class Engine {
  readonly #options: DriverOptions;
  readonly #store: Store;
  readonly #live = new Map<string, LiveExecution>();
  readonly #machines = new Map<string, Machine>();
  readonly #waiters = new Map<string, ((execution: Execution) => void)[]>();
  readonly #deadlines = new Map<string, () => void>();
  #transitions = 0;
  #tasks = 0;
  #stopped = false;

  constructor(options: DriverOptions) {
    this.#options = options;
    this.#store = options.store;
  }

  async start(params: StartParams): Promise<Started> {
    const record = await this.#store.stateMachine(params.stateMachineArn);
    if (!record)
      throw new ServiceError('StateMachineDoesNotExist', `State Machine Does Not Exist: '${params.stateMachineArn}'`);
    const name = params.name ?? randomUUID();
    checkName(name);
    const input = parseInput(params.input ?? '{}');
    const machine = await this.#machine(record.definition);
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
    this.#live.set(execution.arn, live);
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
    const { resources } = await this.#machine(execution.definition);
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

  async putStateMachine({ name, definition, roleArn, type }: StateMachineParams): Promise<StateMachineRecord> {
    checkName(name);
    const parsed = parseDefinition(definition);
    const compiled = parsed.ok ? compileMachine(parsed.value) : parsed;
    if (!compiled.ok)
      throw new ServiceError(
        'InvalidDefinition',
        `Invalid State Machine Definition: '${formatFindings(compiled.error)}'`,
      );
    const hash = createHash('sha256').update(definition).digest('hex');
    const arn = `arn:aws:states:${this.#options.region}:${this.#options.account}:stateMachine:${name}`;
    const before = await this.#store.stateMachine(arn);
    const record = {
      arn,
      name,
      type,
      roleArn,
      definition: hash,
      createdAt: before?.createdAt ?? this.#options.clock.now(),
    };
    this.#machines.set(hash, compiled.value);
    await this.#store.saveDefinition(hash, definition);
    await this.#store.saveStateMachine(record);
    return record;
  }

  async describeStateMachine(arn: string): ReturnType<StateMachines['describe']> {
    const record = await this.#store.stateMachine(arn);
    if (!record) throw new ServiceError('StateMachineDoesNotExist', `State Machine Does Not Exist: '${arn}'`);
    return { ...record, definitionText: (await this.#store.definition(record.definition)) ?? '' };
  }

  async recover(): Promise<number> {
    const running = await this.#store.running();
    for (const arn of running) {
      const loaded = await this.#store.load(arn);
      if (!loaded || isClosed(loaded.execution)) continue;
      this.#live.set(arn, new LiveExecution(await this.#machine(loaded.execution.definition), loaded));
    }
    // Outcomes that arrived go first, then what waits (design, runtimes).
    for (const message of await this.#store.outbox()) this.#deliver(message);
    for (const live of [...this.#live.values()]) this.#resume(live);
    return running.length;
  }

  counts(): { running: number; transitions: number; tasks: number } {
    return { running: this.#live.size, transitions: this.#transitions, tasks: this.#tasks };
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
        return live.cancel(command.frame, command.attempt);
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
    const outcome = await this.#options.services.perform({
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

  /** Tells the origin, and forgets the message once it is taken in; otherwise it is told again at the next start. */
  #deliver(message: OutboxMessage): void {
    const tell = async (): Promise<void> => {
      const execution = await this.describe(message.executionArn);
      await this.#options.onClosed(message.body.origin, execution);
      await this.#store.acknowledge(message);
    };
    tell().catch((error: unknown) => {
      if (!this.#stopped)
        this.#options.logger.error('The end of an execution could not be told', {
          execution: message.executionArn,
          error,
        });
    });
  }

  async #machine(hash: string): Promise<Machine> {
    const known = this.#machines.get(hash);
    if (known) return known;
    const text = await this.#store.definition(hash);
    const parsed = text === undefined ? undefined : parseDefinition(text);
    const compiled = parsed?.ok ? compileMachine(parsed.value) : undefined;
    if (!compiled?.ok) throw new Error(`The store holds no definition ${hash} that this version of Fanfold can run`);
    this.#machines.set(hash, compiled.value);
    return compiled.value;
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

function checkName(name: string): void {
  if (name.length === 0 || name.length > 80 || BAD_NAME.test(name))
    throw new ServiceError('InvalidName', `Invalid Name: '${name}'`);
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
