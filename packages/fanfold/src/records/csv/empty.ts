/** What cells mean that hold nothing: each of the ways in which files say so can mean something else. */
import type { CsvRecord } from './types.ts';

/**
 * `text`: what stands there, as it stands. `missing`: the record has no such member. `null`: it has, and it is null.
 * `reject`: the record is not taken.
 */
export type EmptyMeaning = 'text' | 'missing' | 'null' | 'reject';

export interface EmptyPolicy {
  /** Nothing between two delimiters. @defaultValue 'text' */
  readonly empty?: EmptyMeaning;
  /** Two quotes, `""`. @defaultValue 'text' */
  readonly quoted?: EmptyMeaning;
  /** White space and nothing else. @defaultValue 'text' */
  readonly blank?: EmptyMeaning;
  /** One of `words`. @defaultValue 'text' */
  readonly word?: EmptyMeaning;
  /** What stands for nothing, such as `NULL`: the whole cell, in these letters. @defaultValue NULL */
  readonly words?: readonly string[];
  /** A cell behind the end of a record that is too short. @defaultValue 'reject' */
  readonly cut?: Exclude<EmptyMeaning, 'text'>;
}

/** A kind of empty cell, as people call it. */
export const EMPTY_CELLS = {
  empty: 'is empty',
  quoted: 'is an empty text in quotes',
  blank: 'is blank',
  word: 'stands for nothing',
  cut: 'is missing: the record is too short',
} as const;

export type EmptyCell = keyof typeof EMPTY_CELLS;

/** What kind of empty a cell is; undefined: it holds something. */
export function emptyCell(
  record: Pick<CsvRecord, 'fields'> & Partial<CsvRecord>,
  index: number,
  words: ReadonlySet<string>,
): EmptyCell | undefined {
  if (record.cutAt !== undefined && index >= record.cutAt) return 'cut';
  const text = record.fields[index] as string;
  if (text === '') return record.quotedEmpty?.includes(index) ? 'quoted' : 'empty';
  if (words.has(text)) return 'word';
  return text.trim() === '' ? 'blank' : undefined;
}
