/** The items of a distributed Map, from what its ItemReader would read. */
import { isArray, isObject, type Json, type JsonObject, member, setKey } from '../../json.ts';
import { csvCutter, RecordError, STEP_FUNCTIONS_CSV } from '../../records/index.ts';
import { refusal } from './mock.ts';

export interface ReaderItems {
  readonly items: readonly Json[];
  /** Where ReaderConfig has an ItemsPointer: what it points to. */
  readonly pointed?: Json;
}

const DELIMITERS: Readonly<Record<string, string>> = {
  COMMA: ',',
  PIPE: '|',
  SEMICOLON: ';',
  SPACE: ' ',
  TAB: '\t',
};

/**
 * @param reader the state's ItemReader
 * @param data as the source would hold it
 * @throws ServiceError ValidationException
 */
export function itemsFrom(reader: JsonObject, data: string): ReaderItems {
  const config = objectIn(reader, 'ReaderConfig');
  const found = read(config, data);
  const most = member(config, 'MaxItems');
  if (typeof most !== 'number' || most <= 0) return found;
  return { ...found, items: found.items.slice(0, most) };
}

function read(config: JsonObject, data: string): ReaderItems {
  const type = member(config, 'InputType') ?? 'JSON';
  switch (type) {
    case 'CSV':
      return { items: csvItems(config, data) };
    case 'JSONL':
      return {
        items: data
          .split('\n')
          .filter((line) => line.trim() !== '')
          .map(parse),
      };
    case 'JSON':
      return jsonItems(config, parse(data));
    case 'MANIFEST':
      return /^\s*[[{]/.test(data)
        ? jsonItems(config, parse(data))
        : { items: csvItems({ CSVHeaderLocation: 'FIRST_ROW' }, data) };
    default:
      throw refusal(`mapItemReaderData cannot be given for the InputType ${String(type)}: it is not text`);
  }
}

function jsonItems(config: JsonObject, json: Json): ReaderItems {
  const pointer = member(config, 'ItemsPointer');
  const found = typeof pointer === 'string' ? resolve(json, pointer) : listed(json);
  if (found === undefined || !isArray(found)) throw refusal('mapItemReaderData must hold an array of items');
  return { items: found, ...(typeof pointer === 'string' && { pointed: found }) };
}

/** A listing of objects has them in a member; an object gives its members. */
function listed(json: Json): Json {
  if (!isObject(json)) return json;
  return member(json, 'Contents') ?? Object.entries(json).map(([Key, Value]) => ({ Key, Value }));
}

/** A JSON pointer (RFC 6901). */
function resolve(json: Json, pointer: string): Json | undefined {
  return pointer
    .split('/')
    .slice(1)
    .map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~'))
    .reduce<Json | undefined>((value, step) => {
      if (value === undefined) return undefined;
      if (isArray(value)) return value[Number(step)];
      return isObject(value) ? member(value, step) : undefined;
    }, json);
}

function csvItems(config: JsonObject, data: string): readonly Json[] {
  const rows = rowsOf(data, DELIMITERS[String(member(config, 'CSVDelimiter') ?? 'COMMA')] ?? ',');
  const given = member(config, 'CSVHeaders');
  const isGiven = member(config, 'CSVHeaderLocation') === 'GIVEN' && given !== undefined && isArray(given);
  const headers = isGiven ? given.map(String) : (rows[0] ?? []);
  return (isGiven ? rows : rows.slice(1)).map((row) => {
    const item: Record<string, Json> = {};
    headers.forEach((header, i) => setKey(item, header, row[i] ?? ''));
    return item;
  });
}

function rowsOf(data: string, delimiter: string): readonly (readonly string[])[] {
  const bytes = Buffer.from(data);
  try {
    const cutter = csvCutter({ ...STEP_FUNCTIONS_CSV, delimiter, maxRecordBytes: Math.max(1, bytes.length) });
    cutter.feed(bytes, true);
    return cutter.cut().map((entry) => {
      if (entry.kind === 'record') return entry.fields;
      throw refusal(`mapItemReaderData is not CSV: line ${entry.line}: ${entry.reason}`);
    });
  } catch (error) {
    if (error instanceof RecordError) throw refusal(`mapItemReaderData is not CSV: ${error.message}`);
    throw error;
  }
}

function parse(text: string): Json {
  try {
    return JSON.parse(text) as Json;
  } catch {
    throw refusal('mapItemReaderData must be valid JSON');
  }
}

function objectIn(fields: JsonObject, name: string): JsonObject {
  const found = member(fields, name);
  return found !== undefined && isObject(found) ? found : {};
}
