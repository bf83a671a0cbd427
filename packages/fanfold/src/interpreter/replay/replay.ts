/**
 * Replay: a machine is run with what a recorded execution heard from outside, and nothing is called. As long as its history
 * is the recorded one, event by event, outcomes and timers come in the recorded order and at the recorded times. From where
 * the two part, each attempt of a task gets the result of the attempt recorded at the same place, after the same time, and
 * waits, pauses and timeouts take their own time, all of it virtual.
 */
import type { Command, Outside, StepEvent } from '../event.ts';
import { type Execution, freshExecution, isClosed } from '../execution.ts';
import { type Frame, type FrameId, ROOT, wakeAt } from '../frame.ts';
import { type HistoryEvent, type HistoryRecord, renderEvent } from '../history.ts';
import { Image } from '../image.ts';
import type { Machine } from '../machine.ts';
import { step } from '../step.ts';
import type { Value } from '../value.ts';
import { TOKEN_SECRET, type TokenTexts, tokenTexts } from './token-texts.ts';
import { candidates, type Coming } from './candidates.ts';
import { recordedEvent } from './lockstep.ts';
import { type IterationPath, placeOf, readRecording, type RecordedAttempt, type Recording } from './recording.ts';
import type { ChangedTask, Ending, Parting, ReplayedTask, ReplayReport, TaskPlace } from './report.ts';

export interface ReplayParams {
  /** The header of the recorded execution. */
  readonly execution: Execution;
  /** All of its history, in AWS's shape, with its data. */
  readonly events: readonly HistoryEvent[];
  /** What it ran, oldest first: a redrive may have brought another definition, and each holds for events up to one. */
  readonly machines: readonly { readonly machine: Machine; readonly throughEvent: number }[];
  /** What is to be run instead. @defaultValue what it ran */
  readonly machine?: Machine;
  /** The most iterations of one Map at once, as the recorded execution had it. @defaultValue 40 */
  readonly window?: number;
}

/** A replay that parted may run into an endless loop: it ends after so many states. */
const MOST_TRANSITIONS = 1_000_000;

/** @throws Error when the history is not whole */
export function replay(params: ReplayParams): ReplayReport {
  return new Replay(params).run();
}

/** An attempt of a task. */
type Called = Pick<Extract<Command, { kind: 'task' }>, 'frame' | 'attempt' | 'state'>;

interface Held {
  readonly task: ReplayedTask;
  readonly recorded: RecordedAttempt | undefined;
  /** Milliseconds since the epoch. */
  readonly scheduledAt: number;
}

class Replay extends Image {
  readonly #params: ReplayParams;
  readonly #recording: Recording;
  readonly #tokens: TokenTexts;
  /** The same on the execution's own definition, as long as the two are in step: its times are compared. */
  readonly #own: Replay | undefined;
  #machine: Machine;
  #now: number;
  #length = 0;
  #parting: Parting | null = null;
  /** How many attempts there were at each place so far. */
  readonly #counts = new Map<string, number>();
  /** What is under way, and the recorded attempt that stands for it; by frame and attempt. */
  readonly #held = new Map<string, Held>();
  /** By frame and attempt. */
  readonly #unanswered = new Map<string, ReplayedTask>();
  readonly #changed: ChangedTask[] = [];

  constructor(params: ReplayParams) {
    super({ execution: begunAnew(params.execution) });
    this.#params = params;
    this.#machine = params.machine ?? this.#machineAt(1);
    this.#recording = readRecording(params.events, (id) => this.#machineAt(id));
    this.#now = params.execution.startedAt;
    this.#tokens = tokenTexts(params.execution);
    const { machine, ...own } = params;
    this.#own = machine && new Replay(own);
  }

