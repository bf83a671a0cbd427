/** The items in one object, of which every byte is of the same version. */
import { ItemSourceError, type SourceItem } from '../../ports/item-sources.ts';
import type { ObjectInfo, ObjectRef, Objects } from '../../ports/objects.ts';
import {
  type ByteSource,
  decompress,
  type Item,
  type ItemFormat,
  readItems,
  readParquet,
  RecordError,
} from '../../records/index.ts';

export interface ObjectItemsParams {
  readonly objects: Pick<Objects, 'get'>;
  /** As it was found; where its bucket keeps versions that one is read, else another is refused. */
  readonly object: Pick<ObjectInfo, 'bucket' | 'key' | 'eTag' | 'size' | 'versionId'>;
  readonly format: ItemFormat;
}

/** Of a row group of Parquet, as on AWS. */
const MOST_ROW_GROUP_BYTES = 256 * 1024 * 1024;

/**
 * gzip and zstd are told by the first bytes of a text.
 * @throws ItemSourceError, RecordError, ServiceError NoSuchKey
 */
export async function* objectItems(params: ObjectItemsParams): AsyncGenerator<readonly SourceItem[]> {
  const source = uriOf(params.object);
  for await (const items of itemsIn(params)) yield items.map((item) => ({ ...item, source }));
}

/** The same of one object among many: an error says which. */
export async function* namedItems(params: ObjectItemsParams): AsyncGenerator<readonly SourceItem[]> {
  try {
    yield* objectItems(params);
  } catch (error) {
    if (!(error instanceof RecordError)) throw error;
    throw new ItemSourceError(`${uriOf(params.object)}: ${error.plainMessage}`);
  }
}

/** As `$$.Map.Item.Source` has it. */
export function uriOf({ bucket, key }: ObjectRef): string {
  return `S3://${bucket}/${key}`;
}

async function* itemsIn({ objects, object, format }: ObjectItemsParams): AsyncGenerator<readonly Item[]> {
  const { InputType } = format;
  if (InputType !== 'PARQUET') {
    yield* readItems(decompress(await bytesOf(objects, object)), { ...format, InputType });
    return;
  }
  async function* read(start: number, end: number): AsyncGenerator<Uint8Array> {
    yield* await bytesOf(objects, object, { start, end: end - 1 });
  }
  const bytes: ByteSource = { size: object.size, read };
  for await (const records of readParquet(bytes, { maxRowGroupBytes: MOST_ROW_GROUP_BYTES }))
    yield records.map(({ value }) => ({ value }));
}

async function bytesOf(
  objects: Pick<Objects, 'get'>,
  { bucket, key, eTag, versionId }: ObjectItemsParams['object'],
  range?: { readonly start: number; readonly end: number },
): Promise<AsyncIterable<Uint8Array>> {
  const { info, body } = await objects.get({
    bucket,
    key,
    ...(versionId !== undefined && { versionId }),
    ...(range && { range }),
  });
  if (info.eTag === eTag) return body;
  // A body that was not begun is closed by its end.
  await (body as AsyncIterableIterator<Uint8Array>).return?.();
  throw new ItemSourceError(
    `The object ${uriOf({ bucket, key })} was replaced while it was read. Start a new execution.`,
  );
}
