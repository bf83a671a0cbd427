/** Records of files: reading, writing, and the manifest of a run. Knows no workflow language. */
export { checkDelimiter } from './csv/options.ts';
export { type CsvReader, openCsv, readCsv } from './csv/read.ts';
export type { CsvEntry, CsvOptions, CsvRecord, CsvReject, CsvRejectCode } from './csv/types.ts';
export { type CsvFormat, formatCsvRecord } from './csv/write.ts';
export { formatManifest, type Manifest, type ManifestChunk, type ManifestSource, parseManifest } from './manifest.ts';
export { RecordError, type RecordErrorCode } from './record-error.ts';
