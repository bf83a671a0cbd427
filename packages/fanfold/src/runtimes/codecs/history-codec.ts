/**
 * Runs of history records as compact bytes ({@link ByteWriter}): the id before the first, the time of the first, and then
 * the records. A record is its type, its {@link Field}s, and the fields themselves; a field that is as expected is left
 * out. Names and values are written where they first come, and told again by their number. One iteration of a Map takes
 * some 30 bytes and its values.
 */
import type { HistoryEventType, HistoryRecord } from '../../interpreter/history.ts';
import type { Value } from '../../interpreter/value.ts';
import type { JsonObject } from '../../json.ts';
import { ByteReader, ByteWriter } from './bytes.ts';
import { type GetValue, type PutValue, readStored, type StoredValue, writeStored } from './stored-value.ts';

/** The bits of a record's second byte, in the order in which the fields follow it. */
const Field = {
  /** The id, where it is not one more than the last; as the difference. */
  id: 1,
  /** The previous event, where it is not the one numbered before this; as the difference, signed. */
  previous: 2,
  /** Milliseconds since the record before, signed. */
  at: 4,
  /** The state, where it is another than the record's before: 0 is none, others are names. */
  state: 8,
  /** A value that is another than the last one: 0 is a new one, others count back from the newest. */
  value: 16,
  /** The last value again. */
  sameValue: 32,
  /** The object as JSON: the length of its text. */
  detail: 64,
  /** Instead: the object has an `index` and nothing else. */
  index: 128,
  /** Both: the object is empty. */
  empty: 64 | 128,
} as const;

/** Append only: stored histories hold these numbers for ever. */
const NUMBERS: { readonly [type in HistoryEventType]: number } = {
  ExecutionStarted: 1,
  ExecutionSucceeded: 2,
  ExecutionFailed: 3,
  ExecutionTimedOut: 4,
  ExecutionAborted: 5,
  PassStateEntered: 6,
  PassStateExited: 7,
  TaskStateEntered: 8,
  TaskStateExited: 9,
  ChoiceStateEntered: 10,
  ChoiceStateExited: 11,
  WaitStateEntered: 12,
  WaitStateExited: 13,
  SucceedStateEntered: 14,
  SucceedStateExited: 15,
  FailStateEntered: 16,
  FailStateExited: 17,
  ParallelStateEntered: 18,
  ParallelStateExited: 19,
  MapStateEntered: 20,
  MapStateExited: 21,
  TaskStateAborted: 22,
  WaitStateAborted: 23,
  ParallelStateAborted: 24,
  MapStateAborted: 25,
  LambdaFunctionScheduled: 26,
  LambdaFunctionStarted: 27,
  LambdaFunctionSucceeded: 28,
  LambdaFunctionFailed: 29,
  LambdaFunctionTimedOut: 30,
  TaskScheduled: 31,
  TaskStarted: 32,
  TaskSubmitted: 33,
  TaskSucceeded: 34,
  TaskFailed: 35,
  TaskTimedOut: 36,
  MapStateStarted: 37,
  MapStateSucceeded: 38,
  MapStateFailed: 39,
  ParallelStateStarted: 40,
  ParallelStateSucceeded: 41,
  ParallelStateFailed: 42,
  MapIterationStarted: 43,
  MapIterationSucceeded: 44,
  MapIterationFailed: 45,
  MapIterationAborted: 46,
  EvaluationFailed: 47,
  ExecutionRedriven: 48,
  ActivityScheduled: 49,
  ActivityStarted: 50,
  ActivitySucceeded: 51,
  ActivityFailed: 52,
  ActivityTimedOut: 53,
  MapRunStarted: 54,
  MapRunSucceeded: 55,
  MapRunFailed: 56,
  MapRunAborted: 57,
  MapRunRedriven: 58,
};

const TYPES: ReadonlyMap<number, HistoryEventType> = new Map(
  (Object.keys(NUMBERS) as HistoryEventType[]).map((type) => [NUMBERS[type], type]),
);

/** The types of events that can be stored. */
export const HISTORY_EVENT_TYPES: readonly HistoryEventType[] = [...TYPES.values()];

/** @param records in ascending order of their ids */
export function encodeHistory(records: readonly HistoryRecord[], put: PutValue): Buffer {
  const encoder = new Encoder(records, put);
  for (const record of records) encoder.add(record);
  return encoder.take();
}

class Encoder {
  readonly #writer: ByteWriter;
  readonly #put: PutValue;
  readonly #names = new Map<string | null, number>([[null, 0]]);
  readonly #values = new Map<StoredValue, number>();
  #id: number;
  #at: number;
  #state: string | null = null;
  #value: Value | null = null;

