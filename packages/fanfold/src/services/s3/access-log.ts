/** The access log of the buckets: `logs/s3-access.log` in the data directory, and the one before it when that is full. */
import { mkdirSync } from 'node:fs';
import { appendFile, rename, stat } from 'node:fs/promises';
import { join } from 'node:path';

export interface AccessLogFile {
  /** Takes a line, without its end: it is in the file a tenth of a second later. Never throws and never waits. */
  write(line: string): void;
  /** Resolves when what was taken is in the file. */
  close(): Promise<void>;
}

export interface AccessLogParams {
  /** The data directory. */
  readonly directory: string;
  /** Told what the disk refuses; the lines are lost then. */
  readonly onError: (error: unknown) => void;
  /** Bytes at which the file is put aside. @defaultValue 64 MB */
  readonly rotateAt?: number;
}

/** Lines that wait for the disk; what is more is lost, and told. */
const MOST_WAITING = 100_000;
/** Lines of so many milliseconds are written at once: looking at the file costs more than an object of 1 KB. */
const GATHERED_MS = 100;

export function openAccessLog({ directory, onError, rotateAt = 64 * 1024 * 1024 }: AccessLogParams): AccessLogFile {
  const folder = join(directory, 'logs');
  const file = join(folder, 's3-access.log');
  mkdirSync(folder, { recursive: true });
  let waiting: string[] = [];
  let timer: NodeJS.Timeout | undefined;
  let writing: Promise<void> | undefined;
  const start = (): void => {
    timer = undefined;
    if (waiting.length > 0) writing ??= flush();
  };
  const flush = async (): Promise<void> => {
    try {
      while (waiting.length > 0) {
        const lines = waiting;
        waiting = [];
        const { size } = await stat(file).catch(() => ({ size: 0 }));
        if (size >= rotateAt) await rename(file, `${file}.1`);
        await appendFile(file, `${lines.join('\n')}\n`, { mode: 0o600 });
      }
    } catch (error) {
      onError(error);
    } finally {
      writing = undefined;
    }
  };
  return {
    write: (line) => {
      if (waiting.length === MOST_WAITING) return onError(new Error('The access log cannot keep up with the requests'));
      waiting.push(line);
      timer ??= setTimeout(start, GATHERED_MS).unref();
    },
    close: async () => {
      clearTimeout(timer);
      start();
      while (writing) await writing;
    },
  };
}
