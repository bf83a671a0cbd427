/** Outputs as text, the way a sink wants them. What a chunk writes can be joined to what the next one writes. */
import type { TableDescription } from '../ports/tables.ts';
import { type BuiltColumn, formatCsvCell, formatCsvRecord, type PlainRecord } from '../records/index.ts';
import type { ByteWriter } from './byte-writer.ts';
import { hasInherited, ownMembersOf } from './own-members.ts';
import { itemWriter } from './item-lines.ts';
import type { CsvStyle } from './definition.ts';
import { oddness } from './odd-object.ts';
import { type PassedColumns, passedColumns } from './passed-columns.ts';
import type { HttpSinkSettings, ObjectSinkSettings, SinkSettings } from './settings.ts';

/**
 * Writes one output.
 *
 * @param from the record that it was made of, where that was read the short way
 * @throws Error that says why it cannot be written; what it has written until then is to be taken back
 */
export type FormatOutput = (output: object, to: ByteWriter, from?: PlainRecord) => void;

export interface FormatParams {
  /** By their names. */
  readonly tables: ReadonlyMap<string, TableDescription>;
  /** What is made of the columns of the input, where it is a CSV file. @defaultValue nothing */
  readonly build?: readonly BuiltColumn[] | undefined;
}

/** What a file of this format begins and ends with, around the texts of its outputs. */
export interface Frame {
  readonly before: string;
  /** Bytes that the first output leaves out: it has nothing to be parted from. */
  readonly skip: number;
  readonly after: string;
}

export function formatOf(sink: SinkSettings, params: FormatParams): FormatOutput {
  const { columns = [] } = sink;
  const format = formatOfMembers(sink, params);
  if (!hasInherited(columns)) return format;
  const own = ownMembersOf(columns);
  return (output, to, from) => format(own(output), to, from);
}

function formatOfMembers(sink: SinkSettings, { tables, build = [] }: FormatParams): FormatOutput {
  if (sink.kind === 'table')
    return itemWriter(sink.columns, tables.get(sink.table) as TableDescription) as FormatOutput;
  const format = textFormat(sink);
  switch (format) {
    case 'csv':
      return csv(sink.columns ?? [], sink.csv, build);
    case 'jsonl':
      return json(sink.columns, '', '\n');
    case 'json':
      return json(sink.columns, ',\n', '');
    default:
      return format satisfies never;
  }
}

/** Records that are sent a few at a time are kept as lines. */
function textFormat(sink: ObjectSinkSettings | HttpSinkSettings): ObjectSinkSettings['format'] {
  return sink.kind === 'http' && sink.deliver === 'records' ? 'jsonl' : sink.format;
}

export function frameOf({
  format,
  columns = [],
  csv: { header = true, newline = CRLF } = {},
}: Pick<ObjectSinkSettings | HttpSinkSettings, 'format' | 'columns' | 'csv'>): Frame {
  switch (format) {
    case 'csv':
      return { before: header ? formatCsvRecord(columns, { newline }) : '', skip: 0, after: '' };
    case 'jsonl':
      return { before: '', skip: 0, after: '' };
    case 'json':
      return { before: '[', skip: 1, after: '\n]\n' };
    default:
      return format satisfies never;
  }
}

/** A whole file, of what its chunks hold. */
export async function* framed(
  { before, skip, after }: Frame,
  outputs: AsyncIterable<Uint8Array>,
): AsyncGenerator<Uint8Array> {
  if (before !== '') yield Buffer.from(before);
  let left = skip;
  for await (const bytes of outputs) {
    const cut = Math.min(left, bytes.length);
    left -= cut;
    yield cut > 0 ? bytes.subarray(cut) : bytes;
  }
  if (after !== '') yield Buffer.from(after);
}

/** Of ASCII: 0 for what a cell must be quoted for. */
const PLAIN: Uint8Array = new Uint8Array(128).fill(1);
for (const special of ',"\r\n') PLAIN[special.charCodeAt(0)] = 0;

/** Of ASCII: 0 for what must be written twice inside quotes. */
const PLAIN_IN_QUOTES: Uint8Array = new Uint8Array(128).fill(1);
PLAIN_IN_QUOTES['"'.charCodeAt(0)] = 0;

const COMMA = 44;
const QUOTE = 34;
const CRLF = '\r\n';

/** Kept, so that the chunks of a run share what the compiler has made of it. */
const written = new Map<string, FormatOutput>();
const MOST_KEPT = 100;

type WriteCell = (to: ByteWriter, name: string, value: unknown) => void;

function csv(
  columns: readonly string[],
  { newline = CRLF, quote = 'needed' }: CsvStyle = {},
  build: readonly BuiltColumn[],
): FormatOutput {
  const passed = quote === 'needed' ? passedColumns(columns, build) : [];
  const key = JSON.stringify([columns, newline, quote, passed]);
  const known = written.get(key);
  if (known) return known;
  if (written.size >= MOST_KEPT) written.clear();
  const lone = columns.length === 1 && quote === 'needed';
  const made = lone
    ? loneColumn(columns[0] as string, newline)
    : generate(columns, passed, newline, quote === 'all' ? writeQuoted : writeCell);
  written.set(key, made);
  return made;
}

