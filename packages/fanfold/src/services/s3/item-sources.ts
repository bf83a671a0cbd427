/** What the ItemReader of a distributed Map reads: the records of an object, or the objects of a bucket. */
import type { ReaderConfig } from '../../asl/definition.ts';
import { isObject, type Json, type JsonObject } from '../../json.ts';
import { ItemSourceError, type ItemSources, type OpenItems, type SourceItem } from '../../ports/item-sources.ts';
import type { Objects } from '../../ports/objects.ts';
import { ServiceError } from '../../ports/service-error.ts';
import { RecordError } from '../../records/index.ts';
import { listedItems } from './listed-items.ts';
import { itemsIn } from './object-items.ts';

export interface ItemSourcesParams {
  readonly objects: Pick<Objects, 'get' | 'list'>;
  /** Who owns all buckets. */
  readonly account: string;
}

/** Parameters that are taken, for each action; the required ones first. */
const PARAMETERS = {
  getObject: { required: ['Bucket', 'Key'], optional: ['ExpectedBucketOwner'] },
  listObjectsV2: { required: ['Bucket'], optional: ['Prefix', 'StartAfter', 'ExpectedBucketOwner'] },
} as const;

export function createItemSources({ objects, account }: ItemSourcesParams): ItemSources {
  const open: ItemSources['open'] = async ({ action, parameters, config, version }) => {
    const read = readParameters(action, parameters);
    if (read.ExpectedBucketOwner !== undefined && read.ExpectedBucketOwner !== account)
      throw new ItemSourceError(`Access Denied: the bucket ${read.Bucket} is not owned by ${read.ExpectedBucketOwner}`);
    const bucket = read.Bucket ?? '';
    if (action === 'listObjectsV2')
      return listedItems({ objects, bucket, prefix: read.Prefix ?? '', after: read.StartAfter ?? '', version });
    return objectItems(objects, { bucket, key: read.Key ?? '' }, config);
  };
  return {
    open: async (params) => {
      const { version, items } = await open(params).catch(refuse);
      return { version, items: refusing(items) };
    },
  };
}

async function objectItems(
  objects: Pick<Objects, 'get'>,
  ref: { readonly bucket: string; readonly key: string },
  config: ReaderConfig,
): Promise<OpenItems> {
  const { info, body } = await objects.get(ref);
  const source = `S3://${ref.bucket}/${ref.key}`;
  async function* items(): AsyncGenerator<readonly SourceItem[]> {
    for await (const values of itemsIn(body, config)) yield values.map((value) => ({ value, source }));
  }
  return { version: `${info.eTag} ${info.size}`, items: items() };
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
  if (error instanceof RecordError || error instanceof ServiceError) throw new ItemSourceError(error.message);
  throw error;
}

type Parameters = { readonly [name: string]: string };

/** @throws ItemSourceError */
function readParameters(action: keyof typeof PARAMETERS, parameters: Json): Parameters {
  const { required, optional } = PARAMETERS[action];
  const given: JsonObject = isObject(parameters) ? parameters : {};
  const names: readonly string[] = [...required, ...optional];
  for (const [name, value] of Object.entries(given)) {
    if (!names.includes(name))
      throw new ItemSourceError(`The parameter '${name}' of s3:${action} is not supported. Use ${names.join(', ')}.`);
    if (typeof value !== 'string')
      throw new ItemSourceError(`The parameter '${name}' of s3:${action} must be a text, not ${JSON.stringify(value)}`);
  }
  const missing = required.find((name) => !Object.hasOwn(given, name));
  if (missing !== undefined) throw new ItemSourceError(`The parameter '${missing}' of s3:${action} is missing`);
  return given as Parameters;
}