  constructor(records: readonly HistoryRecord[], put: PutValue) {
    this.#writer = new ByteWriter(16 + 8 * records.length);
    this.#put = put;
    this.#id = (records[0]?.id ?? 1) - 1;
    this.#at = records[0]?.at ?? 0;
    this.#writer.number(this.#id);
    this.#writer.signed(this.#at);
  }

  add({ id, previous, at, type, state, value, detail }: HistoryRecord): void {
    const writer = this.#writer;
    const detailField = detail === null ? 0 : detailFieldOf(detail);
    const fields =
      (id === this.#id + 1 ? 0 : Field.id) |
      (previous === id - 1 ? 0 : Field.previous) |
      (at === this.#at ? 0 : Field.at) |
      (state === this.#state ? 0 : Field.state) |
      (value === null ? 0 : value === this.#value ? Field.sameValue : Field.value) |
      detailField;
    writer.byte(NUMBERS[type]);
    writer.byte(fields);
    if (fields & Field.id) writer.number(id - this.#id);
    if (fields & Field.previous) writer.signed(id - previous);
    if (fields & Field.at) writer.signed(at - this.#at);
    if (fields & Field.state) this.#writeName(state);
    if (fields & Field.value) this.#writeValue(value as Value);
    if (detailField === Field.detail) this.#writeText(JSON.stringify(detail));
    if (detailField === Field.index) writer.number(detail?.index as number);
    this.#id = id;
    this.#at = at;
    this.#state = state;
    this.#value = value ?? this.#value;
  }

  take(): Buffer {
    return this.#writer.take();
  }

  /** A name is told by its place among the names so far, from 1; behind the place of a new one stands its text, as JSON. */
  #writeName(name: string | null): void {
    const place = this.#names.get(name);
    this.#writer.number(place ?? this.#names.size);
    if (place !== undefined) return;
    this.#names.set(name, this.#names.size);
    // As JSON, because a name may hold half a surrogate pair, which UTF-8 cannot.
    this.#writeText(JSON.stringify(name));
  }

  /**
   * Each value of a run once, whether it comes again as the same object or as the same text: behind the 0 of a new one.
   */
  #writeValue(value: Value): void {
    const stored = this.#put(value);
    const place = this.#values.get(stored);
    this.#writer.number(place === undefined ? 0 : this.#values.size - place);
    if (place !== undefined) return;
    this.#values.set(stored, this.#values.size);
    writeStored(this.#writer, stored);
  }

  #writeText(text: string): void {
    this.#writer.number(text.length);
    this.#writer.text(text);
  }
}

function detailFieldOf(detail: JsonObject): number {
  let field: number = Field.empty;
  for (const key in detail) {
    const { index } = detail;
    if (key !== 'index' || !Number.isSafeInteger(index) || (index as number) < 0) return Field.detail;
    field = Field.index;
  }
  return field;
}

/** @throws Error when the run holds a type of event that this version does not know */
export function decodeHistory(bytes: Uint8Array, get: GetValue): HistoryRecord[] {
  const reader = new ByteReader(bytes);
  const names: (string | null)[] = [null];
  const values: Value[] = [];
  const records: HistoryRecord[] = [];
  let id = reader.number();
  let at = reader.signed();
  let state: string | null = null;
  let last: Value | null = null;
  while (!reader.atEnd) {
    const type = typeOf(reader.byte());
    const fields = reader.byte();
    id += fields & Field.id ? reader.number() : 1;
    const previous = id - (fields & Field.previous ? reader.signed() : 1);
    if (fields & Field.at) at += reader.signed();
    if (fields & Field.state) state = readName(reader, names);
    if (fields & Field.value) last = readValue(reader, values, get);
    const value = fields & (Field.value | Field.sameValue) ? last : null;
    records.push({ id, previous, at, type, state, value, detail: readDetail(reader, fields & Field.empty) });
  }
  return records;
}

function readName(reader: ByteReader, names: (string | null)[]): string | null {
  const place = reader.number();
  if (place === names.length) names.push(JSON.parse(readText(reader)) as string);
  return names[place] as string | null;
}

function readValue(reader: ByteReader, values: Value[], get: GetValue): Value {
  const back = reader.number();
  if (back > 0) return values[values.length - back] as Value;
  const value = get(readStored(reader));
  values.push(value);
  return value;
}

function readDetail(reader: ByteReader, field: number): JsonObject | null {
  switch (field) {
    case Field.empty:
      return {};
    case Field.index:
      return { index: reader.number() };
    case Field.detail:
      return JSON.parse(readText(reader)) as JsonObject;
    default:
      return null;
  }
}

function readText(reader: ByteReader): string {
  return reader.text(reader.number());
}

function typeOf(number: number): HistoryEventType {
  const type = TYPES.get(number);
  if (!type) throw new Error(`The history holds an event of the unknown type ${number}. Update Fanfold to read it.`);
  return type;
}
