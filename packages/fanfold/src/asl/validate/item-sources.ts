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
  return [...checkDestination(state, reader, at), ...(config ? checkReaderConfig(config, at.in('ReaderConfig')) : [])];
}

const CSV_FIELDS = ['CSVHeaderLocation', 'CSVHeaders', 'CSVDelimiter'];

function checkReaderConfig(config: JsonObject, at: At): readonly Problem[] {
  // A manifest says itself how the files that it lists are written.
  if (Object.hasOwn(config, 'ManifestType')) return [];
  const headers = member(config, 'CSVHeaderLocation');
  if (member(config, 'InputType') !== 'CSV')
    return CSV_FIELDS.filter((field) => Object.hasOwn(config, field)).map((field) =>
      schemaError(at.in(field), `Field '${field}' is not supported`, { hint: 'It belongs to "InputType": "CSV".' }),
    );
  if (headers === undefined) return [schemaError(at, "The field 'CSVHeaderLocation' is required")];
  if (headers === 'GIVEN' && !Object.hasOwn(config, 'CSVHeaders'))
    return [schemaError(at, 'These fields are required: [CSVHeaders]')];
  if (headers === 'FIRST_ROW' && Object.hasOwn(config, 'CSVHeaders'))
    return [schemaError(at.in('CSVHeaders'), "Field 'CSVHeaders' is not supported")];
  return [];
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
