/** What an ItemReader reads. */
import type { ReaderConfig } from '../asl/definition.ts';
import type { Json } from '../json.ts';

export interface ItemSourceParams {
  readonly action: 'getObject' | 'listObjectsV2';
  /** The reader's Parameters or Arguments. */
  readonly parameters: Json;
  readonly config: ReaderConfig;
  /** Of what is to be read again; null the first time. */
  readonly version: string | null;
  /** Who reads. */
  readonly mapRunArn: string;
}

export interface SourceItem {
  readonly value: Json;
  /** The name of a member of a JSON object. */
  readonly key?: string;
  /** As `$$.Map.Item.Source` has it. */
  readonly source: string;
}

export interface OpenItems {
  /** Names the version of what is read; the same as long as the same items come. */
  readonly version: string;
  /** The items in their order, many at a time; to be read once. @throws ItemSourceError */
  readonly items: AsyncIterable<readonly SourceItem[]>;
}

export interface ItemSources {
  /** @throws ItemSourceError */
  open(params: ItemSourceParams): Promise<OpenItems>;
}

/** The items cannot be read: the Map fails with States.ItemReaderFailed and this message. */
export class ItemSourceError extends Error {
  override readonly name = 'ItemSourceError';
}
