/** Outputs added up by their key: for a chunk, then for the run. Nothing depends on the order of adding (I6). */
import { addDecimal, addNumber, type DecimalSum, decimalValue, noSum, sumText } from './decimal.ts';
import type { TotalsRecord } from './definition.ts';
import { ownMembersOf } from '../own-members.ts';
import type { TotalsSettings } from './settings.ts';

/** What stands in the column of a least or greatest value. */
type Extreme = number | string | null;

/** The outputs of one key. */
export interface Group {
  /** The key's values, as JSON: what groups are ordered by. */
  readonly key: string;
  count: number;
  readonly sums: readonly DecimalSum[];
  readonly least: Extreme[];
  readonly greatest: Extreme[];
}

/** A group as it is kept between chunks: a line of JSON. */
type Kept = readonly [
  key: string,
  count: number,
  sums: readonly string[],
  least: readonly Extreme[],
  greatest: readonly Extreme[],
];

type Values = Readonly<Record<string, unknown>>;

export interface Groups {
  /** @throws Error that says why the output cannot be added; nothing of it was */
  check(output: object): Addition;
  add(addition: Addition): void;
  /** In the order of their keys. */
  sorted(): readonly Group[];
}

/** An output that can be added. */
export interface Addition {
  readonly key: string;
  readonly numbers: readonly (number | bigint | undefined)[];
  readonly least: readonly Extreme[];
  readonly greatest: readonly Extreme[];
}

/** @param checkRecord throws an Error that says why no sink can hold the record of a key */
export function createGroups(settings: TotalsSettings, checkRecord?: (record: TotalsRecord) => void): Groups {
  const { by, sum, min, max } = settings;
  const groups = new Map<string, Group>();
  const own = ownMembersOf([...by, ...[...sum, ...min, ...max].map(({ member }) => member)]);
  return {
    check: (output) => {
      const values: Values = own(output);
      const key = JSON.stringify(by.map((name) => keyPart(name, values[name])));
      if (checkRecord && !groups.has(key)) checkRecord(totalsRecord(emptyGroup(key, settings), settings));
      return {
        key,
        numbers: sum.map(({ member }) => numberOf(member, values[member])),
        least: min.map(({ member }) => extremeOf(member, values[member])),
        greatest: max.map(({ member }) => extremeOf(member, values[member])),
      };
    },
    add: ({ key, numbers, least, greatest }) => {
      let group = groups.get(key);
      if (!group) groups.set(key, (group = emptyGroup(key, settings)));
      group.count++;
      for (const [index, value] of numbers.entries())
        if (value !== undefined) addNumber(group.sums[index] as DecimalSum, value);
      widen(group, least, greatest);
    },
    sorted: () => [...groups.values()].sort((a, b) => (a.key < b.key ? -1 : 1)),
  };
}

export function emptyGroup(key: string, { sum, min, max }: TotalsSettings): Group {
  return { key, count: 0, sums: sum.map(noSum), least: min.map(() => null), greatest: max.map(() => null) };
}

/** Adds one group to another. */
export function addGroup(to: Group, { count, sums, least, greatest }: Group): void {
  to.count += count;
  for (const [index, sum] of sums.entries()) addDecimal(to.sums[index] as DecimalSum, sumText(sum));
  widen(to, least, greatest);
}

function widen({ least, greatest }: Group, low: readonly Extreme[], high: readonly Extreme[]): void {
  for (const [index, value] of low.entries()) least[index] = further(least[index] ?? null, value, -1);
  for (const [index, value] of high.entries()) greatest[index] = further(greatest[index] ?? null, value, 1);
}

/** @param direction 1: the greater one, -1: the lesser one */
function further(a: Extreme, b: Extreme, direction: 1 | -1): Extreme {
  if (a === null || b === null) return a ?? b;
  return compare(a, b) * direction >= 0 ? a : b;
}

/** Numbers come before texts; texts go by their code units. */
function compare(a: number | string, b: number | string): number {
  if (typeof a !== typeof b) return typeof a === 'number' ? -1 : 1;
  return a === b ? 0 : a < b ? -1 : 1;
}

/** A line of JSON. */
export function groupLine({ key, count, sums, least, greatest }: Group): string {
  return `${JSON.stringify([key, count, sums.map(sumText), least, greatest] satisfies Kept)}\n`;
}

export function parseGroup(line: string): Group {
  const [key, count, texts, least, greatest] = JSON.parse(line) as Kept;
  const sums = texts.map((text) => {
    const sum = noSum();
    addDecimal(sum, text);
    return sum;
  });
  return { key, count, sums, least: [...least], greatest: [...greatest] };
}

/** A group by the names of its columns. */
export function totalsRecord({ key, count, sums, least, greatest }: Group, settings: TotalsSettings): TotalsRecord {
  const values = JSON.parse(key) as readonly (string | number | boolean | null)[];
  return Object.fromEntries([
    ...settings.by.map((name, index) => [name, values[index] ?? null] as const),
    [settings.count, count] as const,
    ...settings.sum.map(({ name }, index) => [name, decimalValue(sumText(sums[index] as DecimalSum))] as const),
    ...settings.min.map(({ name }, index) => [name, least[index] ?? null] as const),
    ...settings.max.map(({ name }, index) => [name, greatest[index] ?? null] as const),
  ]);
}

function keyPart(name: string, value: unknown): string | number | boolean | null {
  switch (typeof value) {
    case 'string':
    case 'boolean':
      return value;
    case 'undefined':
      return null;
    case 'number':
      if (Number.isFinite(value)) return value;
      break;
    default:
      if (value === null) return null;
      if (value instanceof Date) return value.toISOString();
  }
  throw new Error(
    `The output's ${name} is ${shown(value)}, which is no key of totals. Use a text, a number or a boolean.`,
  );
}

function numberOf(name: string, value: unknown): number | bigint | undefined {
  if (value === undefined || value === null) return undefined;
  if (typeof value === 'bigint' || (typeof value === 'number' && Number.isFinite(value))) return value;
  throw new Error(`The output's ${name} is ${shown(value)}, which cannot be added up. Give a number.`);
}

function extremeOf(name: string, value: unknown): Extreme {
  if (value === undefined || value === null || value === '') return null;
  if (typeof value === 'string' || (typeof value === 'number' && Number.isFinite(value))) return value;
  if (value instanceof Date) return value.toISOString();
  throw new Error(`The output's ${name} is ${shown(value)}, which has no least or greatest. Give a number or a text.`);
}

function shown(value: unknown): string {
  return typeof value === 'string'
    ? JSON.stringify(value.slice(0, 80))
    : typeof value === 'number'
      ? String(value)
      : `a ${typeof value}`;
}
