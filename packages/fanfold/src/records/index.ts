/** Records of files: reading, writing, and the manifest of a run. Knows no workflow language. */
export { type ByteSource, readPart } from './byte-source.ts';
export { type Compression, compressionOf, decompress } from './compression/decompress.ts';
export { type ColumnPolicy, type TakenColumn, takeColumns } from './csv/columns.ts';
export { checkDelimiter, checkDialect, type CsvDialect, RFC_4180, STEP_FUNCTIONS_CSV } from './csv/dialect.ts';
export { csvCutter, type CsvReader, openCsv, openCsvPlaces, readCsv, readCsvWindows } from './csv/read.ts';
export type { CsvEntry, CsvOptions, CsvRecord, CsvReject, CsvRejectCode } from './csv/types.ts';
export { EMPTY_CELLS, emptyCell, type EmptyCell, type EmptyMeaning, type EmptyPolicy } from './csv/empty.ts';
export { type BuiltColumn, PlainRecord } from './csv/plain.ts';
export { type CsvFormat, formatCsvCell, formatCsvRecord } from './csv/write.ts';
export type { Item, ItemFormat } from './items/item-format.ts';
export { readItems, type TextItemFormat } from './items/read-items.ts';
export { parsePointer } from './json/pointer.ts';
export { type JsonItemsOptions, readJsonItems } from './json/read.ts';
export type { JsonEntry, JsonOptions, JsonRecord, JsonReject, JsonRejectCode } from './json/types.ts';
export { readJsonLinePlaces, readJsonLines } from './jsonl/read.ts';
export {
  type Inventory,
  type InventoryFile,
  isInventory,
  type NamedObject,
  parseAthenaManifest,
  parseInventory,
} from './listings/inventory.ts';
export { listingItem } from './listings/listing.ts';
export {
  CHUNK_FILE,
  type ChunkFile,
  type ChunkMembers,
  formatManifest,
  type Manifest,
  type ManifestChunk,
  type ManifestSource,
  parseManifest,
} from './manifest.ts';
export type { ParquetOptions, ParquetRecord } from './parquet/decode.ts';
export { type ReadParquetOptions, readParquet } from './parquet/read.ts';
export { peek } from './peek.ts';
export type { Place, Start } from './place.ts';
export { RecordError, type RecordErrorCode } from './record-error.ts';
export {
  type ChunkFilesParams,
  type ChunkName,
  letteredName,
  numberedName,
  partName,
  writeChunkFiles,
} from './split/chunk-files.ts';
export { gatherRanges, type Ranges, type RecordRange, type SplitLimits } from './split/ranges.ts';
export { checkEncoding, detectEncoding, encodingOf, type EncodingName, markedEncoding } from './text/encoding.ts';
