/** The items in an object: the rows of CSV, the lines of JSON Lines, the elements of a JSON array. */
import type { ReaderConfig } from '../../asl/definition.ts';
import { type Json, setKey } from '../../json.ts';
import { ItemSourceError } from '../../ports/item-sources.ts';
import { decompress, openCsv, readJsonItems, readJsonLines, STEP_FUNCTIONS_CSV } from '../../records/index.ts';

/** As AWS names them. */
const DELIMITERS: Readonly<Record<NonNullable<ReaderConfig['CSVDelimiter']>, string>> = {
  COMMA: ',',
  PIPE: '|',
  SEMICOLON: ';',
  SPACE: ' ',
  TAB: '\t',
};

/** Largest item, in bytes. */
const MOST_BYTES = 16 * 1024 * 1024;

/** @param body of the object; gzip and zstd are told by the first bytes @throws ItemSourceError, RecordError */
export function itemsIn(body: AsyncIterable<Uint8Array>, config: ReaderConfig): AsyncIterable<readonly Json[]> {
  const source = decompress(body);
  const { InputType: type = 'JSON' } = config;
  switch (type) {
    case 'CSV':
      return csvItems(source, config);
    case 'JSONL':
      return lines(source);
    case 'JSON':
      return elements(source, config.ItemsPointer ?? '');
    default:
      throw new ItemSourceError(`The InputType ${type} is not supported yet. Use CSV, JSON or JSONL.`);
  }
}

/** As on AWS a short row has empty texts for what is missing, and of a long one the rest is left out. */
async function* csvItems(
  source: AsyncIterable<Uint8Array>,
  { CSVHeaderLocation, CSVHeaders = [], CSVDelimiter = 'COMMA' }: ReaderConfig,
): AsyncGenerator<readonly Json[]> {
  const { header, batches } = await openCsv(source, {
    ...STEP_FUNCTIONS_CSV,
    delimiter: DELIMITERS[CSVDelimiter],
    header: CSVHeaderLocation === 'GIVEN' ? CSVHeaders : 'first',
    unclearNames: 'keep',
    maxRecordBytes: MOST_BYTES,
  });
  for await (const entries of batches)
    yield entries.map((entry) => {
      if (entry.kind === 'record') return itemOf(header, entry.fields);
      throw new ItemSourceError(`The CSV file is broken in line ${entry.line}: ${entry.reason}`);
    });
}

function itemOf(headers: readonly string[], fields: readonly string[]): Json {
  const item: Record<string, Json> = {};
  headers.forEach((header, i) => setKey(item, header, fields[i] ?? ''));
  return item;
}

async function* lines(source: AsyncIterable<Uint8Array>): AsyncGenerator<readonly Json[]> {
  for await (const entries of readJsonLines(source, { maxRecordBytes: MOST_BYTES }))
    yield entries.map((entry) => {
      if (entry.kind === 'record') return entry.value;
      throw new ItemSourceError(`The JSON Lines file is broken in line ${entry.line}: ${entry.reason}`);
    });
}

/** Of an object in the array's place each member is an item. */
async function* elements(source: AsyncIterable<Uint8Array>, pointer: string): AsyncGenerator<readonly Json[]> {
  for await (const records of readJsonItems(source, { pointer, maxRecordBytes: MOST_BYTES }))
    yield records.map(({ key, value }) => (key === undefined ? value : { Key: key, Value: value }));
}
