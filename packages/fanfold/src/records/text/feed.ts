/**
 * Bytes on their way to being cut: takes them in as they come, finds the encoding, skips the byte order mark, and keeps
 * what was not consumed for the next view. What was looked at in vain is looked at again only when it has doubled, so that
 * a long record costs its length and not its square.
 */
import { detectEncoding, type Encoding, type EncodingName, encodingOf, hasMark, type View } from './encoding.ts';

const NOTHING: Buffer = Buffer.alloc(0);
const LONGEST_MARK = 3;

export interface Feed {
  /** @param isLast whether the file ends with these bytes */
  push(bytes: Buffer, isLast: boolean): void;
  /** What is not consumed yet; undefined while it is too early to look. */
  view(): View | undefined;
  /** @param chars of the view's text, from its start */
  consume(chars: number): void;
  /** Where the view starts in the file. */
  offset(): number;
  /** Bytes that wait, those not yet in a view included. */
  waiting(): number;
  isLast(): boolean;
  /** Known from the first view on. */
  encoding(): Encoding;
  /** Length in bytes of so many characters of a view that ends where `stop` is, the file's end taken into account. */
  bytes(start: number, stop: number): number;
}

/** @param byteOffset where in the file the bytes begin; a byte order mark is looked for at its start only */
export function createFeed(name: EncodingName, byteOffset = 0): Feed {
  let encoding: Encoding | undefined = name === 'auto' ? undefined : encodingOf(name);
  let atStart = byteOffset === 0;
  let carry = NOTHING;
  let parts: Buffer[] = [];
  let partBytes = 0;
  let offset = byteOffset;
  let last = false;
  /** Bytes that were looked at without a whole record in them. */
  let fruitless = 0;

  function known(): Encoding {
    return (encoding ??= detectEncoding(carry));
  }

  function join(): void {
    if (parts.length === 0) return;
    carry = carry.length === 0 && parts.length === 1 ? (parts[0] as Buffer) : Buffer.concat([carry, ...parts]);
    parts = [];
    partBytes = 0;
  }

  function skipMark(): void {
    atStart = false;
    const { mark } = known();
    if (!hasMark(carry, mark)) return;
    carry = carry.subarray(mark.length);
    offset += mark.length;
  }

  return {
    push(bytes, isLast) {
      last = isLast;
      if (bytes.length === 0) return;
      parts.push(bytes);
      partBytes += bytes.length;
    },
    view() {
      if (!last && partBytes < fruitless) return undefined;
      join();
      if (atStart) {
        if (carry.length < LONGEST_MARK && !last) return undefined;
        skipMark();
      }
      const { unit, view } = known();
      return view(last || carry.length % unit === 0 ? carry : carry.subarray(0, carry.length - 1));
    },
    consume(chars) {
      const bytes = Math.min(chars * known().unit, carry.length);
      carry = carry.subarray(bytes);
      offset += bytes;
      fruitless = bytes === 0 ? carry.length : 0;
    },
    offset: () => offset,
    waiting: () => carry.length + partBytes,
    isLast: () => last,
    encoding: known,
    bytes: (start, stop) => Math.min(stop * known().unit, carry.length) - start * known().unit,
  };
}
