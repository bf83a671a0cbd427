import { checkDelimiter } from './dialect.ts';

export interface CsvFormat {
  /** @defaultValue ',' */
  readonly delimiter?: string;
  /** What stands around quoted fields: one ASCII character that works as a quote. @defaultValue '"' */
  readonly mark?: string;
  /** `all`: every field is quoted. `needed`: those that would be read as something else without. @defaultValue 'needed' */
  readonly quote?: 'all' | 'needed';
  /** What ends the record. @defaultValue '\r\n', as in RFC 4180 */
  readonly newline?: '\n' | '\r\n';
}

/**
 * Writes one record, its line ending included. What `readCsv` reads from it is the same fields.
 *
 * @throws RecordError BadOption for a delimiter that does not work
 */
export function formatCsvRecord(fields: readonly string[], format: CsvFormat = {}): string {
  const { mark = '"', newline = '\r\n' } = format;
  const delimiter = checkDelimiter(format.delimiter ?? ',', { quote: mark, escape: null });
  if (format.quote === 'all') return fields.map((field) => quoted(field, mark)).join(delimiter) + newline;
  // A record of one empty field would be a blank line, which readers skip.
  if (fields.length === 1 && fields[0] === '') return mark + mark + newline;
  return fields.map((field) => formatCsvCell(field, delimiter, mark)).join(delimiter) + newline;
}

/** Writes one field of a record that has others, as `formatCsvRecord` does. @param delimiter and mark that work */
export function formatCsvCell(field: string, delimiter = ',', mark = '"'): string {
  return needsQuotes(field, delimiter, mark) ? quoted(field, mark) : field;
}

/** A byte order mark counts too: at the start of a file it would be taken for the file's own. */
function needsQuotes(field: string, delimiter: string, mark: string): boolean {
  // Of a longer delimiter, its first character at the end of a field would already be taken for its start.
  return (
    field.includes(delimiter.charAt(0)) || field.includes(mark) || /[\r\n]/.test(field) || field.startsWith('\ufeff')
  );
}

function quoted(field: string, mark: string): string {
  return mark + (field.includes(mark) ? field.replaceAll(mark, mark + mark) : field) + mark;
}
