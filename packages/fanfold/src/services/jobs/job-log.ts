/** What a job writes, in a file: secrets blotted out, and no larger than a bound. */
import { createWriteStream } from 'node:fs';
import { open } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import { followLines } from '../lines.ts';
import { createRedactor } from '../redact.ts';

/** Bytes of one attempt's log. */
const LARGEST = 100 * 2 ** 20;

export interface JobLog {
  follow(stream: Readable): void;
  /** Resolves when all that came is in the file. */
  end(): Promise<void>;
}

/** @param onLine told each line, without what secrets are in it */
export function createJobLog(path: string, secrets: readonly string[], onLine: (line: string) => void): JobLog {
  const file = createWriteStream(path, { mode: 0o600 });
  const failed = Promise.withResolvers<void>();
  file.on('error', () => failed.resolve());
  const redact = createRedactor(secrets);
  let written = 0;
  /** What one read has brought is written at once: there may be thousands of lines in it. */
  let waiting = '';
  const passOn = (): void => {
    if (waiting !== '') file.write(waiting);
    waiting = '';
  };
  const write = (line: string, hasEnd: boolean): void => {
    if (written > LARGEST) return;
    const quiet = redact(line);
    onLine(quiet);
    const shown = `${quiet}${hasEnd ? '\n' : ''}`;
    written += Buffer.byteLength(shown);
    waiting += written > LARGEST ? `\nThe log is full: ${LARGEST} bytes. What follows is not kept.\n` : shown;
  };
  const rests: (() => void)[] = [];
  return {
    follow: (stream) => {
      const hold = (): void => {
        passOn();
        if (!file.writableNeedDrain) return;
        stream.pause();
        file.once('drain', () => stream.resume());
      };
      rests.push(followLines(stream, write, hold));
    },
    end: async () => {
      for (const flush of rests) flush();
      passOn();
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
