/**
 * The objects of a bucket as items. What is listed is fixed when it is listed first: objects that come later have higher
 * sequencers and are left out, and that others are gone or replaced shows in the version.
 */
import { createHash } from 'node:crypto';
import type { OpenItems, SourceItem } from '../../ports/item-sources.ts';
import type { ObjectInfo, Objects } from '../../ports/objects.ts';
import { listingItem } from '../../records/index.ts';

export interface ListedItemsParams {
  readonly objects: Pick<Objects, 'list'>;
  readonly bucket: string;
  readonly prefix: string;
  /** Start behind this key. */
  readonly after: string;
  /** Of an earlier listing that is to be read again. */
  readonly version: string | null;
}

/** @throws ServiceError NoSuchBucket */
export async function listedItems(params: ListedItemsParams): Promise<OpenItems> {
  const until = params.version?.split(' ')[0];
  const hash = createHash('sha256');
  let last = until ?? '';
  for await (const page of pages(params, until)) {
    for (const { key, eTag, sequencer } of page) {
      hash.update(`${JSON.stringify(key)} ${eTag}\n`);
      if (sequencer > last) last = sequencer;
    }
  }
  const source = `S3://${params.bucket}`;
  async function* items(): AsyncGenerator<readonly SourceItem[]> {
    for await (const page of pages(params, last)) yield page.map((info) => ({ value: listingItem(info), source }));
  }
  return { version: `${last} ${hash.digest('hex')}`, items: items() };
}

/** @param until the highest sequencer to take; undefined takes all */
async function* pages(
  { objects, bucket, prefix, after }: ListedItemsParams,
  until: string | undefined,
): AsyncGenerator<readonly ObjectInfo[]> {
  for (let from: string | undefined = after; from !== undefined;) {
    const page = await objects.list({ bucket, prefix, after: from });
    yield until === undefined ? page.objects : page.objects.filter(({ sequencer }) => sequencer <= until);
    from = page.next;
  }
}
