/**
 * Runs a machine in memory and virtual time, for tests: the driver's job without a store, a clock or a service. What is
 * open (tasks, timers, a `continue` that is due, the deadline) lies in {@link Simulation.open}; the test says which of it
 * comes next, or lets {@link Simulation.run} take it in the order of time.
 */
import { parseDefinition } from '../asl/parse.ts';
import { compileMachine } from '../interpreter/compile.ts';
import type { Command, Outside, StepEvent } from '../interpreter/event.ts';
import { type Execution, type ExecutionType, freshExecution, isClosed } from '../interpreter/execution.ts';
import type { Limits } from '../interpreter/limits.ts';
import type { HistoryRecord } from '../interpreter/history.ts';
import { Image } from '../interpreter/image.ts';
import type { Machine } from '../interpreter/machine.ts';
import { type StepResult, step } from '../interpreter/step.ts';
import type { ExecutionImage } from '../interpreter/turn.ts';
import { Value } from '../interpreter/value.ts';
import type { Json } from '../json.ts';

/** 2030-01-01T00:00:00Z: when simulated executions start. */
export const STARTED_AT: number = Date.UTC(2030, 0, 1);

export type TaskCommand = Extract<Command, { kind: 'task' }>;

/** What becomes of a task; undefined: nothing ever. `submitted`: the work is handed over first. */
export type Answer =
  | ({ readonly after?: number; readonly submitted?: Json } & (
      | { readonly output: Json }
      | { readonly error: string; readonly cause?: string | null }
    ))
  | undefined;

/** An event that is going to come, without what the outside world adds to it. */
export type Coming = StepEvent extends infer E ? (E extends StepEvent ? Omit<E, keyof Outside> : never) : never;

/** Something that may come next. */
export interface Open {
  readonly at: number;
  readonly event: Coming;
}

export interface SimulationOptions {
  readonly machine: Machine;
  readonly input: Value;
  readonly answer: (task: TaskCommand) => Answer;
  /** @defaultValue 40 */
  readonly window?: number;
  /** @defaultValue {@link STARTED_AT} */
  readonly startedAt?: number;
  /** @defaultValue local */
  readonly limits?: Limits;
  /** @defaultValue STANDARD */
  readonly type?: ExecutionType;
  /** Sees each step. */
  readonly observe?: (seen: Observed) => void;
  /** @defaultValue true */
  readonly keepHistory?: boolean;
  /** What each step is given; @defaultValue the image itself */
  readonly image?: (image: ExecutionImage) => ExecutionImage;
}

export interface Observed {
  readonly before: ExecutionImage;
  readonly event: StepEvent;
  readonly result: StepResult;
}

/** @throws Error with the findings when the definition is refused */
export function machineOf(definition: Json | object): Machine {
  const parsed = parseDefinition(JSON.stringify(definition));
  const compiled = parsed.ok ? compileMachine(parsed.value) : parsed;
  if (!compiled.ok) throw new Error(JSON.stringify(compiled.error));
  return compiled.value;
}

export class Simulation extends Image {
  readonly history: HistoryRecord[] = [];
  /** In the order in which it was asked for. */
  open: Open[];
  now: number;
  readonly #options: SimulationOptions;
  #machine: Machine;
  #steps = 0;

  constructor(options: SimulationOptions) {
    const { startedAt = STARTED_AT } = options;
    super({ execution: executionOf(options, startedAt) });
    this.#options = options;
    this.#machine = options.machine;
    this.now = startedAt;
    this.open = [{ at: this.now, event: { kind: 'start' } }];
  }

  /** The next thing in the order of time; what is due at the same time comes in the order it was asked for. */
  next(): Open | undefined {
    return this.open.reduce<Open | undefined>((best, item) => (best && best.at <= item.at ? best : item), undefined);
  }

