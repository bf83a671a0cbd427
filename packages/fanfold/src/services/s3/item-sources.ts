/** What the ItemReader of a distributed Map reads: the items in objects, or the objects of a bucket. */
import type { ReaderConfig } from '../../asl/definition.ts';
import { ItemSourceError, type ItemSources, type OpenItems, type SourceItem } from '../../ports/item-sources.ts';
import type { Objects, ObjectVersionRef } from '../../ports/objects.ts';
import { ServiceError } from '../../ports/service-error.ts';
import { type ItemFormat, RecordError } from '../../records/index.ts';
import { listedItems, type ListedItemsParams } from './listed-items.ts';
import { manifestItems } from './manifest-items.ts';
import { noSuchKey } from './object-error.ts';
import { objectItems } from './object-items.ts';
import { type ReaderParameters, readReaderParameters } from './reader-parameters.ts';

export interface ItemSourcesParams {
  readonly objects: Pick<Objects, 'get' | 'head' | 'list'>;
  /** Who owns all buckets. */
  readonly account: string;
}

export function createItemSources({ objects, account }: ItemSourcesParams): ItemSources {
  const open: ItemSources['open'] = async ({ action, parameters, config, version }) => {
    const read = readReaderParameters(action, parameters);
    if (read.ExpectedBucketOwner !== undefined && read.ExpectedBucketOwner !== account)
      throw new ItemSourceError(`Access Denied: the bucket ${read.Bucket} is not owned by ${read.ExpectedBucketOwner}`);
    if (action === 'listObjectsV2')
      return listedItems({ objects, ...listing(read), content: contentOf(config), version });
    const { Bucket: bucket, Key: key = '', VersionId: versionId } = read;
    const ref = { bucket, key, ...(versionId !== undefined && { versionId }) };
    return isContent(config) ? itemsOf(objects, ref, config) : manifestItems({ objects, manifest: ref, config });
  };
  return {
    open: async (params) => {
      const { version, items } = await open(params).catch(refuse);
      return { version, items: refusing(items) };
    },
  };
}

/** The object holds the items itself, and is no manifest. */
type ContentConfig = ReaderConfig & Pick<ItemFormat, 'InputType'>;

function isContent(config: ReaderConfig): config is ContentConfig {
  return config.ManifestType === undefined && config.InputType !== 'MANIFEST';
}

/** What is in the objects that are listed; undefined where only they are wanted. */
function contentOf({ Transformation, InputType, ...config }: ReaderConfig): ItemFormat | undefined {
  if (Transformation !== 'LOAD_AND_FLATTEN') return undefined;
  if (InputType === undefined || InputType === 'MANIFEST')
    throw new ItemSourceError(
      `LOAD_AND_FLATTEN needs the InputType CSV, JSON, JSONL or PARQUET, not ${InputType ?? 'none'}.`,
    );
  return { ...config, InputType };
}

function listing({
  Bucket,
  Prefix = '',
  StartAfter = '',
  MaxKeys = 1000,
}: ReaderParameters): Pick<ListedItemsParams, 'bucket' | 'prefix' | 'after' | 'limit'> {
  return { bucket: Bucket, prefix: Prefix, after: StartAfter, limit: MaxKeys };
}

async function itemsOf(
  objects: Pick<Objects, 'get' | 'head'>,
  ref: ObjectVersionRef,
  { InputType = 'JSON', ...config }: ContentConfig,
): Promise<OpenItems> {
  const object = await objects.head(ref);
  if (!object) throw noSuchKey(ref);
  const { eTag, size } = object;
  return { version: `${eTag} ${size}`, items: objectItems({ objects, object, format: { ...config, InputType } }) };
}

async function* refusing(items: AsyncIterable<readonly SourceItem[]>): AsyncGenerator<readonly SourceItem[]> {
  try {
    yield* items;
  } catch (error) {
    refuse(error);
  }
}

/** @throws ItemSourceError for what the definition, the object or the bucket is to blame for, or what was given */
function refuse(error: unknown): never {
  if (error instanceof RecordError) throw new ItemSourceError(error.plainMessage);
  if (error instanceof ServiceError) throw new ItemSourceError(error.message);
  throw error;
}
