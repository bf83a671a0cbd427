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
  /** By record, in their order. @throws whatever a lookup's `load` throws */
  find(records: readonly object[]): Promise<readonly FoundFor[]>;
}

/** Answers that are kept, of each lookup; with more it begins anew. */
const MOST_KEPT = 200_000;
/** Keys in one question. */
const MOST_ASKED = 1000;

const NOTHING_ASKED: FoundFor = { kind: 'found', values: {} };

type Answers = Map<string, unknown>;

/** Of the run that this worker has served last. */
let kept: { readonly run: string; readonly answers: ReadonlyMap<string, Answers> } | undefined;

/** @param run names the run, its batch included */
export function openLookups(lookups: Lookups | undefined, run: string, context: LookupContext): LookupsOfRun {
  const named = Object.entries(lookups ?? {});
  if (named.length === 0) return { find: async (records) => records.map(() => NOTHING_ASKED) };
  if (kept?.run !== run) kept = { run, answers: new Map(named.map(([name]) => [name, new Map()])) };
  const { answers } = kept;

  const keysOf = (record: object): Keys | FoundFor => {
    try {
      return named.map(([, lookup]) => (lookup.key as (record: object) => string | undefined).call(lookup, record));
    } catch (error) {
      const { name, message } = error instanceof Error ? error : { name: 'Error', message: String(error) };
      return { kind: 'rejected', code: name, message };
    }
  };
  return {
    find: async (records) => {
      const asked = records.map(keysOf);
      for (const [index, [name, lookup]] of named.entries()) {
        const known = answers.get(name) as Answers;
        if (known.size > MOST_KEPT) known.clear();
        const keys = asked.flatMap((found) => (isKeys(found) ? (found[index] ?? []) : []));
        await ask(lookup, known, new Set(keys), context);
      }
      return asked.map((found) => {
        if (!isKeys(found)) return found;
        const values = named.map(([name], index) => [name, answers.get(name)?.get(found[index] ?? '')] as const);
        return { kind: 'found', values: Object.fromEntries(values) };
      });
    },
  };
}

/** A key for each lookup. */
type Keys = readonly (string | undefined)[];

function isKeys(found: Keys | FoundFor): found is Keys {
  return Array.isArray(found);
}

async function ask(
  lookup: Lookups[string],
  known: Answers,
  keys: ReadonlySet<string>,
  context: LookupContext,
): Promise<void> {
  const missing = [...keys].filter((key) => !known.has(key));
  for (let from = 0; from < missing.length; from += MOST_ASKED) {
    const slice = missing.slice(from, from + MOST_ASKED);
    const found = await lookup.load(slice, context);
    for (const key of slice) known.set(key, found.get(key));
  }
}
