/** The items in the objects that a manifest names: an S3 inventory, or what Athena's UNLOAD has written. */
import { createHash } from 'node:crypto';
import type { ReaderConfig } from '../../asl/definition.ts';
import type { Json } from '../../json.ts';
import { ItemSourceError, type OpenItems, type SourceItem } from '../../ports/item-sources.ts';
import type { ObjectInfo, Objects, ObjectVersionRef } from '../../ports/objects.ts';
import {
  decompress,
  type InventoryFile,
  type ItemFormat,
  type NamedObject,
  parseAthenaManifest,
  parseInventory,
} from '../../records/index.ts';
import { namedItems, uriOf } from './object-items.ts';

export interface ManifestItemsParams {
  readonly objects: Pick<Objects, 'get' | 'head'>;
  readonly manifest: ObjectVersionRef;
  readonly config: ReaderConfig;
}

/** Of a manifest. It names the files of one run of a query or of one day, not the objects themselves. */
const MOST_BYTES = 16 * 1024 * 1024;

/**
 * All objects are looked for before the first is read: one that is not there fails the reading at its start.
 * @throws ItemSourceError, RecordError, ServiceError NoSuchKey, NoSuchBucket
 */
export async function manifestItems({ objects, manifest, config }: ManifestItemsParams): Promise<OpenItems> {
  const { files, format } = namedIn(await textOf(objects, manifest), config);
  const hash = createHash('sha256');
  const found: ObjectInfo[] = [];
  for (const file of files) {
    const info = await objects.head(file);
    if (!info) throw new ItemSourceError(`The manifest names ${uriOf(file)}, which does not exist.`);
    if ('md5' in file) checkMd5(file, info);
    hash.update(`${JSON.stringify([info.bucket, info.key])} ${info.eTag}\n`);
    found.push(info);
  }
  async function* items(): AsyncGenerator<readonly SourceItem[]> {
    for (const object of found) yield* namedItems({ objects, object, format });
  }
  return { version: hash.digest('hex'), items: items() };
}

interface Named {
  readonly files: readonly (NamedObject | InventoryFile)[];
  readonly format: ItemFormat;
}

function namedIn(text: string, { ManifestType, InputType, ...config }: ReaderConfig): Named {
  if (ManifestType !== 'ATHENA_DATA') return inventoryIn(text, config);
  if (InputType !== 'CSV' && InputType !== 'JSONL' && InputType !== 'PARQUET')
    throw new ItemSourceError(`The InputType of ATHENA_DATA is CSV, JSONL or PARQUET, not ${InputType ?? 'missing'}.`);
  return { files: parseAthenaManifest(text), format: { ...config, InputType } };
}

/** The columns are those that the inventory names, unless the definition says otherwise. */
function inventoryIn(text: string, config: Omit<ReaderConfig, 'ManifestType' | 'InputType'>): Named {
  const { format, files, columns } = parseInventory(parse(text));
  if (format === 'ORC')
    throw new ItemSourceError('The S3 inventory is written as ORC, which is not read here. Use CSV or Parquet.');
  if (format === 'Parquet') return { files, format: { InputType: 'PARQUET' } };
  const given: ItemFormat = { CSVHeaderLocation: 'GIVEN', CSVHeaders: columns };
  return { files, format: { ...given, ...config, InputType: 'CSV' } };
}

function parse(text: string): Json {
  try {
    return JSON.parse(text) as Json;
  } catch (error) {
    throw new ItemSourceError(`The manifest of the S3 inventory is not JSON: ${(error as Error).message}`);
  }
}

function checkMd5({ bucket, key, md5 }: InventoryFile, { eTag }: ObjectInfo): void {
  if (md5 === undefined || md5.toLowerCase() === eTag) return;
  throw new ItemSourceError(`The object ${uriOf({ bucket, key })} has not the MD5 checksum that the manifest names.`);
}

async function textOf(objects: Pick<Objects, 'get'>, manifest: ObjectVersionRef): Promise<string> {
  const { body } = await objects.get(manifest);
  const parts: Uint8Array[] = [];
  let size = 0;
  for await (const part of decompress(body)) {
    size += part.length;
    if (size > MOST_BYTES)
      throw new ItemSourceError(`The manifest ${uriOf(manifest)} has more than ${MOST_BYTES} bytes. Use several.`);
    parts.push(part);
  }
  return Buffer.concat(parts).toString();
}
