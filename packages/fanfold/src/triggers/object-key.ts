/** Keys as texts: their last part, and the keys an object may be moved to. Nothing here is a path of the file system. */
import { utf8Length } from '../json.ts';

/** S3's limit, UTF-8 bytes. */
export const LONGEST_KEY = 1024;
const LONGEST_EXTENSION = 32;

export interface KeyParts {
  /** The last part of the key without its extension. */
  readonly stem: string;
  /** With its dot; empty when there is none. Slashes at the key's end belong to it. */
  readonly extension: string;
}

/** `in/orders.csv` is `orders` and `.csv`. */
export function splitKey(key: string): KeyParts {
  const end = key.replace(/\/+$/, '').length;
  const start = key.lastIndexOf('/', end - 1) + 1;
  const dot = key.lastIndexOf('.', end - 1);
  const extended = dot > start && utf8Length(key.slice(dot)) <= LONGEST_EXTENSION;
  const cut = extended ? dot : end;
  return { stem: key.slice(start, cut), extension: key.slice(cut) };
}

/**
 * Where an object may be moved below a prefix, the best first: by its own last part, then with its sequencer, then
 * with numbers. Stems are cut so that each key, and `spare` bytes beside it, is within S3's limit.
 */
export function* targetKeys(prefix: string, key: string, sequencer: string, spare: number): Generator<string> {
  const { stem, extension } = splitKey(key);
  const fitted = (tail: string): string =>
    prefix + cutTo(stem, LONGEST_KEY - spare - utf8Length(prefix) - utf8Length(tail)) + tail;
  yield fitted(extension);
  yield fitted(`-${sequencer}${extension}`);
  for (let i = 2; ; i++) yield fitted(`-${sequencer}-${i}${extension}`);
}

/** The longest beginning of a text that has at most so many UTF-8 bytes. */
function cutTo(text: string, bytes: number): string {
  if (utf8Length(text) <= bytes) return text;
  let kept = '';
  let left = bytes;
  for (const character of text) {
    left -= utf8Length(character);
    if (left < 0) break;
    kept += character;
  }
  return kept;
}
