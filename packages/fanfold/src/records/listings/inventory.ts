/**
 * Manifests that name objects: the `manifest.json` of an S3 inventory, and the manifest that Athena's UNLOAD writes. What
 * they name is only ever a key of a bucket, never a path.
 */
import { isArray, isObject, type Json, type JsonObject, member } from '../../json.ts';
import { quoteForMessage, RecordError } from '../record-error.ts';

/** An object that a manifest names. */
export interface NamedObject {
  readonly bucket: string;
  readonly key: string;
}

export interface InventoryFile extends NamedObject {
  /** Bytes. */
  readonly size: number | undefined;
  /** In hex. */
  readonly md5: string | undefined;
}

export interface Inventory {
  readonly format: 'CSV' | 'Parquet' | 'ORC';
  /** Names of the columns of its files: the CSV files have no header. */
  readonly columns: readonly string[];
  readonly files: readonly InventoryFile[];
}

const FORMATS: readonly Inventory['format'][] = ['CSV', 'Parquet', 'ORC'];
const ARN = /^arn:[^:]*:s3:::/;

/** Whether a JSON document looks like the manifest of an S3 inventory. */
export function isInventory(value: Json): value is JsonObject {
  return isObject(value) && isArray(member(value, 'files')) && member(value, 'destinationBucket') !== undefined;
}

/**
 * Reads the `manifest.json` of an S3 inventory.
 *
 * @throws RecordError BadManifest that names the member that is wrong
 */
export function parseInventory(value: Json): Inventory {
  if (!isObject(value)) throw bad('it is not an object');
  const format = FORMATS.find((known) => known === member(value, 'fileFormat'));
  if (!format) throw bad(`fileFormat is ${show(member(value, 'fileFormat'))}; it is one of ${FORMATS.join(', ')}`);
  const bucket = text(value, 'destinationBucket').replace(ARN, '');
  const files = member(value, 'files');
  if (files === undefined || !isArray(files)) throw bad(`files is ${show(files)}, not a list`);
  const schema = text(value, 'fileSchema');
  const columns = format === 'CSV' ? schema.split(',').map((name) => name.trim()) : [];
  return { format, columns, files: files.map((file, index) => inventoryFile(file, index, bucket)) };
}

function inventoryFile(value: Json, index: number, bucket: string): InventoryFile {
  if (!isObject(value)) throw bad(`files[${index}] is ${show(value)}, not an object`);
  const size = member(value, 'size');
  const md5 = member(value, 'MD5checksum');
  return {
    bucket,
    key: text(value, 'key', `files[${index}].`),
    size: typeof size === 'number' ? size : undefined,
    md5: typeof md5 === 'string' ? md5 : undefined,
  };
}

/**
 * The objects that an Athena UNLOAD manifest names, one `s3://bucket/key` a line.
 *
 * @throws RecordError BadManifest that names the line that is wrong
 */
export function parseAthenaManifest(manifest: string): readonly NamedObject[] {
  return manifest.split(/\r?\n/).flatMap((line, index) => {
    if (line.trim() === '') return [];
    const found = /^"?s3:\/\/([^/"]+)\/([^"]+)"?$/.exec(line.trim());
    if (!found) throw bad(`line ${index + 1} is ${quoteForMessage(line)}, not s3://bucket/key`);
    const [, bucket = '', key = ''] = found;
    return [{ bucket, key }];
  });
}

function text(from: JsonObject, name: string, where = ''): string {
  const value = member(from, name);
  if (typeof value === 'string' && value !== '') return value;
  throw bad(`${where}${name} is ${show(value)}, not a text`);
}

function show(value: Json | undefined): string {
  return value === undefined ? 'missing' : quoteForMessage(JSON.stringify(value));
}

function bad(what: string): RecordError {
  return new RecordError(
    'BadManifest',
    `The manifest cannot be used: ${what}. Check that the key is that of a manifest.`,
  );
}
