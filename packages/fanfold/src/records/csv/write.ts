import { checkDelimiter } from './dialect.ts';

export interface CsvFormat {
  /** @defaultValue ',' */
  readonly delimiter?: string;
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
  const delimiter = checkDelimiter(format.delimiter ?? ',');
  const newline = format.newline ?? '\r\n';
  if (format.quote === 'all') return fields.map(quoted).join(delimiter) + newline;
  // A record of one empty field would be a blank line, which readers skip.
  if (fields.length === 1 && fields[0] === '') return `""${newline}`;
  return fields.map((field) => formatCsvCell(field, delimiter)).join(delimiter) + newline;
}

/** Writes one field of a record that has others, as `formatCsvRecord` does. @param delimiter that works */
export function formatCsvCell(field: string, delimiter = ','): string {
  return needsQuotes(field, delimiter) ? quoted(field) : field;
}

/** A byte order mark counts too: at the start of a file it would be taken for the file's own. */
function needsQuotes(field: string, delimiter: string): boolean {
  // Of a longer delimiter, its first character at the end of a field would already be taken for its start.
  return field.includes(delimiter.charAt(0)) || /["\r\n]/.test(field) || field.startsWith('\ufeff');
}

function quoted(field: string): string {
  return `"${field.includes('"') ? field.replaceAll('"', '""') : field}"`;
}
