/**
 * What the engine calculates, as JSON: sequences lose their flags, what is undefined goes as JSON.stringify would have it,
 * numbers that JSON lacks become texts, as on AWS. Functions are no JSON. What is plain already is not copied.
 */
import { type Json, setKey } from '../../json.ts';
import { ENGINE } from './engine.ts';
import { JsonataError } from './jsonata-error.ts';

/** Nodes that are looked through for one step. */
const NODES_PER_STEP = 2;

/** What the engine writes on its arrays. */
interface Flags {
  readonly sequence?: unknown;
  readonly keepSingleton?: unknown;
  readonly cons?: unknown;
  readonly tupleStream?: unknown;
}

/** @throws JsonataError of the kind `result` where there is a function; the engine's bounds hold */
export function toPlain(value: unknown): Json | undefined {
  let nodes = 0;
  let length = 0;

  const convert = (part: unknown): Json | undefined => {
    if (++nodes % NODES_PER_STEP === 0) ENGINE.spend(1);
    length += typeof part === 'string' ? part.length + 2 : 2;
    ENGINE.checkText(length);
    if (typeof part === 'string' || typeof part === 'boolean' || part === null || part === undefined) return part;
    if (typeof part === 'number') return Number.isFinite(part) ? part : String(part);
    if (ENGINE.isFunction(part) || typeof part !== 'object')
      throw new JsonataError('result', 'The result of the expression is a function or contains one');
    ENGINE.nest();
    const plain = Array.isArray(part) ? convertArray(part) : convertObject(part as Record<string, unknown>);
    ENGINE.unnest();
    return plain;
  };

  const convertArray = (items: readonly unknown[]): Json => {
    let converted: Json[] | undefined = isFlagged(items) ? [] : undefined;
    for (let i = 0; i < items.length; i++) {
      const item = convert(items[i]) ?? null;
      if (!converted && item !== items[i]) converted = items.slice(0, i) as Json[];
      converted?.push(item);
    }
    return converted ?? (items as readonly Json[]);
  };

  const convertObject = (source: Readonly<Record<string, unknown>>): Json => {
    const keys = Object.keys(source);
    // The engine's own objects have no prototype.
    let plain: Record<string, Json> | undefined = Object.getPrototypeOf(source) === null ? {} : undefined;
    for (let i = 0; i < keys.length; i++) {
      const key = keys[i] as string;
      length += key.length;
      const member = convert(source[key]);
      if (!plain && member !== source[key]) plain = copyMembers(source, keys.slice(0, i));
      if (plain && member !== undefined) setKey(plain, key, member);
    }
    return plain ?? (source as Json);
  };

  return convert(value);
}

function copyMembers(source: Readonly<Record<string, unknown>>, keys: readonly string[]): Record<string, Json> {
  const copy: Record<string, Json> = {};
  for (const key of keys) setKey(copy, key, source[key] as Json);
  return copy;
}

function isFlagged(items: readonly unknown[] & Flags): boolean {
  return (
    items.sequence !== undefined ||
    items.cons !== undefined ||
    items.keepSingleton !== undefined ||
    items.tupleStream !== undefined
  );
}
