/** Ways to keep values, for tests of codecs; and values made comparable. */
import { PassingMap } from '../passing-map.ts';
import { Value } from '../interpreter/value.ts';
import type { GetValue, PutValue } from '../runtimes/codecs/stored-value.ts';

interface Keeping {
  readonly put: PutValue;
  readonly get: GetValue;
}

/** Every value stands in the text. */
export const inPlace: Keeping = {
  put: (value) => value.text,
  get: (stored) => {
    if (typeof stored === 'number') throw new Error(`A text was expected, not the id ${stored}.`);
    return Value.ofText(stored);
  },
};

/** Every value is kept apart. */
export function keepAll(): Keeping {
  const kept: Value[] = [];
  return {
    put: (value) => kept.push(value),
    get: (stored) => {
      const value = typeof stored === 'number' ? kept[stored - 1] : undefined;
      if (!value) throw new Error(`An id was expected, not ${stored}.`);
      return value;
    },
  };
}

/** A copy with texts in place of Values, and objects for Maps: two Values are equal when their texts are. */
export function readable(data: unknown): unknown {
  if (data instanceof Value) return `Value ${data.text}`;
  if (data instanceof Map || data instanceof PassingMap) return sortedEntries([...data]);
  if (Array.isArray(data)) return data.map(readable);
  if (typeof data !== 'object' || data === null) return data;
  return sortedEntries(Object.entries(data));
}

function sortedEntries(entries: readonly (readonly [string, unknown])[]): unknown {
  return [...entries].sort(([a], [b]) => (a < b ? -1 : 1)).map(([key, value]) => [key, readable(value)]);
}