  /** Takes everything in the order of time until the execution is closed or nothing is left to come. */
  run(mostSteps = 100_000): this {
    for (let next = this.next(); next && !isClosed(this.execution); next = this.next()) {
      if (this.#steps >= mostSteps) throw new Error(`The execution still runs after ${mostSteps} steps`);
      this.take(next);
    }
    return this;
  }

  /** Lets one of the open things happen. Time does not go back for what comes late. */
  take(open: Open): StepResult {
    this.open = this.open.filter((item) => item !== open);
    this.now = Math.max(this.now, open.at);
    return this.send(open.event);
  }

  /** Lets an ended execution go on, where one is given with another machine; what had been open is not any more. */
  redrive(machine?: Machine): StepResult {
    this.open = [];
    this.#machine = machine ?? this.#machine;
    const definition = machine ? `definition ${this.#steps}` : null;
    return this.send({ kind: 'redrive', clientToken: null, definition, origin: null, alone: false });
  }

  /** Gives `step` an event, whether it is awaited or not. */
  send(coming: Coming): StepResult {
    const event = {
      ...coming,
      at: this.now,
      seed: this.#steps++,
      window: this.#options.window ?? 40,
      tokenSecret: 'secret',
    } as StepEvent;
    const before = this.#options.image?.(this) ?? this;
    const result = step(this.#machine, before, event);
    this.#options.observe?.({ before, event, result });
    this.apply(result);
    if (this.#options.keepHistory ?? true) this.history.push(...result.history);
    if ((event.kind === 'start' || event.kind === 'redrive') && result.execution.deadline !== null)
      this.open.push({ at: result.execution.deadline, event: { kind: 'deadline' } });
    for (const command of result.commands) this.#perform(command);
    return result;
  }

  outputsOf(fork: string): number {
    return this.outputs().filter((output) => output.fork === fork).length;
  }

  /** Outputs of children that are not folded yet. */
  get outputCount(): number {
    return this.outputs().length;
  }

  #perform(command: Command): void {
    switch (command.kind) {
      case 'task':
        this.open.push(...this.#outcomes(command));
        return;
      case 'activity':
        this.open.push({
          at: this.now,
          event: { kind: 'activityScheduled', frame: command.frame, attempt: command.attempt },
        });
        return;
      case 'timer':
        this.open.push({ at: command.at, event: { kind: 'timer', frame: command.frame, attempt: command.attempt } });
        return;
      case 'cancel':
        this.open = this.open.filter(
          ({ event }) => !('frame' in event && event.frame === command.frame && event.attempt === command.attempt),
        );
        return;
      case 'mapRun':
        // Nobody runs it here: a test sends its end.
        return;
      case 'continue':
        this.open.push({ at: this.now, event: { kind: 'continue' } });
        return;
      default:
        return command satisfies never;
    }
  }

  #outcomes(command: TaskCommand): Open[] {
    const { frame, attempt, heartbeatSeconds } = command;
    const answer = this.#options.answer(command);
    const after = answer?.after ?? 0;
    if (heartbeatSeconds !== null && (!answer || after > heartbeatSeconds))
      return [{ at: this.now + heartbeatSeconds * 1000, event: { kind: 'heartbeatMissed', frame, attempt } }];
    if (!answer) return [];
    const event: Coming =
      'output' in answer
        ? { kind: 'taskSucceeded', frame, attempt, output: Value.ofJson(answer.output) }
        : { kind: 'taskFailed', frame, attempt, error: answer.error, cause: answer.cause ?? null };
    const outcome = { at: this.now + after * 1000, event };
    if (answer.submitted === undefined) return [outcome];
    const output = Value.ofJson(answer.submitted);
    return [{ at: this.now, event: { kind: 'taskSubmitted', frame, attempt, output } }, outcome];
  }
}

function executionOf({ input, limits, type = 'STANDARD' }: SimulationOptions, startedAt: number): Execution {
  return freshExecution({
    arn: 'arn:aws:states:us-east-1:000000000000:execution:machine:run',
    name: 'run',
    stateMachineArn: 'arn:aws:states:us-east-1:000000000000:stateMachine:machine',
    definition: '',
    type,
    roleArn: 'arn:aws:iam::000000000000:role/fanfold',
    startedAt,
    input,
    origin: null,
    ...(limits && { limits }),
  });
}
