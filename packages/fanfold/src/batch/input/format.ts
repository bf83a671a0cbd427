/** The formats of input files. */
import type { Compression } from '../../records/index.ts';

export type InputFormat = 'csv' | 'jsonl' | 'json' | 'parquet';

/** Formats whose records have a line and a place in bytes: what chunks are cut from. */
export type TextFormat = Exclude<InputFormat, 'parquet'>;

/** What the keys of compressed files end with, behind the ending of their format. */
export const PACKED_SUFFIXES: Readonly<Record<Exclude<Compression, 'none'>, string>> = { gzip: '.gz', zstd: '.zst' };

const OWN: Readonly<Record<InputFormat, readonly string[]>> = {
  csv: ['.csv'],
  jsonl: ['.jsonl'],
  json: ['.json'],
  // The rejects of a Parquet file are JSON Lines.
  parquet: ['.parquet', '.parquet.jsonl'],
};

/** What keys of inputs end with. */
export function suffixesOf({
  suffix,
  format = 'csv',
}: {
  readonly suffix?: string | readonly string[];
  readonly format?: InputFormat;
}): readonly string[] {
  if (suffix !== undefined) return typeof suffix === 'string' ? [suffix] : suffix;
  const own = OWN[format];
  return format === 'parquet'
    ? own
    : own.flatMap((suffix) => [suffix, ...Object.values(PACKED_SUFFIXES).map((packed) => suffix + packed)]);
}

/** The key of the file of rejects, where a batch does not say. */
export function defaultRejects(format: InputFormat): string {
  return `rejects/{batch}/{run}/{file}${format === 'parquet' ? '.jsonl' : ''}`;
}