/** An empty one is quoted, which is the reader's and the writer's own rule. */
function loneColumn(name: string, newline: '\n' | '\r\n'): FormatOutput {
  return (output, to) =>
    to.text(formatCsvRecord([cell(name, (output as Readonly<Record<string, unknown>>)[name])], { newline }));
}

/** A function for these columns and no others, so that each is found where it was found before. */
function generate(
  columns: readonly string[],
  passed: readonly PassedColumns[],
  newline: string,
  write: WriteCell,
): FormatOutput {
  const comma = `to.byte(${COMMA});\n`;
  const one = (name: string): string => `write(to, ${JSON.stringify(name)}, output[${JSON.stringify(name)}]);`;
  const several = ({ names, field }: PassedColumns): string => {
    const same = names
      .map(JSON.stringify as (name: string) => string)
      .map((name) => `output[${name}] === kept[${name}]`);
    return `if (kept !== undefined && ${same.join(' && ')}) to.fields(from, ${field}, ${names.length});
      else { ${names.map(one).join(comma)} }`;
  };
  const parts: string[] = [];
  for (let at = 0; at < columns.length;) {
    const run = passed.find((each) => each.at === at);
    parts.push(run ? several(run) : one(columns[at] as string));
    at += run ? run.names.length : 1;
  }
  const ends = [...newline].map((character) => `to.byte(${character.charCodeAt(0)});`).join(' ');
  const body = `return (output, to, from) => {
    const kept = from === undefined ? undefined : from.kept;
    ${parts.join(`\n${comma}`)}
    ${ends}
  };`;
  // oxlint-disable-next-line no-new-func -- made of column names, as JSON, and of numbers alone
  return (new Function('write', body) as (write: WriteCell) => FormatOutput)(write);
}

function writeQuoted(to: ByteWriter, name: string, value: unknown): void {
  to.byte(QUOTE);
  const text = cell(name, value);
  if (!to.plain(text, PLAIN_IN_QUOTES)) to.text(text.replaceAll('"', '""'));
  to.byte(QUOTE);
}

function writeCell(to: ByteWriter, name: string, value: unknown): void {
  if (typeof value === 'string') {
    if (!to.plain(value, PLAIN)) to.text(formatCsvCell(wellFormed(name, value)));
  } else if (typeof value === 'number' && Number.isFinite(value)) to.number(value);
  else to.text(formatCsvCell(cell(name, value)));
}

function json(columns: readonly string[] | undefined, before: string, after: string): FormatOutput {
  return (output, to) => {
    const kept = columns ? pick(output as Readonly<Record<string, unknown>>, columns) : output;
    to.text(before + jsonText(kept, '') + after);
  };
}

function pick(
  output: Readonly<Record<string, unknown>>,
  columns: readonly string[],
): Readonly<Record<string, unknown>> {
  return Object.fromEntries(columns.map((name) => [name, output[name]]));
}

/** @param at which member of the output it is. @throws Error for what JSON would lose */
function jsonText(value: unknown, at: string): string {
  const text = JSON.stringify(value) as string | undefined;
  if (text === undefined) throw new Error('The output cannot be written as JSON.');
  // So it would write what it cannot hold.
  if (text.includes('null') || text.includes('{}')) checkHeld(value, at);
  return text;
}

/** @throws Error for a number that is none, or infinite, and for an object that would be written as an empty one */
function checkHeld(value: unknown, at: string): void {
  if (typeof value === 'number' && !Number.isFinite(value)) throw notHeld(at, String(value));
  if (typeof value !== 'object' || value === null) return;
  const odd = oddness(value);
  if (odd !== undefined) throw notHeld(at, odd);
  if ('toJSON' in value) return;
  for (const [name, inner] of Object.entries(value)) checkHeld(inner, at === '' ? name : `${at}.${name}`);
}

function notHeld(at: string, what: string): Error {
  return new Error(`The output${at === '' ? '' : `'s ${at}`} is ${what}, which no file can hold.`);
}

/** @throws Error for half a character, which UTF-8 has no bytes for */
function wellFormed(name: string, text: string): string {
  if (text.isWellFormed()) return text;
  throw new Error(`The output's ${name} has half of a surrogate pair, which no file can hold.`);
}

function cell(name: string, value: unknown): string {
  switch (typeof value) {
    case 'string':
      return wellFormed(name, value);
    case 'undefined':
      return '';
    case 'boolean':
    case 'bigint':
      return String(value);
    case 'number':
      if (Number.isFinite(value)) return String(value);
      throw notHeld(name, String(value));
    case 'object':
      if (value === null) return '';
      if (value instanceof Date && oddness(value) === undefined) return value.toISOString();
      return jsonText(value, name);
    default:
      throw new Error(`The output's ${name} is a ${typeof value}, which no file can hold.`);
  }
}
