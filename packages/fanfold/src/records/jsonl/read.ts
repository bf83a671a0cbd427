/** Reads JSON Lines from a stream of bytes. A line that is not JSON comes as a reject, and reading goes on. */
import type { JsonEntry, JsonOptions } from '../json/types.ts';
import { checkCount, MAX_RECORD_BYTES, WINDOW_BYTES } from '../limits.ts';
import { checkEncoding } from '../text/encoding.ts';
import { windows } from '../text/windows.ts';
import { createLineCutter } from './cutter.ts';

/**
 * The lines of a JSON Lines file and its rejects in the file's order, many at a time. Blank lines are skipped; an empty
 * file has no lines. Memory stays within a few windows and one record, whatever the file's size.
 *
 * @throws RecordError BadOption
 */
export async function* readJsonLines(
  source: AsyncIterable<Uint8Array>,
  options: JsonOptions = {},
): AsyncGenerator<readonly JsonEntry[], void, void> {
  const cutter = createLineCutter({
    encoding: checkEncoding(options.encoding ?? 'auto'),
    maxRecordBytes: checkCount('maxRecordBytes', options.maxRecordBytes ?? MAX_RECORD_BYTES),
    start: options.start ?? { line: 1, byteOffset: 0 },
  });
  for await (const { bytes, last } of windows(source, checkCount('windowBytes', options.windowBytes ?? WINDOW_BYTES))) {
    cutter.feed(bytes, last);
    const entries = cutter.cut();
    if (entries.length > 0) yield entries;
  }
}
