/**
 * Reads the elements of one array of a JSON document from a stream of bytes; the array may be of any size. An object in
 * the array's place gives its members, each with its key.
 */
import { checkCount, MAX_RECORD_BYTES, WINDOW_BYTES } from '../limits.ts';
import { checkEncoding } from '../text/encoding.ts';
import { windows } from '../text/windows.ts';
import { createItemCutter } from './cutter.ts';
import { parsePointer } from './pointer.ts';
import type { JsonOptions, JsonRecord } from './types.ts';

export interface JsonItemsOptions extends JsonOptions {
  /** JSON pointer (RFC 6901) to the array or object. @defaultValue '' : the document itself */
  readonly pointer?: string;
  /** What comes of an object in the array's place. @defaultValue 'records' */
  readonly members?: 'records' | 'refuse';
}

/**
 * The elements in the document's order, many at a time. What is behind the array is read and checked too; a name on the
 * pointer's path that is there twice is refused.
 *
 * @throws RecordError BadOption; InvalidJson, InvalidEncoding, PointerNotFound, RecordTooLarge, with line and byte
 */
export async function* readJsonItems(
  source: AsyncIterable<Uint8Array>,
  options: JsonItemsOptions = {},
): AsyncGenerator<readonly JsonRecord[], void, void> {
  const cutter = createItemCutter({
    path: parsePointer(options.pointer ?? ''),
    encoding: checkEncoding(options.encoding ?? 'auto'),
    maxRecordBytes: checkCount('maxRecordBytes', options.maxRecordBytes ?? MAX_RECORD_BYTES),
    start: options.start ?? { line: 1, byteOffset: 0 },
    isInside: options.start !== undefined,
    takesMembers: (options.members ?? 'records') === 'records',
  });
  for await (const { bytes, last } of windows(source, checkCount('windowBytes', options.windowBytes ?? WINDOW_BYTES))) {
    cutter.feed(bytes, last);
    const records = cutter.cut();
    if (records.length > 0) yield records;
  }
}
