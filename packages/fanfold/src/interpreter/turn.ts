/**
 * The working copy of an execution during one `step`. Frames are copied when first touched, so that what was given is
 * never changed; everything added is collected for one commit.
 */

import type { JsonObject } from '../json.ts';
import type { Command, Outside } from './event.ts';
import type { Execution } from './execution.ts';
import type { Children, Frame, FrameId } from './frame.ts';
import type { HistoryEventType, HistoryRecord } from './history.ts';
import { AWS_HISTORY_EVENTS, HistoryFull, type LimitKind } from './limits.ts';
import type { Machine } from './machine.ts';
import type { Probe } from './probe.ts';
import { mulberry32, uuidFrom } from './random.ts';
import type { Value } from './value.ts';

/** An execution as it stands before a step. Outputs are those of children whose parent has not folded yet. */
export interface ExecutionImage {
  readonly execution: Execution;
  readonly frames: ReadonlyMap<FrameId, Frame>;
  output(fork: string, index: number): Value | undefined;
}

export interface ChildResult {
  readonly fork: string;
  readonly index: number;
  readonly value: Value;
}

export type Draft<T> = { -readonly [K in keyof T]: T[K] };

/** What may be the last event of a full history. */
const ENDS: ReadonlySet<HistoryEventType> = new Set(['ExecutionSucceeded', 'ExecutionTimedOut', 'ExecutionAborted']);

export class Turn {
  readonly machine: Machine;
  readonly outside: Outside;
  /** What data and history show as the time, milliseconds since the epoch. Deadlines count from `outside.at`. */
  readonly at: number;
  readonly execution: Draft<Execution>;
  readonly frames: Map<FrameId, Draft<Frame> | null> = new Map();
  readonly outputs: ChildResult[] = [];
  readonly droppedForks: string[] = [];
  readonly history: HistoryRecord[] = [];
  readonly commands: Command[] = [];
  /** Frames to run, the next one last. */
  readonly stack: FrameId[];
  readonly probe: Probe | undefined;
  readonly #before: ExecutionImage;
  #fresh: Map<string, Map<number, Value>> | undefined;
  #random: (() => number) | undefined;
  /** Frames that there are. */
  #frameCount: number;
  /** The id of the last event that need not be the end; events beyond it are looked at. */
  #lastEventMark: number;

  constructor(machine: Machine, before: ExecutionImage, outside: Outside, at: number = outside.at, probe?: Probe) {
    this.machine = machine;
    this.outside = outside;
    this.at = at;
    this.execution = { ...before.execution };
    this.stack = [...before.execution.ready];
    this.probe = probe;
    this.#before = before;
    this.#frameCount = before.frames.size;
    this.#lastEventMark = before.execution.type === 'STANDARD' ? AWS_HISTORY_EVENTS - 1 : Number.POSITIVE_INFINITY;
  }

  get frameCount(): number {
    return this.#frameCount;
  }

  /** The frame to read. */
  peek(id: FrameId): Frame | undefined {
    const draft = this.frames.get(id);
    return draft === undefined ? this.#before.frames.get(id) : (draft ?? undefined);
  }

  /** The frame to change. */
  frame(id: FrameId): Draft<Frame> | undefined {
    const draft = this.frames.get(id);
    if (draft !== undefined) return draft ?? undefined;
    const frame = this.#before.frames.get(id);
    if (!frame) return undefined;
    const copy = { ...frame };
    this.frames.set(id, copy);
    return copy;
  }

  /** @param frame the turn's own from now on */
  add(frame: Draft<Frame>): void {
    this.frames.set(frame.id, frame);
    this.#frameCount += 1;
  }

  drop(id: FrameId): void {
    this.frames.set(id, null);
    this.#frameCount -= 1;
  }

  /** Has the frame run before this turn ends. */
  schedule(id: FrameId): void {
    if (!this.stack.includes(id)) this.stack.push(id);
  }

  /** Ids of all frames, those of this turn included. */
  frameIds(): FrameId[] {
    const ids = new Set(this.#before.frames.keys());
    for (const [id, frame] of this.frames) {
      if (frame) ids.add(id);
      else ids.delete(id);
    }
    return [...ids];
  }

  /** Whether the execution has said already that it passed a limit of this kind. */
  warned(limit: LimitKind): boolean {
    return this.execution.warnings?.some((warning) => warning.limit === limit) ?? false;
  }

  /** Notes that the execution passes a limit of AWS; only the first of a kind is kept. */
  warn(limit: LimitKind, message: string): void {
    if (!this.warned(limit)) this.execution.warnings = [...(this.execution.warnings ?? []), { limit, message }];
  }

  /** The end is all that is still recorded. */
  closeHistory(): void {
    this.#lastEventMark = Number.POSITIVE_INFINITY;
  }

  /**
   * Adds an event to the history.
   * @returns its id
   * @throws RangeError when the value cannot be written as text, HistoryFull under AWS's limits
   */
  record(
    previous: number,
    type: HistoryEventType,
    state: string | null,
    value: Value | null,
    detail: JsonObject | null,
  ): number {
    value?.write();
    if (this.execution.lastEventId >= this.#lastEventMark) this.#passMark(type);
    const id = ++this.execution.lastEventId;
    this.execution.lastEventAt = this.at;
    this.history.push({ id, previous, at: this.at, type, state, value, detail });
    return id;
  }

  #passMark(type: HistoryEventType): void {
    if (ENDS.has(type)) return;
    if (this.execution.limits === 'aws') throw new HistoryFull();
    this.closeHistory();
    this.warn(
      'historyEvents',
      `The history has ${AWS_HISTORY_EVENTS} events, and goes on: on AWS that fails with States.Runtime. ` +
        'Let long loops go on in new executions.',
    );
  }

  /** Adds an event to a frame's own line: it follows the frame's last event and becomes it. */
  follow(
    frame: Draft<Frame>,
    type: HistoryEventType,
    value: Value | null = null,
    detail: JsonObject | null = null,
  ): void {
    frame.lastEvent = this.record(frame.lastEvent, type, frame.state, value, detail);
  }

  output(fork: string, index: number, value: Value): void {
    this.outputs.push({ fork, index, value });
    this.#fresh ??= new Map();
    let outputs = this.#fresh.get(fork);
    if (!outputs) {
      outputs = new Map();
      this.#fresh.set(fork, outputs);
    }
    outputs.set(index, value);
  }

  outputsOf(fork: string, total: number): Value[] {
    const fresh = this.#fresh?.get(fork);
    return Array.from({ length: total }, (_, i) => {
      const value = fresh?.get(i) ?? this.#before.output(fork, i);
      if (!value) throw new Error(`The output of child ${i} of ${fork} is missing`);
      return value;
    });
  }

  dropFork(fork: string, { held = 0 }: Pick<Children, 'held'>): void {
    if (held > 0) this.execution.heldUnits = (this.execution.heldUnits ?? 0) - held;
    this.droppedForks.push(fork);
    this.#fresh?.delete(fork);
  }

  random(): number {
    this.#random ??= mulberry32(this.outside.seed);
    return this.#random();
  }

  uuid(): string {
    return uuidFrom(() => this.random());
  }
}
