/** The manifest of a run: its chunks are files, cut from an input with a delimiter of its own. */
import { CHUNK_FILE, type ChunkFile, type Manifest, type ManifestSource, parseManifest } from 'fanfold/records';

export interface OrderSource extends ManifestSource {
  readonly delimiter: string;
}

export type OrderManifest = Manifest<ChunkFile, OrderSource>;

export function manifestOf(source: OrderSource, records: number, chunks: readonly ChunkFile[]): OrderManifest {
  return { version: 1, source, records, chunks };
}

/** @throws RecordError BadManifest */
export function readManifest(text: string): OrderManifest {
  return parseManifest<ChunkFile, OrderSource>(text, CHUNK_FILE);
}
