/** The items of a Map. */
import { isArray, isObject, type Json } from '../json.ts';
import type { Value } from './value.ts';

/** The item a Map is at. */
export interface MapItem {
  readonly index: number;
  readonly value: Json;
  /** Where the items are the members of an object: the member's name. */
  readonly key?: string;
  /** Of a distributed Map: where the item comes from. */
  readonly source?: string;
}

/** One element of an array. */
export function itemAt(items: Value, index: number): MapItem {
  const { json } = items;
  return { index, value: isArray(json) ? (json[index] as Json) : null };
}

/** The elements of an array, or the members of an object, as they are asked for. */
export function* itemsIn({ json }: Value): Generator<MapItem, void, void> {
  if (isArray(json)) for (const [index, value] of json.entries()) yield { index, value };
  else if (isObject(json))
    for (const [index, [key, value]] of Object.entries(json).entries()) yield { index, key, value };
}

export function countItems({ json }: Value): number {
  if (isArray(json)) return json.length;
  return isObject(json) ? Object.keys(json).length : 0;
}

/** What an iteration is given where no ItemSelector makes something else of it. */
export function plainInput({ key, value }: Pick<MapItem, 'key' | 'value'>): Json {
  return key === undefined ? value : { Key: key, Value: value };
}
