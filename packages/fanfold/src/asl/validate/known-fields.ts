/** The fields of a part that its table knows and that its query language has. */
import { isArray, isObject, type Json } from '../../json.ts';
import type { Field } from '../fields.ts';
import type { At } from './at.ts';
import type { Part } from './context.ts';

export interface Placed {
  readonly value: Json;
  readonly at: At;
}

export interface KnownField extends Placed {
  readonly name: string;
  readonly field: Field;
}

export function knownFields({ at, json, fields, language }: Part): readonly KnownField[] {
  return Object.entries(json).flatMap(([name, value]) => {
    const field = Object.hasOwn(fields.fields, name) ? fields.fields[name] : undefined;
    if (!field || (field.language && field.language !== language)) return [];
    return [{ name, field, value, at: at.in(name) }];
  });
}

/** A value and everything below it, from the first to the last. What `skip` says is not gone into. */
export function* valuesIn(root: Placed, skip?: (key: string) => boolean): Generator<Placed, void> {
  const pending = [root];
  for (let next = pending.pop(); next; next = pending.pop()) {
    yield next;
    const { value, at } = next;
    const below = isArray(value)
      ? value.map((item, i) => ({ value: item, at: at.in(i) }))
      : Object.entries(isObject(value) ? value : {}).flatMap(([key, inner]) =>
          skip?.(key) ? [] : [{ value: inner, at: at.in(key) }],
        );
    for (const inner of below.reverse()) pending.push(inner);
  }
}
