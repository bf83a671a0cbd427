/**
 * Lookups of a run: what a window of records asks for is asked in bulk, each key once, and kept for the windows and
 * chunks to come. Another run asks anew.
 */
import type { LookupContext, Lookups, ProcessContext } from './definition.ts';

/** What was found for one record, or why it could not be asked for. */
export type FoundFor =
  | { readonly kind: 'found'; readonly values: ProcessContext['lookups'] }
  | { readonly kind: 'rejected'; readonly code: string; readonly message: string };

export interface LookupsOfRun {
  /** Of one record, where nothing has to be asked for it; undefined otherwise. */
  known(record: object): FoundFor | undefined;
  /** By record, in their order. @throws whatever a lookup's `load` throws */
  find(records: readonly object[]): Promise<readonly FoundFor[]>;
}

/** Answers that are kept, of each lookup; with more it begins anew. */
const MOST_KEPT = 200_000;
/** Keys in one question. */
const MOST_ASKED = 1000;
/** So many keys were asked for before all that there is would be less work. */
const MANY_ASKED = 1000;

const NOTHING_ASKED: FoundFor = { kind: 'found', values: {} };

/** Of one lookup: what it has answered, and what it is being asked. */
interface Shelf {
  readonly answers: Map<string, unknown>;
  readonly pending: Map<string, Promise<ReadonlyMap<string, unknown>>>;
  /** Keys so far. */
  asked: number;
  /** Whether all answers that there are were kept; undefined before that was tried. */
  whole: Promise<boolean> | undefined;
  isWhole: boolean;
}

interface OpenLookup {
  readonly name: string;
  readonly lookup: Lookups[string];
  readonly shelf: Shelf;
}

/** Of the run that this worker has served last: its chunks share the answers, and what the compiler has made of `known`. */
let kept:
  | {
      readonly run: string;
      readonly lookups: Lookups;
      readonly open: readonly OpenLookup[];
      readonly known: LookupsOfRun['known'];
    }
  | undefined;

/** @param run names the run, its batch included */
export function openLookups(lookups: Lookups | undefined, run: string, context: LookupContext): LookupsOfRun {
  if (!lookups || Object.keys(lookups).length === 0) return NO_LOOKUPS;
  if (kept?.run !== run || kept.lookups !== lookups) {
    const named = Object.entries(lookups).map(([name, lookup]) => ({ name, lookup, shelf: emptyShelf() }));
    kept = { run, lookups, open: named, known: knownOf(named) };
  }
  const { open, known } = kept;
  return {
    known,
    find: async (records) => {
      const asked = records.map((record) => keysOf(open, record));
      const answers: ReadonlyMap<string, unknown>[] = [];
      for (const [index, one] of open.entries()) {
        const keys = asked.flatMap((found) => (isKeys(found) ? (found[index] ?? []) : []));
        answers.push(await answersFor(one, new Set(keys), context));
      }
      return asked.map((found) => {
        if (!isKeys(found)) return found;
        const values = open.map(({ name }, index) => {
          const key = found[index];
          return [name, key === undefined ? undefined : answers[index]?.get(key)] as const;
        });
        return { kind: 'found', values: Object.fromEntries(values) };
      });
    },
  };
}

const NO_LOOKUPS: LookupsOfRun = {
  known: () => NOTHING_ASKED,
  find: async (records) => records.map(() => NOTHING_ASKED),
};

function knownOf(open: readonly OpenLookup[]): LookupsOfRun['known'] {
  return (record) => {
    const values: Record<string, unknown> = {};
    for (const { name, lookup, shelf } of open) {
      let key: string | undefined;
      try {
        key = keyOf(name, lookup, record);
      } catch (error) {
        return noKey(error);
      }
      const answer = key === undefined ? undefined : shelf.answers.get(key);
      if (answer === undefined && key !== undefined && !shelf.isWhole && !shelf.answers.has(key)) return undefined;
      values[name] = answer;
    }
    return { kind: 'found', values };
  };
}

function emptyShelf(): Shelf {
  return { answers: new Map(), pending: new Map(), asked: 0, whole: undefined, isWhole: false };
}

