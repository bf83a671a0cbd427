/** Items as lines of JSON, plain or typed; and lines as items. */
import { UsageError } from './exit.ts';
import { isObject, type Json } from '../json.ts';
import type { Item } from '../ports/tables.ts';
import { plainItem, typedItem } from '../services/plain-item.ts';

export function itemLine(item: Item, typed: boolean): string {
  return `${JSON.stringify(typed ? item : plainItem(item))}\n`;
}

/** @param place told where it is none @throws Error */
export function parseItem(text: string, typed: boolean, place: string): Item {
  const value = parse(text, place);
  if (!isObject(value)) throw new UsageError(`${place}: an item is a JSON object, not ${text.slice(0, 100)}`);
  return typed ? (value as unknown as Item) : typedItem(value);
}

function parse(text: string, place: string): Json {
  try {
    return JSON.parse(text) as Json;
  } catch (error) {
    throw new UsageError(`${place}: no JSON: ${(error as Error).message}`, { cause: error });
  }
}
