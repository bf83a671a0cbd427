/** Where a CSV file can be cut: behind line endings that are in no quotes. */
import { createHash } from 'node:crypto';
import { closeSync, openSync, readSync } from 'node:fs';

export interface Range {
  readonly index: number;
  readonly start: number;
  end: number;
  readonly line: number;
}

const BLOCK = 4 * 1024 * 1024;

/** Ranges of so many records behind the header, and the hash of the file. */
export function findRanges(
  path: string,
  records: number,
): { readonly ranges: readonly Range[]; readonly sha256: string } {
  const file = openSync(path, 'r');
  const block = Buffer.allocUnsafe(BLOCK);
  const hash = createHash('sha256');
  const ranges: Range[] = [];
  let offset = 0;
  let line = 1;
  let inQuotes = false;
  /** Of the open range; the header is a range of one record, dropped at the end. */
  let found = records - 1;
  let start = 0;
  let startLine = 1;
  for (;;) {
    const length = readSync(file, block, 0, BLOCK, null);
    if (length === 0) break;
    hash.update(block.subarray(0, length));
    const text = block.toString('latin1', 0, length);
    let quote = text.indexOf('"');
    for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', at + 1)) {
      line++;
      while (quote !== -1 && quote < at) {
        inQuotes = !inQuotes;
        quote = text.indexOf('"', quote + 1);
      }
      if (inQuotes) continue;
      if (++found < records) continue;
      ranges.push({ index: ranges.length - 1, start, end: offset + at + 1, line: startLine });
      start = offset + at + 1;
      startLine = line;
      found = 0;
    }
    for (; quote !== -1; quote = text.indexOf('"', quote + 1)) inQuotes = !inQuotes;
    offset += length;
  }
  closeSync(file);
  if (offset > start) ranges.push({ index: ranges.length - 1, start, end: offset, line: startLine });
  return { ranges: ranges.slice(1), sha256: hash.digest('hex') };
}
