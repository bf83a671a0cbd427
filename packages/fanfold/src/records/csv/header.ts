import { quoteForMessage, RecordError } from '../record-error.ts';
import type { CsvEntry, CsvOptions } from './types.ts';

/** The names in the header record. @throws RecordError BrokenHeader when the record itself is broken */
export function headerNames(entry: CsvEntry): readonly string[] {
  if (entry.kind === 'record') return entry.fields;
  const hint = entry.code === 'InvalidUtf8' ? 'Save the file as UTF-8.' : 'Correct the first line of the file.';
  throw new RecordError(
    'BrokenHeader',
    `The header in line ${entry.line} is broken: ${entry.reason} Its text is ${quoteForMessage(entry.raw)}. ${hint}`,
    entry.line,
  );
}

/**
 * Checks that each column has a name of its own, and that the names are those expected. Names are kept as text in a
 * list, so that `__proto__` is a name like any other.
 *
 * @throws RecordError BlankHeaderName, DuplicateHeaderName, WrongHeader
 */
export function checkHeader(names: readonly string[], line: number, expected: CsvOptions['expectedHeader']): void {
  const seen = new Map<string, number>();
  names.forEach((name, index) => {
    if (name.trim() === '')
      throw new RecordError(
        'BlankHeaderName',
        `Column ${index + 1} of the header in line ${line} has no name. Give every column a name.`,
        line,
      );
    const first = seen.get(name);
    if (first !== undefined)
      throw new RecordError(
        'DuplicateHeaderName',
        `The header in line ${line} names ${quoteForMessage(name)} twice, as columns ${first + 1} and ${index + 1}. Rename one.`,
        line,
      );
    seen.set(name, index);
  });
  const wrong = typeof expected === 'function' ? expected(names) : expected && difference(names, expected);
  if (wrong !== undefined) throw new RecordError('WrongHeader', `The header in line ${line} is wrong: ${wrong}`, line);
}

function difference(names: readonly string[], expected: readonly string[]): string | undefined {
  if (names.length === expected.length && names.every((name, index) => name === expected[index])) return undefined;
  return `it is ${quoteForMessage(names.join(','))}, and ${quoteForMessage(expected.join(','))} is expected. Check the file and its delimiter.`;
}
