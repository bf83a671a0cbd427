/** Reads JSON Lines from a stream of bytes. A line that is not JSON comes as a reject, and reading goes on. */
import type { JsonEntry, JsonOptions } from '../json/types.ts';
import { checkCount, MAX_RECORD_BYTES, WINDOW_BYTES } from '../limits.ts';
import { checkEncoding } from '../text/encoding.ts';
import { windows } from '../text/windows.ts';
import type { Place } from '../place.ts';
import { createLineCutter, type LineCutter } from './cutter.ts';

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
  yield* cutAll(source, options, (cutter) => cutter.cut());
}

/**
 * Where the lines of a JSON Lines file are, nothing of them taken apart: as `readJsonLines`, rejects like others.
 *
 * @throws RecordError BadOption
 */
export async function* readJsonLinePlaces(
  source: AsyncIterable<Uint8Array>,
  options: JsonOptions = {},
): AsyncGenerator<readonly Place[], void, void> {
  yield* cutAll(source, options, (cutter) => cutter.cutPlaces());
}

async function* cutAll<Entry>(
  source: AsyncIterable<Uint8Array>,
  options: JsonOptions,
  cut: (cutter: LineCutter) => readonly Entry[],
): AsyncGenerator<readonly Entry[], void, void> {
  const cutter = createLineCutter({
    encoding: checkEncoding(options.encoding ?? 'auto'),
    maxRecordBytes: checkCount('maxRecordBytes', options.maxRecordBytes ?? MAX_RECORD_BYTES),
    start: options.start ?? { line: 1, byteOffset: 0 },
  });
  for await (const { bytes, last } of windows(source, checkCount('windowBytes', options.windowBytes ?? WINDOW_BYTES))) {
    cutter.feed(bytes, last);
    const entries = cut(cutter);
    if (entries.length > 0) yield entries;
  }
}
