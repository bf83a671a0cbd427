/**
 * Frames as they mostly are, as compact bytes ({@link ByteWriter}): what the frame waits for, which {@link Field}s it has,
 * and the fields. Its id stands beside the bytes, and tells its parent and index. A frame that this form has no place for
 * is left to the other one.
 */
import { type Frame, NO_RETRIES, NOTHING, type Standing } from '../../interpreter/frame.ts';
import type { Value } from '../../interpreter/value.ts';
import { ByteReader, ByteWriter } from './bytes.ts';
import { type GetValue, type PutValue, readStored, writeStored } from './stored-value.ts';

/** The bits of the second byte. */
const Field = {
  retries: 1,
  variables: 2,
  /** The parameters of a task, or the input that children's are made from, is the input of the frame. */
  sameInput: 4,
  timeoutAt: 8,
  heartbeatSeconds: 16,
  submitted: 32,
  items: 64,
  held: 128,
} as const;

/** The first byte. Append only: stored frames hold these numbers. */
const NUMBERS = { nothing: 1, task: 2, timer: 3, retry: 4, children: 5 } as const;

type Kind = keyof typeof NUMBERS;

const KINDS: ReadonlyMap<number, Kind> = new Map((Object.keys(NUMBERS) as Kind[]).map((kind) => [NUMBERS[kind], kind]));

type Task = Extract<Standing, { kind: 'task' }>;
type Children = Extract<Standing, { kind: 'children' }>;

/** How many fields this form has a place for; who has more has one that it does not know. */
const FRAME_FIELDS = 13;
const TASK_FIELDS = 5;
const CHILDREN_FIELDS = 8;

/** @returns undefined when it takes the other form. Nothing is put then */
export function encodeFrameBytes(frame: Frame, put: PutValue): Buffer | undefined {
  const { waiting } = frame;
  if (!hasPlace(frame)) return undefined;
  switch (waiting.kind) {
    case 'nothing':
      return begin(frame, waiting.kind, 0, put).take();
    case 'task':
      return fits(waiting) ? encodeTask(frame, waiting, put) : undefined;
    case 'timer':
    case 'retry': {
      if (!isWhole(waiting.until)) return undefined;
      const writer = begin(frame, waiting.kind, 0, put);
      writer.number(waiting.until);
      return writer.take();
    }
    case 'children':
      return holds(waiting) ? encodeChildren(frame, waiting, put) : undefined;
    default:
      return undefined;
  }
}

/** Of a frame without what it waits for: each number is one that bytes can hold, and the id tells the rest. */
function hasPlace(frame: Frame): boolean {
  const { id, parent, index, block, state, enteredAt, enteredEvent, lastEvent, attempt, retries } = frame;
  return (
    countOf(frame) === FRAME_FIELDS &&
    (parent === null ? index === 0 && !id.includes('/') : isChildId(id, parent, index)) &&
    isWhole(block) &&
    isWhole(enteredAt) &&
    isWhole(enteredEvent) &&
    isWhole(lastEvent) &&
    isWhole(attempt) &&
    retries.every(isWhole) &&
    // UTF-8 cannot hold half a surrogate pair.
    state.isWellFormed()
  );
}

function isChildId(id: string, parent: string, index: number): boolean {
  return isWhole(index) && id.lastIndexOf('/') === parent.length && id.startsWith(parent) && id.endsWith(`.${index}`);
}

function fits(task: Task): boolean {
  const { timeoutAt, heartbeatSeconds } = task;
  return (
    countOf(task) === TASK_FIELDS &&
    (timeoutAt === null || isWhole(timeoutAt)) &&
    (heartbeatSeconds === null || isWhole(heartbeatSeconds))
  );
}

function holds(children: Children): boolean {
  const { total, next, running, maxConcurrency, failed, held } = children;
  return (
    countOf(children) === CHILDREN_FIELDS + (held === undefined ? 0 : 1) &&
    isWhole(total) &&
    isWhole(next) &&
    isWhole(running) &&
    isWhole(maxConcurrency) &&
    isWhole(failed) &&
    (held === undefined || isWhole(held))
  );
}

/** How many fields there are; no list is made of them. */
function countOf(fields: object): number {
  let count = 0;
  for (const _ in fields) count += 1;
  return count;
}

function isWhole(value: number): boolean {
  return Number.isSafeInteger(value) && value >= 0;
}

