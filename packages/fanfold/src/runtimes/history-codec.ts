/**
 * Runs of history records as compact text. The first line is a JSON array
 *
 *     [id of the first, time of the first, [names of states], [values], record, record, …]
 *
 * and behind it lie the texts of the values, raw and unescaped. An entry of `[values]` is the length of the next text,
 * or minus the id of a value that is kept apart. A record is one number, its type times 64 plus the {@link Field}s that
 * follow it; a field that is as expected is left out. One iteration of a Map takes some 200 bytes.
 */
import type { HistoryEventType, HistoryRecord } from '../interpreter/history.ts';
import { Value } from '../interpreter/value.ts';
import type { JsonObject } from '../json.ts';
import type { GetValue, PutValue } from './stored-value.ts';

/** The bits of a record's number, in the order in which the fields follow it. */
const Field = {
  /** The id, where it is not one more than the last; as the difference. */
  id: 1,
  /** The previous event, where it is not the one numbered before this; as the difference. */
  previous: 2,
  /** Milliseconds since the record before. */
  at: 4,
  /** Index of the name. */
  state: 8,
  /** Index of the value. */
  value: 16,
  /** The object as it stands. */
  detail: 32,
} as const;

const FIELD_BITS = 6;

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
};

const TYPES: ReadonlyMap<number, HistoryEventType> = new Map(
  (Object.keys(NUMBERS) as HistoryEventType[]).map((type) => [NUMBERS[type], type]),
);

/** The types of events that can be stored. */
export const HISTORY_EVENT_TYPES: readonly HistoryEventType[] = [...TYPES.values()];

/** @param records in ascending order of their ids */
export function encodeHistory(records: readonly HistoryRecord[], put: PutValue): string {
  const names = new Map<string, number>();
  const values = createValueTable(put);
  let id = (records[0]?.id ?? 1) - 1;
  let at = records[0]?.at ?? 0;
  let line = `[${id + 1},${at},`;
  let packed = '';
  for (const record of records) {
    let fields = 0;
    let text = '';
    if (record.id !== id + 1) {
      fields |= Field.id;
      text += `,${record.id - id}`;
    }
    if (record.previous !== record.id - 1) {
      fields |= Field.previous;
      text += `,${record.id - record.previous}`;
    }
    if (record.at !== at) {
      fields |= Field.at;
      text += `,${record.at - at}`;
    }
    if (record.state !== null) {
      fields |= Field.state;
      text += `,${indexOf(names, record.state)}`;
    }
    if (record.value !== null) {
      fields |= Field.value;
      text += `,${values.indexOf(record.value)}`;
    }
    if (record.detail !== null) {
      fields |= Field.detail;
      text += `,${JSON.stringify(record.detail)}`;
    }
    packed += `,${(NUMBERS[record.type] << FIELD_BITS) | fields}${text}`;
    id = record.id;
    at = record.at;
  }
  line += `${JSON.stringify([...names.keys()])},[${values.entries.join()}]${packed}]\n`;
  return line + values.texts();
}

function indexOf<K>(table: Map<K, number>, key: K): number {
  let index = table.get(key);
  if (index === undefined) {
    index = table.size;
    table.set(key, index);
  }
  return index;
}

/** Each value of a row once, whether it comes again as the same object or as the same text. */
interface ValueTable {
  /** Lengths of texts, and minus the ids of the values kept apart. */
  readonly entries: readonly number[];
  indexOf(value: Value): number;
  texts(): string;
}

function createValueTable(put: PutValue): ValueTable {
  const entries: number[] = [];
  const byValue = new Map<Value, number>();
  const byStored = new Map<string | number, number>();
  let texts = '';
  const indexOfNew = (value: Value): number => {
    const stored = put(value);
    let index = byStored.get(stored);
    if (index === undefined) {
      index = entries.length;
      byStored.set(stored, index);
      entries.push(typeof stored === 'number' ? -stored : stored.length);
      if (typeof stored === 'string') texts += stored;
    }
    byValue.set(value, index);
    return index;
  };
  return { entries, indexOf: (value) => byValue.get(value) ?? indexOfNew(value), texts: () => texts };
}

/** @throws Error when the text holds a type of event that this version does not know */
export function decodeHistory(text: string, get: GetValue): HistoryRecord[] {
  const lineEnd = text.indexOf('\n');
  const line = JSON.parse(text.slice(0, lineEnd)) as unknown[];
  const names = line[2] as string[];
  const values = decodeValues(line[3] as number[], text, lineEnd + 1, get);
  const records: HistoryRecord[] = [];
  let id = (line[0] as number) - 1;
  let at = line[1] as number;
  let place = 4;
  const next = (): unknown => line[place++];
  while (place < line.length) {
    const head = next() as number;
    id += head & Field.id ? (next() as number) : 1;
    const previous = id - (head & Field.previous ? (next() as number) : 1);
    if (head & Field.at) at += next() as number;
    records.push({
      id,
      previous,
      at,
      type: typeOf(head >> FIELD_BITS),
      state: head & Field.state ? (names[next() as number] as string) : null,
      value: head & Field.value ? (values[next() as number] as Value) : null,
      detail: head & Field.detail ? (next() as JsonObject) : null,
    });
  }
  return records;
}

function decodeValues(entries: readonly number[], text: string, start: number, get: GetValue): Value[] {
  let place = start;
  return entries.map((entry) => {
    if (entry < 0) return get(-entry);
    place += entry;
    return Value.ofText(text.slice(place - entry, place));
  });
}

function typeOf(number: number): HistoryEventType {
  const type = TYPES.get(number);
  if (!type) throw new Error(`The history holds an event of the unknown type ${number}. Update Fanfold to read it.`);
  return type;
}
