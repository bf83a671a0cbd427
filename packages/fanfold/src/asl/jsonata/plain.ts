/**
 * What the engine calculates, as JSON: sequences lose their flags, what is undefined goes as JSON.stringify would have it,
 * numbers that JSON lacks become texts, as on AWS. Functions are no JSON. What is plain already is not copied.
 */
import { type Json, setKey } from '../../json.ts';
import { ENGINE } from './engine.ts';
import { JsonataError } from './jsonata-error.ts';

/** Nodes that are looked through for one step. */
const NODES_PER_STEP = 4;

/** What the engine writes on its arrays. */
const FLAGS = ['sequence', 'keepSingleton', 'cons', 'tupleStream', 'outerWrapper'] as const;

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
    const converted = items.map((item) => convert(item) ?? null);
    return isFlagged(items) || converted.some((item, i) => item !== items[i]) ? converted : (items as readonly Json[]);
  };

  const convertObject = (source: Readonly<Record<string, unknown>>): Json => {
    const plain: Record<string, Json> = {};
    // The engine's own objects have no prototype.
    let changed = Object.getPrototypeOf(source) === null;
    for (const key of Object.keys(source)) {
      length += key.length;
      const member = convert(source[key]);
      changed ||= member !== source[key];
      if (member !== undefined) setKey(plain, key, member);
    }
    return changed ? plain : (source as Json);
  };

  return convert(value);
}

function isFlagged(items: readonly unknown[]): boolean {
  return FLAGS.some((flag) => (items as { readonly [flag in (typeof FLAGS)[number]]?: unknown })[flag] !== undefined);
}
