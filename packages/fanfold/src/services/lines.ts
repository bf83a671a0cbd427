/** What a program writes, line by line. */
import type { Readable } from 'node:stream';
import { StringDecoder } from 'node:string_decoder';

/** The longest line that is kept as one, characters. */
const LONGEST_LINE = 64 * 1024;

/**
 * Calls `onLine` for each line, without its end; what is longer comes in parts, and all but the last have no end.
 * @returns flushes what has no line end, when nothing more is to come
 */
export function followLines(
  stream: Readable,
  onLine: (line: string, hasEnd: boolean) => void,
  afterEach: () => void = () => {},
): () => void {
  const decoder = new StringDecoder('utf8');
  let rest = '';
  stream.on('error', () => {});
  stream.on('data', (chunk: Buffer) => {
    const lines = (rest + decoder.write(chunk)).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) onLine(line, true);
    if (rest.length > LONGEST_LINE) flush();
    afterEach();
  });
  const flush = (): void => {
    if (rest !== '') onLine(rest, false);
    rest = '';
  };
  return flush;
}
