/** What a chunk keeps beside its outputs: totals of them, and of each reject where it is and what a table gets of it. */
import type { ObjectRef, Objects } from '../ports/objects.ts';
import type { TableDescription } from '../ports/tables.ts';
import type { AnyDefinition } from './any-definition.ts';
import type { ChunkPart } from './account.ts';
import { partETag, partOf } from './chunk-part.ts';
import type { Reject } from './reject.ts';
import { itemOf } from './item.ts';
import { itemLines } from './item-lines.ts';
import type { TotalsRecord } from './totals/definition.ts';
import { type Addition, createGroups, groupLine, type Groups } from './totals/groups.ts';
import type { TotalsSettings } from './totals/settings.ts';
import { whenOf } from './when.ts';

export interface ChunkTally {
  /** Takes the outputs of a record up. @throws Error that says why they cannot be added up */
  check(outputs: readonly object[]): void;
  /** Adds what was taken up last: the record is written. */
  add(): void;
  /** Keeps what a table gets of a reject. */
  reject(reject: Reject): void;
  /** What a table gets of the rejects, as `item-lines.ts` writes items. */
  errors(): string;
  /** The groups of each totals, as lines in the order of their keys. */
  texts(): readonly string[];
}

/** The same for all chunks, so that the compiler finds what it has found before. */
const NO_TOTALS: Pick<ChunkTally, 'check' | 'add'> = { check: () => {}, add: () => {} };

export interface ChunkTallyParams {
  readonly totals: readonly TotalsSettings[];
  readonly definition: AnyDefinition;
  /** By their names. */
  readonly tables: ReadonlyMap<string, TableDescription>;
  /** A reject as the text of an item; absent when no table gets them. */
  readonly rejectItem?: ((reject: Reject) => string) | undefined;
}

export function createChunkTally({ totals, definition, tables, rejectItem }: ChunkTallyParams): ChunkTally {
  const errors: string[] = [];
  const tallies = totals.map((settings): Tally => {
    const own = definition.totals?.[settings.name];
    return { groups: createGroups(settings, tableCheck(settings, tables)), when: whenOf(own) };
  });
  let taken: readonly (readonly Addition[])[] = [];
  return {
    check: (outputs) => {
      taken = tallies.map(({ groups, when }) =>
        (when ? outputs.filter((output) => when(output)) : outputs).map((output) => groups.check(output)),
      );
    },
    add: () => {
      for (const [index, { groups }] of tallies.entries())
        for (const addition of taken[index] ?? []) groups.add(addition);
      taken = [];
    },
    reject: (reject) => {
      if (rejectItem) errors.push(itemLines(rejectItem(reject)));
    },
    errors: () => errors.join(''),
    texts: () => tallies.map(({ groups }) => groups.sorted().map(groupLine).join('')),
    ...(tallies.length === 0 && NO_TOTALS),
  };
}

/** Whether the tables of these totals can have an item with such a key: what is added up in it comes later. */
function tableCheck(
  { sinks }: TotalsSettings,
  tables: ReadonlyMap<string, TableDescription>,
): ((record: TotalsRecord) => void) | undefined {
  const kept = sinks.flatMap((sink) => {
    const table = sink.kind === 'table' ? tables.get(sink.table) : undefined;
    return sink.kind === 'table' && table ? [{ table, columns: sink.columns }] : [];
  });
  if (kept.length === 0) return undefined;
  return (record) => {
    for (const { table, columns } of kept)
      itemOf(columns ? Object.fromEntries(columns.map((name) => [name, record[name]])) : record, table);
  };
}

interface Tally {
  readonly groups: Groups;
  readonly when: ((output: object) => boolean) | undefined;
}

/** Keeps a text of a chunk, and says what was kept. */
export async function putPart(objects: Objects, ref: ObjectRef, text: string): Promise<ChunkPart> {
  const body = Buffer.from(text);
  const part = partOf(body);
  await objects.put({ ...ref, body, eTag: partETag(part) });
  return part;
}