  run(): ReplayReport {
    this.#start();
    while (!this.#parting && this.#length < this.#recording.events.length) this.#inStep();
    if (this.#parting) this.#onItsOwn();
    return this.#report();
  }

  #start(): void {
    if (this.#own) this.#own.#start();
    this.#send({ kind: 'start' }, this.#now);
  }

  /** The recorded event that comes next tells what came from outside. */
  #inStep(): void {
    const next = this.#recording.events[this.#length] as HistoryEvent;
    const coming = recordedEvent(this, next);
    const until = coming && this.#otherTime(coming);
    if (this.#own) this.#own.#follow(this.#length);
    if (until !== undefined) {
      this.#parting = { recorded: next, replayed: null, until };
      return;
    }
    if (coming?.kind === 'redrive') this.#redrive(next, Number(next.timestamp));
    else if (coming) this.#send(coming, Number(next.timestamp));
    else this.#parting = { recorded: next, replayed: null };
  }

  /** Comes as far as the other has come, where nothing differs. */
  #follow(length: number): void {
    if (!this.#parting && this.#length === length) this.#inStep();
  }

  /** A timer that the execution's own definition had set for another time. @returns for when it is set here */
  #otherTime(coming: Coming['event']): number | undefined {
    if (coming.kind !== 'timer' || !this.#own || this.#own.#parting) return undefined;
    const mine = this.frames.get(coming.frame);
    const own = this.#own.frames.get(coming.frame);
    const until = mine && wakeAt(mine);
    return until && own && wakeAt(own) !== until ? until : undefined;
  }

  #redrive(next: HistoryEvent, at: number): void {
    const machine = this.#params.machine ?? this.#machineAt(next.id);
    const definition = machine === this.#machine ? null : this.execution.definition;
    this.#machine = machine;
    const params = { clientToken: null, definition, origin: null, alone: false };
    this.#send({ kind: 'redrive', ...params }, at);
  }

  #onItsOwn(): void {
    const redrives = this.#recording.events.filter(({ type }) => type === 'ExecutionRedriven');
    this.#toItsEnd();
    // Whoever redrove the recorded execution would have redriven this one.
    for (
      let next = redrives[this.#redrives()];
      next && isRedrivable(this.execution);
      next = redrives[this.#redrives()]
    ) {
      this.#redrive(next, Math.max(this.#now, Number(next.timestamp)));
      this.#toItsEnd();
    }
  }

  #redrives(): number {
    return this.execution.redrive?.count ?? 0;
  }

  #toItsEnd(): void {
    while (!isClosed(this.execution) && this.execution.transitions < MOST_TRANSITIONS) {
      const coming = candidates(this, this.#now, (frame) => this.#held.get(keyOf(frame)));
      const next = coming.reduce<Coming | undefined>(
        (best, item) => (best && (best.at < item.at || (best.at === item.at && best.rank <= item.rank)) ? best : item),
        undefined,
      );
      if (!next) return this.#standStill();
      this.#send(next.event, Math.max(this.#now, next.at));
    }
  }

  /** What is still waited for has no recorded result that would come. */
  #standStill(): void {
    for (const frame of this.frames.values()) {
      const held = this.#held.get(keyOf(frame));
      if (held && frame.waiting.kind === 'task') this.#unanswered.set(keyOf(frame), held.task);
    }
  }

