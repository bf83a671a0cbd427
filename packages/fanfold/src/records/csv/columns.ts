/** Columns by name, in any order: which of a file's are taken, under which names, and what becomes of a file that has others. */
import { quoteForMessage, RecordError } from '../record-error.ts';

/** Which columns are wanted, and what is done about a file that has others. */
export interface ColumnPolicy {
  /** Names that records cannot do without. */
  readonly required: readonly string[];
  /** All names that somebody knows, these included. @defaultValue whatever the file has */
  readonly known?: readonly string[];
  /**
   * A column that the file does not have: `required` fails for those that are required, `fail` for all that are known, `ignore` for none.
   * @defaultValue 'required'
   */
  readonly missing?: 'required' | 'fail' | 'ignore';
  /** A column that nobody knows: `fail`, `keep` it, or `drop` it. @defaultValue 'keep' */
  readonly extra?: 'fail' | 'keep' | 'drop';
  /** Names in files → what they are called here, for columns that were renamed. @defaultValue none were */
  readonly renamed?: { readonly [inFile: string]: string };
}

/** A column that is taken. */
export interface TakenColumn {
  /** Among the fields. */
  readonly index: number;
  readonly name: string;
}

/**
 * The columns that are taken of a file, in its order.
 *
 * @param header the file's names, each once
 * @throws RecordError WrongHeader that names every column that is missing, too much, or there under two names
 */
export function takeColumns(header: readonly string[], policy: ColumnPolicy): readonly TakenColumn[] {
  const { required, known, missing = 'required', extra = 'keep', renamed = {} } = policy;
  const named = header.map((inFile, index) => ({
    index,
    inFile,
    name: Object.hasOwn(renamed, inFile) ? (renamed[inFile] as string) : inFile,
  }));
  const problems: string[] = [];
  const twice = named.filter(({ name }, index) => named.findIndex((other) => other.name === name) !== index);
  for (const { name } of twice) {
    const both = named.filter((other) => other.name === name).map(({ inFile }) => inFile);
    problems.push(`Its columns ${list(both)} are the same, ${quoteForMessage(name)}`);
  }
  const has = new Set(named.map(({ name }) => name));
  const isKnown = new Set([...(known ?? has), ...required]);
  const wanted = missing === 'ignore' ? [] : missing === 'fail' ? [...isKnown] : required;
  const absent = wanted.filter((name) => !has.has(name));
  if (absent.length > 0)
    problems.push(
      `The file has no column ${list(absent)}, which the schema ${missing === 'fail' ? 'knows' : 'requires'}`,
    );
  const more = named.filter(({ name }) => !isKnown.has(name));
  if (extra === 'fail' && more.length > 0)
    problems.push(`Its column ${list(more.map(({ inFile }) => inFile))} is not in the schema`);
  if (problems.length > 0)
    throw new RecordError(
      'WrongHeader',
      `${problems.join('. ')}. Its columns are ${list(header)}. Correct the file, or say which names its columns have.`,
    );
  return named.filter(({ name }) => extra !== 'drop' || isKnown.has(name)).map(({ index, name }) => ({ index, name }));
}

function list(names: readonly string[]): string {
  return names.map(quoteForMessage).join(', ');
}