/** A key for each lookup. */
type Keys = readonly (string | undefined)[];

function keysOf(open: readonly OpenLookup[], record: object): Keys | FoundFor {
  try {
    return open.map(({ name, lookup }) => keyOf(name, lookup, record));
  } catch (error) {
    return noKey(error);
  }
}

function keyOf(name: string, lookup: Lookups[string], record: object): string | undefined {
  const key = (lookup.key as (record: object) => unknown).call(lookup, record) ?? undefined;
  if (key === undefined || typeof key === 'string') return key;
  throw new TypeError(`The key of the lookup ${name} is a ${typeof key}. Give a text, or nothing.`);
}

function noKey(error: unknown): FoundFor {
  const { name, message } = error instanceof Error ? error : { name: 'Error', message: String(error) };
  return { kind: 'rejected', code: name, message };
}

function isKeys(found: Keys | FoundFor): found is Keys {
  return Array.isArray(found);
}

/** Of these keys and perhaps of more. Gathered apart: while one chunk waits, another may have the shelf begin anew. */
async function answersFor(
  one: OpenLookup,
  keys: ReadonlySet<string>,
  context: LookupContext,
): Promise<ReadonlyMap<string, unknown>> {
  const { shelf } = one;
  if (shelf.asked >= MANY_ASKED && (await (shelf.whole ??= fill(one, context)))) return shelf.answers;
  if (shelf.answers.size > MOST_KEPT) shelf.answers.clear();
  const found = new Map<string, unknown>();
  const missing: string[] = [];
  const awaited = new Map<string, Promise<ReadonlyMap<string, unknown>>>();
  for (const key of keys) {
    const pending = shelf.pending.get(key);
    if (shelf.answers.has(key)) found.set(key, shelf.answers.get(key));
    else if (pending) awaited.set(key, pending);
    else missing.push(key);
  }
  shelf.asked += missing.length;
  for (let from = 0; from < missing.length; from += MOST_ASKED) {
    const slice = missing.slice(from, from + MOST_ASKED);
    const answer = ask(one, slice, context);
    for (const key of slice) shelf.pending.set(key, answer);
    for (const [key, value] of await answer) found.set(key, value);
  }
  for (const [key, pending] of awaited) found.set(key, (await pending).get(key));
  return found;
}

/** @returns whether all that there is was kept */
async function fill({ name, lookup, shelf }: OpenLookup, context: LookupContext): Promise<boolean> {
  try {
    const all: unknown = await lookup.all?.(context);
    if (all === undefined) return false;
    if (!isMap(all)) throw notAMap(name, all);
    if (all.size > MOST_KEPT) return false;
    shelf.answers.clear();
    for (const [key, value] of all) shelf.answers.set(key, value);
    shelf.isWhole = true;
    return true;
  } catch (error) {
    shelf.whole = undefined;
    throw error;
  }
}

async function ask(
  { name, lookup, shelf: { answers, pending } }: OpenLookup,
  keys: readonly string[],
  context: LookupContext,
): Promise<ReadonlyMap<string, unknown>> {
  try {
    const found: unknown = await lookup.load(keys, context);
    if (!isMap(found)) throw notAMap(name, found);
    const given = new Map(keys.map((key) => [key, found.get(key) as unknown]));
    for (const [key, value] of given) answers.set(ownText(key), value);
    return given;
  } finally {
    for (const key of keys) pending.delete(key);
  }
}

function notAMap(name: string, found: unknown): TypeError {
  const what = found === null ? 'null' : `what is no Map (${typeof found})`;
  return new TypeError(`The lookup ${name} has loaded ${what}. Give a Map of what there is, by its keys.`);
}

function isMap(value: unknown): value is ReadonlyMap<string, unknown> {
  return typeof value === 'object' && value !== null && typeof (value as { get?: unknown }).get === 'function';
}

/** A key that was cut out of a window of text keeps all of the window in memory. This one is the key alone. */
function ownText(key: string): string {
  return Buffer.from(key, 'utf16le').toString('utf16le');
}
