/** Outputs as text, the way a sink wants them. What a chunk writes can be joined to what the next one writes. */
import type { TableDescription } from '../ports/tables.ts';
import { formatCsvCell, formatCsvRecord } from '../records/index.ts';
import type { ByteWriter } from './byte-writer.ts';
import { itemWriter } from './item-lines.ts';
import type { HttpSinkSettings, ObjectSinkSettings, SinkSettings } from './settings.ts';

/** Writes one output. @throws Error that says why it cannot be written; what it has written until then is to be taken back */
export type FormatOutput = (output: object, to: ByteWriter) => void;

/** What a file of this format begins and ends with, around the texts of its outputs. */
export interface Frame {
  readonly before: string;
  /** Bytes that the first output leaves out: it has nothing to be parted from. */
  readonly skip: number;
  readonly after: string;
}

/** @param tables by their names */
export function formatOf(sink: SinkSettings, tables: ReadonlyMap<string, TableDescription>): FormatOutput {
  if (sink.kind === 'table')
    return itemWriter(sink.columns, tables.get(sink.table) as TableDescription) as FormatOutput;
  const format = textFormat(sink);
  switch (format) {
    case 'csv':
      return csv(sink.columns ?? []);
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
}: Pick<ObjectSinkSettings | HttpSinkSettings, 'format' | 'columns'>): Frame {
  switch (format) {
    case 'csv':
      return { before: formatCsvRecord(columns), skip: 0, after: '' };
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

const COMMA = 44;
const CR = 13;
const LF = 10;

/** Kept, so that the chunks of a run share what the compiler has made of it. */
const written = new Map<string, FormatOutput>();
const MOST_KEPT = 100;

function csv(columns: readonly string[]): FormatOutput {
  const key = JSON.stringify(columns);
  const known = written.get(key);
  if (known) return known;
  if (written.size >= MOST_KEPT) written.clear();
  const made = columns.length === 1 ? loneColumn(columns[0] as string) : generate(columns);
  written.set(key, made);
  return made;
}

/** An empty one is quoted, which is the reader's and the writer's own rule. */
function loneColumn(name: string): FormatOutput {
  return (output, to) => to.text(formatCsvRecord([cell(name, (output as Readonly<Record<string, unknown>>)[name])]));
}

/** A function for these columns and no others, so that each is found where it was found before. */
function generate(columns: readonly string[]): FormatOutput {
  const writes = columns.map((name) => `write(to, ${JSON.stringify(name)}, output[${JSON.stringify(name)}]);`);
  const body = `return (output, to) => { ${writes.join(` to.byte(${COMMA});\n`)} to.byte(${CR}); to.byte(${LF}); };`;
  // oxlint-disable-next-line no-new-func -- made of column names, as JSON, alone
  return (new Function('write', body) as (write: typeof writeCell) => FormatOutput)(writeCell);
}

function writeCell(to: ByteWriter, name: string, value: unknown): void {
  if (typeof value === 'string') {
    if (!to.plain(value, PLAIN)) to.text(formatCsvCell(value));
  } else if (typeof value === 'number' && Number.isFinite(value)) to.number(value);
  else to.text(formatCsvCell(cell(name, value)));
}

function json(columns: readonly string[] | undefined, before: string, after: string): FormatOutput {
  return (output, to) => {
    const kept = columns ? pick(output as Readonly<Record<string, unknown>>, columns) : output;
    const text = JSON.stringify(kept) as string | undefined;
    if (text === undefined) throw new Error('The output cannot be written as JSON.');
    to.text(before + text + after);
  };
}

function pick(
  output: Readonly<Record<string, unknown>>,
  columns: readonly string[],
): Readonly<Record<string, unknown>> {
  return Object.fromEntries(columns.map((name) => [name, output[name]]));
}

function cell(name: string, value: unknown): string {
  switch (typeof value) {
    case 'string':
      return value;
    case 'undefined':
      return '';
    case 'boolean':
    case 'bigint':
      return String(value);
    case 'number':
      if (Number.isFinite(value)) return String(value);
      throw new Error(`The output's ${name} is ${value}, which no file can hold.`);
    case 'object':
      if (value === null) return '';
      return value instanceof Date ? value.toISOString() : JSON.stringify(value);
    default:
      throw new Error(`The output's ${name} is a ${typeof value}, which no file can hold.`);
  }
}
