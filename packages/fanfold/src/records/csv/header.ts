import { quoteForMessage, RecordError } from '../record-error.ts';
import type { CsvEntry, CsvOptions } from './types.ts';

/**
 * The names in the header record.
 *
 * @throws RecordError BrokenHeader when the record itself is broken, or has NUL characters
 */
export function headerNames(entry: CsvEntry): readonly string[] {
  if (entry.kind === 'record') {
    if (!entry.fields.some((name) => name.includes('\0'))) return entry.fields;
    throw new RecordError(
      'BrokenHeader',
      `The header in line ${entry.line} has NUL characters: ${quoteForMessage(entry.fields.join(','))}. The file is no text, or UTF-16 without a byte order mark. Save it as UTF-8.`,
      entry.line,
      { settings: 'Or name its encoding, such as "utf-16le".' },
    );
  }
  const isEncoding = entry.code === 'InvalidEncoding';
  const hint = isEncoding ? 'Save it as UTF-8.' : 'Correct the first line of the file.';
  throw new RecordError(
    'BrokenHeader',
    `The header in line ${entry.line} is broken: ${entry.reason} Its text is ${quoteForMessage(entry.raw)}. ${hint}`,
    entry.line,
    isEncoding ? { settings: 'Or name its encoding.' } : {},
  );
}

/**
 * Checks that each column has a name of its own. Names are kept as text in a list, so that `__proto__` is a name like any
 * other.
 *
 * @throws RecordError BlankHeaderName, DuplicateHeaderName
 */
export function checkNames(names: readonly string[], line: number): void {
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
}

/** @throws RecordError WrongHeader when the names are not those expected */
export function checkHeader(names: readonly string[], line: number, expected: CsvOptions['expectedHeader']): void {
  const wrong = typeof expected === 'function' ? expected(names) : expected && difference(names, expected);
  if (wrong !== undefined) throw new RecordError('WrongHeader', `The header in line ${line} is wrong: ${wrong}`, line);
}

/**
 * Gives names that are blank or there twice one of their own: `a` and `a` become `a` and `a_1`, a blank one `column_3`; with a
 * number that no other name has.
 */
export function numberNames(names: readonly string[]): readonly string[] {
  const taken = new Set(names);
  const used = new Set<string>();
  return names.map((given, index) => {
    const name = given.trim() === '' ? `column_${index + 1}` : given;
    let free = name;
    for (let number = 1; used.has(free) || (free !== given && taken.has(free)); number++) free = `${name}_${number}`;
    used.add(free);
    return free;
  });
}

function difference(names: readonly string[], expected: readonly string[]): string | undefined {
  if (names.length === expected.length && names.every((name, index) => name === expected[index])) return undefined;
  return `it is ${quoteForMessage(names.join(','))}, and ${quoteForMessage(expected.join(','))} is expected. Check the file and its delimiter.`;
}