  #send(event: Coming['event'], at: number): void {
    this.#now = at;
    const outside: Outside = { at, seed: 0, window: this.#params.window ?? 40, tokenSecret: TOKEN_SECRET };
    const result = step(this.#machine, this, { ...event, ...outside } as StepEvent);
    this.apply(result);
    for (const record of result.history) this.#compare(record);
    for (const command of result.commands) {
      if (command.kind === 'task') this.#called(command, command.parameters, command.resource);
      else if (command.kind === 'activity') this.#activity(command);
    }
  }

  #compare(record: HistoryRecord): void {
    this.#length += 1;
    if (this.#parting) return;
    const recorded = this.#recording.events[record.id - 1] ?? null;
    const replayed = renderEvent(record, (state) => this.#machine.resources.get(state));
    // A recorded execution may still run: what it has not come to is no difference.
    if (!recorded && this.#params.execution.status === 'RUNNING') return;
    if (!recorded || !this.#tokens.equal(textOf(recorded), textOf(replayed))) this.#parting = { recorded, replayed };
  }

  #activity({ frame, attempt, activityArn }: Extract<Command, { kind: 'activity' }>): void {
    const waits = this.frames.get(frame);
    if (waits?.waiting.kind === 'task')
      this.#called({ frame, attempt, state: waits.state }, waits.waiting.parameters, activityArn);
  }

  #called({ frame, attempt, state }: Called, parameters: Value, resource: string): void {
    const path = this.#pathOf(frame);
    const place = placeOf(state, path);
    const number = (this.#counts.get(place) ?? 0) + 1;
    this.#counts.set(place, number);
    const recorded = this.#recording.attempts.get(place)?.[number - 1];
    const task: ReplayedTask = { state, path, attempt: number, resource, parameters: parameters.text };
    const key = `${frame}:${attempt}`;
    this.#held.set(key, { task, recorded, scheduledAt: this.#now });
    // In step with the recording it is as unanswered there.
    if (!recorded?.outcome && this.#parting) this.#unanswered.set(key, task);
    if (!recorded) return;
    const recordedResource = recorded.resource ?? '';
    const isSame = resource === recordedResource && this.#tokens.equal(parameters.text, recorded.parameters);
    if (!isSame) this.#changed.push({ ...task, recordedResource, recordedParameters: recorded.parameters });
  }

  #pathOf(id: FrameId): IterationPath {
    const path: { map: string; index: number }[] = [];
    for (let frame = this.frames.get(id); frame && frame.id !== ROOT;) {
      const parent: Frame | undefined = frame.parent === null ? undefined : this.frames.get(frame.parent);
      const state = parent && this.#machine.blocks[parent.block]?.states.get(parent.state);
      if (parent && state?.type === 'Map') path.unshift({ map: parent.state, index: frame.index });
      frame = parent;
    }
    return path;
  }

  #machineAt(eventId: number): Machine {
    const { machines } = this.#params;
    const found = machines.find(({ throughEvent }) => eventId <= throughEvent) ?? machines.at(-1);
    if (!found) throw new Error('A replay needs the definition that the execution ran.');
    return found.machine;
  }

  #report(): ReplayReport {
    const { status, output, error, cause } = this.#params.execution;
    const events = this.#recording.events.length;
    const unused: TaskPlace[] = [...this.#recording.attempts].flatMap(([place, attempts]) =>
      attempts
        .slice(this.#counts.get(place) ?? 0)
        .flatMap(({ state, path, number, outcome }) => (outcome ? { state, path, attempt: number } : [])),
    );
    return {
      same: this.#parting === null,
      parting: this.#parting,
      recorded: { status, output: output?.text ?? null, error, cause, events },
      replayed: endingOf(this.execution, this.#length),
      unanswered: [...this.#unanswered.values()],
      changed: this.#changed,
      unused,
    };
  }
}

/** The header without what came of it. */
function begunAnew({ arn, name, stateMachineArn, definition, type, ...rest }: Execution): Execution {
  const { block, roleArn, startedAt, input, limits, traceHeader } = rest;
  return freshExecution({
    arn,
    name,
    stateMachineArn,
    definition,
    type,
    roleArn,
    startedAt,
    input,
    origin: null,
    ...(block !== undefined && { block }),
    ...(limits !== undefined && { limits }),
    ...(traceHeader !== undefined && { traceHeader }),
  });
}

function isRedrivable({ status }: Execution): boolean {
  return status !== 'RUNNING' && status !== 'SUCCEEDED';
}

function endingOf({ status, output, error, cause }: Execution, events: number): Ending {
  return { status, output: output?.text ?? null, error, cause, events };
}

function keyOf({ id, attempt }: Frame): string {
  return `${id}:${attempt}`;
}

/** Times count: in step with the recording they are the recorded ones. */
function textOf({ timestamp, ...event }: HistoryEvent): string {
  return JSON.stringify({ ...event, timestamp: Number(timestamp) });
}
