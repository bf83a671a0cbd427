/** What a job writes, in a file: secrets blotted out, and no larger than a bound. */
import { createWriteStream } from 'node:fs';
import { open } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import { StringDecoder } from 'node:string_decoder';

/** Bytes of one attempt's log. */
const LARGEST = 100 * 2 ** 20;

/** The longest line that is kept as one, characters. */
const LONGEST_LINE = 64 * 1024;

export interface JobLog {
  follow(stream: Readable): void;
  /** Resolves when all that came is in the file. */
  end(): Promise<void>;
}

export function createJobLog(path: string, secrets: readonly string[]): JobLog {
  const file = createWriteStream(path, { mode: 0o600 });
  const failed = Promise.withResolvers<void>();
  file.on('error', () => failed.resolve());
  const hidden = secrets.filter((secret) => secret !== '').sort((a, b) => b.length - a.length);
  let written = 0;
  const write = (line: string): void => {
    if (written > LARGEST) return;
    let shown = line;
    for (const secret of hidden) shown = shown.replaceAll(secret, '***');
    written += Buffer.byteLength(shown);
    file.write(written > LARGEST ? `\nThe log is full: ${LARGEST} bytes. What follows is not kept.\n` : shown);
  };
  const rests: (() => void)[] = [];
  return {
    follow: (stream) => {
      const decoder = new StringDecoder('utf8');
      let rest = '';
      const flush = (): void => {
        if (rest !== '') write(rest);
        rest = '';
      };
      rests.push(flush);
      stream.on('error', () => {});
      stream.on('data', (chunk: Buffer) => {
        const lines = (rest + decoder.write(chunk)).split(/(?<=\n)/);
        rest = lines.pop() ?? '';
        for (const line of lines) write(line);
        if (rest.endsWith('\n') || rest.length > LONGEST_LINE) flush();
        if (!file.writableNeedDrain) return;
        stream.pause();
        file.once('drain', () => stream.resume());
      });
    },
    end: async () => {
      for (const flush of rests) flush();
      await Promise.race([new Promise<void>((resolve) => file.end(resolve)), failed.promise]);
    },
  };
}

/** The last bytes of a file; nothing where there is none. */
export async function readEnd(path: string, bytes: number): Promise<string> {
  const file = await open(path, 'r').catch(() => undefined);
  if (!file) return '';
  try {
    const { size } = await file.stat();
    const length = Math.min(size, bytes);
    const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, size - length);
    return buffer.subarray(0, bytesRead).toString();
  } finally {
    await file.close();
  }
}