function encodeTask(frame: Frame, task: Task, put: PutValue): Buffer {
  const { parameters, timeoutAt, heartbeatSeconds, submitted } = task;
  const same = parameters === frame.input;
  const fields =
    (same ? Field.sameInput : 0) |
    (timeoutAt === null ? 0 : Field.timeoutAt) |
    (heartbeatSeconds === null ? 0 : Field.heartbeatSeconds) |
    (submitted ? Field.submitted : 0);
  const writer = begin(frame, 'task', fields, put);
  if (!same) writeStored(writer, put(parameters));
  if (timeoutAt !== null) writer.number(timeoutAt);
  if (heartbeatSeconds !== null) writer.number(heartbeatSeconds);
  return writer.take();
}

function encodeChildren(frame: Frame, children: Children, put: PutValue): Buffer {
  const { items, input, total, next, running, maxConcurrency, failed, held } = children;
  const same = input === frame.input;
  const fields =
    (same ? Field.sameInput : 0) | (items === null ? 0 : Field.items) | (held === undefined ? 0 : Field.held);
  const writer = begin(frame, 'children', fields, put);
  if (!same) writeStored(writer, put(input));
  if (items !== null) writeStored(writer, put(items));
  writer.number(total);
  writer.number(next);
  writer.number(running);
  writer.number(maxConcurrency);
  writer.number(failed);
  if (held !== undefined) writer.number(held);
  return writer.take();
}

/** Writes what all frames have. */
function begin(frame: Frame, kind: Kind, fields: number, put: PutValue): ByteWriter {
  const { block, state, input, enteredAt, enteredEvent, lastEvent, attempt, retries, variables } = frame;
  const writer = new ByteWriter(48);
  writer.byte(NUMBERS[kind]);
  writer.byte(fields | (retries.length > 0 ? Field.retries : 0) | (variables ? Field.variables : 0));
  writer.number(block);
  writer.number(state.length);
  writer.text(state);
  writeStored(writer, put(input));
  writer.number(enteredAt);
  writer.number(enteredEvent);
  writer.signed(lastEvent - enteredEvent);
  writer.number(attempt);
  if (retries.length > 0) {
    writer.number(retries.length);
    for (const count of retries) writer.number(count);
  }
  if (variables) writeStored(writer, put(variables));
  return writer;
}

/** @throws Error when the frame waits for something that this version does not know */
export function decodeFrameBytes(id: string, bytes: Uint8Array, get: GetValue): Frame {
  const reader = new ByteReader(bytes);
  const number = reader.byte();
  const kind = KINDS.get(number);
  if (!kind) throw new Error(`A frame waits for something of the unknown kind ${number}. Update Fanfold to read it.`);
  const fields = reader.byte();
  const slash = id.lastIndexOf('/');
  const block = reader.number();
  const state = reader.text(reader.number());
  const input = get(readStored(reader));
  const enteredAt = reader.number();
  const enteredEvent = reader.number();
  return {
    id,
    parent: slash < 0 ? null : id.slice(0, slash),
    index: slash < 0 ? 0 : Number(id.slice(id.lastIndexOf('.') + 1)),
    block,
    state,
    input,
    enteredAt,
    enteredEvent,
    lastEvent: enteredEvent + reader.signed(),
    attempt: reader.number(),
    retries: fields & Field.retries ? Array.from({ length: reader.number() }, () => reader.number()) : NO_RETRIES,
    variables: fields & Field.variables ? get(readStored(reader)) : null,
    waiting: readStanding(reader, kind, fields, input, get),
  };
}

function readStanding(reader: ByteReader, kind: Kind, fields: number, input: Value, get: GetValue): Standing {
  switch (kind) {
    case 'nothing':
      return NOTHING;
    case 'timer':
    case 'retry':
      return { kind, until: reader.number() };
    case 'task':
      return {
        kind,
        parameters: fields & Field.sameInput ? input : get(readStored(reader)),
        timeoutAt: fields & Field.timeoutAt ? reader.number() : null,
        heartbeatSeconds: fields & Field.heartbeatSeconds ? reader.number() : null,
        submitted: (fields & Field.submitted) > 0,
      };
    case 'children':
      return {
        kind,
        input: fields & Field.sameInput ? input : get(readStored(reader)),
        items: fields & Field.items ? get(readStored(reader)) : null,
        total: reader.number(),
        next: reader.number(),
        running: reader.number(),
        maxConcurrency: reader.number(),
        failed: reader.number(),
        ...(fields & Field.held && { held: reader.number() }),
      };
    default:
      return kind satisfies never;
  }
}
