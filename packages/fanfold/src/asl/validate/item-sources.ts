/** ItemReader, ItemBatcher and ResultWriter of a distributed Map: fields that need one another. */
import { type JsonObject, member } from '../../json.ts';
import type { At } from './at.ts';
import type { StatePart } from './context.ts';
import { type Check, type Problem, schemaError } from './problem.ts';
import { objectIn } from './take-apart.ts';

export const checkItemSources: Check = ({ states }) =>
  states
    .filter((state) => state.type === 'Map')
    .flatMap((state) => [...checkReader(state), ...checkBatcher(state), ...checkWriter(state)]);

function checkReader(state: StatePart): readonly Problem[] {
  const reader = objectIn(state.json, 'ItemReader');
  if (!reader) return [];
  const config = objectIn(reader, 'ReaderConfig');
  const at = state.at.in('ItemReader');
  if (!config) return checkDestination(state, reader, at);
  const lists = String(member(reader, 'Resource')).endsWith(':listObjectsV2');
  return [...checkDestination(state, reader, at), ...checkReaderConfig(config, lists, at.in('ReaderConfig'))];
}

const CSV_FIELDS = ['CSVHeaderLocation', 'CSVHeaders', 'CSVDelimiter'];
const IN_MANIFESTS: Readonly<Record<string, readonly string[]>> = {
  ATHENA_DATA: ['CSV', 'JSONL', 'PARQUET'],
  // A manifest says itself how the files that it lists are written.
  S3_INVENTORY: ['MANIFEST'],
};
const LOADED = ['CSV', 'JSON', 'JSONL', 'PARQUET'];

/** @param lists what is read is a listing of objects */
function checkReaderConfig(config: JsonObject, lists: boolean, at: At): readonly Problem[] {
  const type = member(config, 'InputType');
  const pointer =
    Object.hasOwn(config, 'ItemsPointer') && type !== undefined && type !== 'JSON'
      ? [notSupported(at, 'ItemsPointer', 'It belongs to "InputType": "JSON".')]
      : [];
  return [...checkContent(config, lists, at), ...pointer, ...checkCsv(config, at)];
}

/** What is read of a manifest, or of the objects that are listed, has to be told. */
function checkContent(config: JsonObject, lists: boolean, at: At): readonly Problem[] {
  const manifest = member(config, 'ManifestType');
  const loads = member(config, 'Transformation') === 'LOAD_AND_FLATTEN';
  if (manifest !== undefined && lists) return [notSupported(at, 'ManifestType', 'It belongs to s3:getObject.')];
  if (loads && !lists) return [notSupported(at, 'Transformation', 'LOAD_AND_FLATTEN belongs to s3:listObjectsV2.')];
  const types = loads ? LOADED : IN_MANIFESTS[String(manifest)];
  if (!types) return [];
  const type = member(config, 'InputType');
  if (type === undefined)
    return manifest === 'S3_INVENTORY' ? [] : [schemaError(at, "The field 'InputType' is required")];
  if (types.includes(String(type))) return [];
  return [schemaError(at.in('InputType'), `Value should be one of the following: [${types.join(', ')}]`)];
}

function checkCsv(config: JsonObject, at: At): readonly Problem[] {
  const headers = member(config, 'CSVHeaderLocation');
  const isManifest = Object.hasOwn(config, 'ManifestType');
  const type = member(config, 'InputType') ?? (isManifest ? 'MANIFEST' : 'JSON');
  if (type !== 'CSV' && type !== 'MANIFEST')
    return CSV_FIELDS.filter((field) => Object.hasOwn(config, field)).map((field) =>
      notSupported(at, field, 'It belongs to "InputType": "CSV".'),
    );
  if (headers === undefined)
    return isManifest || type === 'MANIFEST' ? [] : [schemaError(at, "The field 'CSVHeaderLocation' is required")];
  if (headers === 'GIVEN' && !Object.hasOwn(config, 'CSVHeaders'))
    return [schemaError(at, 'These fields are required: [CSVHeaders]')];
  if (headers === 'FIRST_ROW' && Object.hasOwn(config, 'CSVHeaders'))
    return [notSupported(at, 'CSVHeaders', 'The first row has the names.')];
  return [];
}

function notSupported(at: At, field: string, hint: string): Problem {
  return schemaError(at.in(field), `Field '${field}' is not supported`, { hint });
}

const BATCH_SIZES = ['MaxItemsPerBatch', 'MaxItemsPerBatchPath', 'MaxInputBytesPerBatch', 'MaxInputBytesPerBatchPath'];

function checkBatcher({ at, json }: StatePart): readonly Problem[] {
  const batcher = objectIn(json, 'ItemBatcher');
  if (!batcher || BATCH_SIZES.some((field) => Object.hasOwn(batcher, field))) return [];
  return [schemaError(at.in('ItemBatcher'), `One of these fields is required: [${BATCH_SIZES.join(', ')}]`)];
}

function checkWriter(state: StatePart): readonly Problem[] {
  const writer = objectIn(state.json, 'ResultWriter');
  if (!writer) return [];
  const at = state.at.in('ResultWriter');
  if (Object.hasOwn(writer, 'Resource')) return checkDestination(state, writer, at);
  return Object.hasOwn(writer, 'WriterConfig')
    ? []
    : [schemaError(at, 'One of these fields is required: [Resource, WriterConfig]')];
}

/** A resource needs to be told which bucket. */
function checkDestination({ language }: StatePart, json: JsonObject, at: At): readonly Problem[] {
  const field = language === 'JSONata' ? 'Arguments' : 'Parameters';
  if (!Object.hasOwn(json, 'Resource') || Object.hasOwn(json, field)) return [];
  return [schemaError(at, `${field} field is required for resource ARN: ${String(json['Resource'])}`)];
}
