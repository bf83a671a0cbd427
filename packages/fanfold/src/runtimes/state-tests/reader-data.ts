/** The items of a distributed Map, from what its ItemReader would read. */
import { isObject, type Json, type JsonObject, member, setKey } from '../../json.ts';
import { type Item, readItems, RecordError, type TextItemFormat } from '../../records/index.ts';
import { refusal } from './mock.ts';

export interface ReaderItems {
  /** An array; or an object, where its members are the items. */
  readonly items: Json;
  /** Where ReaderConfig has an ItemsPointer: what it points to. */
  readonly pointed?: Json;
}

/**
 * @param reader the state's ItemReader
 * @param data as the source would hold it
 * @throws ServiceError ValidationException
 */
export async function itemsFrom(reader: JsonObject, data: string): Promise<ReaderItems> {
  const config = objectIn(reader, 'ReaderConfig');
  const format = formatOf(reader, config, data);
  const found = await gathered(format, data);
  const pointed = format.ItemsPointer !== undefined && member(config, 'ItemsPointer') !== undefined;
  const most = member(config, 'MaxItems');
  const items = typeof most === 'number' && most > 0 ? found.slice(0, most) : found;
  return { items: whole(items), ...(pointed && { pointed: whole(found) }) };
}

async function gathered(format: TextItemFormat, data: string): Promise<readonly Item[]> {
  async function* text(): AsyncGenerator<Uint8Array> {
    yield Buffer.from(data);
  }
  try {
    const items: Item[] = [];
    for await (const batch of readItems(text(), format)) items.push(...batch);
    return items;
  } catch (error) {
    if (!(error instanceof RecordError)) throw error;
    throw refusal(`mapItemReaderData is not what the ItemReader reads: ${error.message}`);
  }
}

function formatOf(reader: JsonObject, config: JsonObject, data: string): TextItemFormat {
  const type = member(config, 'InputType') ?? 'JSON';
  if (type === 'PARQUET') throw refusal('mapItemReaderData cannot be given for the InputType PARQUET: it is not text');
  if (type === 'MANIFEST')
    return /^\s*[[{]/.test(data) ? { InputType: 'JSON' } : { InputType: 'CSV', CSVHeaderLocation: 'FIRST_ROW' };
  // What ListObjectsV2 answers has the objects in a member.
  const isListing = String(member(reader, 'Resource')).endsWith(':listObjectsV2') && data.trimStart().startsWith('{');
  const isLoaded = member(config, 'Transformation') === 'LOAD_AND_FLATTEN';
  if (isListing && !isLoaded) return { InputType: 'JSON', ItemsPointer: '/Contents' };
  return config as TextItemFormat;
}

/** Members of an object as that object. */
function whole(items: readonly Item[]): Json {
  if (items.length === 0 || items.some(({ key }) => key === undefined)) return items.map(({ value }) => value);
  const object: Record<string, Json> = {};
  for (const { key = '', value } of items) setKey(object, key, value);
  return object;
}

function objectIn(fields: JsonObject, name: string): JsonObject {
  const found = member(fields, name);
  return found !== undefined && isObject(found) ? found : {};
}
