import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { HistoryRecord } from '../../interpreter/history.ts';
import { Value } from '../../interpreter/value.ts';
import { aRecord, records } from '../../testing/store.fixture.ts';
import { inPlace, keepAll, readable } from '../../testing/stored-value.fixture.ts';
import { decodeHistory, encodeHistory, HISTORY_EVENT_TYPES } from './history-codec.ts';

describe('the history codec', () => {
  it('gives back what was encoded', () => {
    fc.assert(
      fc.property(records, (history) => {
        const decoded = decodeHistory(encodeHistory(history, inPlace.put), inPlace.get);
        expect(readable(decoded)).toEqual(readable(history));
      }),
    );
  });

  it('gives back what was encoded with all values kept apart', () => {
    fc.assert(
      fc.property(records, (history) => {
        const kept = keepAll();
        const decoded = decodeHistory(encodeHistory(history, kept.put), kept.get);
        expect(readable(decoded)).toEqual(readable(history));
      }),
    );
  });

  it('has a number for each type', () => {
    const history = HISTORY_EVENT_TYPES.map((type, i) => aRecord(i + 1, { type, at: 0, state: null, value: null }));
    const [, , , ...records] = encodeHistory(history, inPlace.put);
    expect(records.filter((_, i) => i % 2 === 0)).toEqual(HISTORY_EVENT_TYPES.map((_, i) => i + 1));
  });

  it('reads what earlier versions wrote', () => {
    const written = Buffer.from(WRITTEN, 'hex');
    const decoded = decodeHistory(written, inPlace.get);
    expect(readable(decoded)).toEqual(readable(anIteration(15, 1_700_000_000_000)));
    expect(encodeHistory(decoded, inPlace.put).toString('hex')).toBe(WRITTEN);
  });

  it('keeps a value once, however many records tell of it', () => {
    const text = JSON.stringify('order'.repeat(20));
    const shared = Value.ofText(text);
    const history = [1, 2, 3].map((id) => aRecord(id, { value: shared }));
    const encoded = encodeHistory([...history, aRecord(4, { value: Value.ofText(text) })], inPlace.put);
    expect(encoded.toString().split(text)).toHaveLength(2);
    const [first, ...others] = decodeHistory(encoded, inPlace.get).map(({ value }) => value);
    for (const value of others) expect(value).toBe(first);
  });

  it('refuses a type that it does not know', () => {
    const unknown = Buffer.from([4, 0, 0, 200, 0]);
    expect(() => decodeHistory(unknown, inPlace.get)).toThrow('unknown type 200');
  });
});

/** The records of {@link anIteration}; each record is on a line. */
const WRITTEN = `
  22 0e 80a0abfef962
  2b 88 01 05 04
  08 18 02 07 00 0e
  1a 20
  1b 04 06
  1c 14 28 00 10
  09 20
  2c 88 01 04
  224d617022 22507269636522 7b2261223a317d 7b2262223a20327d
`.replaceAll(/\s/g, '');

/** What one iteration of a Map with one function task leaves. */
function anIteration(first: number, at: number): HistoryRecord[] {
  const input = Value.ofText('{"a":1}');
  const output = Value.ofText('{"b": 2}');
  const detail = { index: 4 };
  return [
    aRecord(first, { at, type: 'MapIterationStarted', state: 'Map', value: null, detail }),
    aRecord(first + 1, { at, type: 'TaskStateEntered', state: 'Price', value: input }),
    aRecord(first + 2, { at, type: 'LambdaFunctionScheduled', state: 'Price', value: input }),
    aRecord(first + 3, { at: at + 3, type: 'LambdaFunctionStarted', state: 'Price', value: null }),
    aRecord(first + 4, { at: at + 23, type: 'LambdaFunctionSucceeded', state: 'Price', value: output }),
    aRecord(first + 5, { at: at + 23, type: 'TaskStateExited', state: 'Price', value: output }),
    aRecord(first + 6, { at: at + 23, type: 'MapIterationSucceeded', state: 'Map', value: null, detail }),
  ];
}
