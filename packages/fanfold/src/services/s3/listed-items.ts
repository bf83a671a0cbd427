/**
 * The objects of a bucket as items, or what is in them. What is listed is fixed when it is listed first: objects that come
 * later have higher sequencers and are left out, and that others are gone or replaced shows in the version.
 */
import { createHash } from 'node:crypto';
import type { OpenItems, SourceItem } from '../../ports/item-sources.ts';
import type { ObjectInfo, Objects } from '../../ports/objects.ts';
import { type ItemFormat, listingItem } from '../../records/index.ts';
import { namedItems } from './object-items.ts';

export interface ListedItemsParams {
  readonly objects: Pick<Objects, 'get' | 'list'>;
  readonly bucket: string;
  readonly prefix: string;
  /** Start behind this key. */
  readonly after: string;
  /** Objects listed at a time. */
  readonly limit: number;
  /** How the items in the objects are written; undefined where the objects are the items. */
  readonly content: ItemFormat | undefined;
  /** Of an earlier listing that is to be read again. */
  readonly version: string | null;
}

/** @throws ServiceError NoSuchBucket */
export async function listedItems(params: ListedItemsParams): Promise<OpenItems> {
  const { objects, bucket, content } = params;
  const until = params.version?.split(' ')[0];
  const hash = createHash('sha256');
  let last = until ?? '';
  for await (const page of pages(params, until)) {
    for (const { key, eTag, sequencer } of page) {
      hash.update(`${JSON.stringify(key)} ${eTag}\n`);
      if (sequencer > last) last = sequencer;
    }
  }
  async function* listed(): AsyncGenerator<readonly SourceItem[]> {
    const source = `S3://${bucket}`;
    for await (const page of pages(params, last)) yield page.map((info) => ({ value: listingItem(info), source }));
  }
  async function* loaded(format: ItemFormat): AsyncGenerator<readonly SourceItem[]> {
    for await (const page of pages(params, last)) {
      for (const object of page) if (!isFolder(object)) yield* namedItems({ objects, object, format });
    }
  }
  return { version: `${last} ${hash.digest('hex')}`, items: content ? loaded(content) : listed() };
}

/** What consoles make where somebody wants a folder: nothing is in it. */
function isFolder({ key, size }: ObjectInfo): boolean {
  return size === 0 && key.endsWith('/');
}

/** @param until the highest sequencer to take; undefined takes all */
async function* pages(
  { objects, bucket, prefix, after, limit }: ListedItemsParams,
  until: string | undefined,
): AsyncGenerator<readonly ObjectInfo[]> {
  for (let from: string | undefined = after; from !== undefined;) {
    const page = await objects.list({ bucket, prefix, after: from, limit });
    yield until === undefined ? page.objects : page.objects.filter(({ sequencer }) => sequencer <= until);
    from = page.next;
  }
}
