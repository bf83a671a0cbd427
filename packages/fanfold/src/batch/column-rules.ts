/** What is done about columns and cells of a CSV file that are not as the schema has them. */
import type { ColumnPolicy, EmptyPolicy } from '../records/index.ts';

export interface ColumnRules extends Pick<ColumnPolicy, 'missing' | 'extra' | 'renamed'> {
  /** @defaultValue cells are taken as they stand; records that are too short are rejected */
  readonly empty?: EmptyPolicy;
}

const CHOICES: Readonly<Record<string, readonly string[]>> = {
  missing: ['required', 'fail', 'ignore'],
  extra: ['fail', 'keep', 'drop'],
};
const MEANINGS: readonly string[] = ['text', 'missing', 'null', 'reject'];
const CELLS: readonly string[] = ['empty', 'quoted', 'blank', 'word', 'cut'];

/** Whether records that are too short are to be filled up before they are looked at. */
export function fillsCut({ empty }: ColumnRules = {}): boolean {
  return empty?.cut !== undefined && empty.cut !== 'reject';
}

/** What is wrong with rules that somebody has written, as sentences. @param at where they stand */
export function* ruleProblems(rules: ColumnRules, at: string): Generator<string> {
  const given = rules as Readonly<Record<string, unknown>>;
  for (const name of Object.keys(given))
    if (!Object.hasOwn(CHOICES, name) && name !== 'renamed' && name !== 'empty')
      yield `${at}.${name} is not known. There are missing, extra, renamed and empty.`;
  for (const [name, known] of Object.entries(CHOICES))
    if (given[name] !== undefined && !known.includes(given[name] as string))
      yield `${at}.${name} is ${JSON.stringify(given[name])}. Use ${known.join(', ')}.`;
  for (const [inFile, name] of Object.entries(rules.renamed ?? {}))
    if (typeof name !== 'string' || name.trim() === '')
      yield `${at}.renamed gives ${JSON.stringify(inFile)} the name ${JSON.stringify(name)}. Use a text.`;
  for (const [cell, meaning] of Object.entries(rules.empty ?? {})) {
    if (cell === 'words') {
      if (!Array.isArray(meaning) || meaning.some((word) => typeof word !== 'string' || word === ''))
        yield `${at}.empty.words is ${JSON.stringify(meaning)}. List texts, such as "NULL".`;
    } else if (!CELLS.includes(cell))
      yield `${at}.empty.${cell} is not known. There are ${CELLS.join(', ')} and words.`;
    else if (!MEANINGS.includes(meaning as string) || (cell === 'cut' && meaning === 'text'))
      yield `${at}.empty.${cell} is ${JSON.stringify(meaning)}. Use ${MEANINGS.filter((known) => cell !== 'cut' || known !== 'text').join(', ')}.`;
  }
}
