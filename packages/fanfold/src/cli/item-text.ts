/** Items as lines of JSON, plain or typed; and lines as items. */
import { UsageError } from './exit.ts';
import { isArray, isObject, type Json, member } from '../json.ts';
import type { Item } from '../ports/tables.ts';
import { plainItem, typedValue } from '../services/plain-item.ts';

export function itemLine(item: Item, typed: boolean): string {
  return `${JSON.stringify(typed ? item : plainItem(item))}\n`;
}

/** @param place told where it is none @throws Error */
export function parseItem(text: string, typed: boolean, place: string): Item {
  const value = typed ? parse(text, place) : parse(text, place, typedMember);
  const item = typed || !isObject(value) ? value : member(value, 'M');
  if (!isObject(item)) throw new UsageError(`${place}: an item is a JSON object, not ${text.slice(0, 100)}`);
  return item as unknown as Item;
}

/** A number keeps the digits that it is written with: a table holds more of them than a number of JavaScript does. */
function typedMember(_: string, value: unknown, { source }: { readonly source?: string }): unknown {
  if (typeof value === 'number') return { N: source ?? String(value) };
  // What is inside has its type by now.
  if (isArray(value)) return { L: value };
  return isObject(value) ? { M: value } : typedValue(value as Json);
}

type Reviver = (key: string, value: unknown, context: { readonly source?: string }) => unknown;

function parse(text: string, place: string, revive?: Reviver): Json {
  try {
    return JSON.parse(text, revive as Parameters<typeof JSON.parse>[1]) as Json;
  } catch (error) {
    throw new UsageError(`${place}: no JSON: ${(error as Error).message}`, { cause: error });
  }
}
