/**
 * Log lines in files of one day each, in parts of a bounded size: JSON, one entry a line. They are let go by age and by size.
 * A disk that takes no more costs lines, never the engine.
 */
import { mkdirSync, readdirSync, rmSync, statSync } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { join } from 'node:path';
import type { Clock } from '../../ports/clock.ts';
import type { Logger } from '../../ports/logger.ts';
import type { KeptLogEntry, Logs } from '../../ports/logs.ts';

export interface LogFilesParams {
  /** The folder; made when it is not there. */
  readonly directory: string;
  readonly clock: Clock;
  readonly logger: Logger;
  /** How long lines are kept. @defaultValue 7 */
  readonly days?: number;
  /** How much of them is kept. @defaultValue 1024 */
  readonly megabytes?: number;
  /** Bytes of one file. @defaultValue 64 MiB */
  readonly partBytes?: number;
}

export interface LogFiles extends Logs {
  /** Resolves when all that was written is in the files. */
  flush(): Promise<void>;
  close(): Promise<void>;
}

const DAY_MS = 86_400_000;
const SWEEP_MS = 600_000;
/** Characters that wait for the disk; what is more is dropped, and told. */
const MOST_WAITING = 64 * 2 ** 20;

export function openLogFiles(params: LogFilesParams): LogFiles {
  const { directory, clock, logger, days = 7, megabytes = 1024, partBytes = 64 * 2 ** 20 } = params;
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  let waiting: string[] = [];
  let size = 0;
  let working: Promise<void> | undefined;
  let dropped = 0;
  let part = { day: '', number: 0, bytes: 0 };
  /** The one that was written to last. */
  let file: { readonly path: string; readonly handle: FileHandle } | undefined;

  const fileFor = (bytes: number): string => {
    const day = new Date(clock.now()).toISOString().slice(0, 10);
    if (part.day !== day) {
      const last = logFiles(directory).findLast((name) => name.startsWith(day));
      const number = last === undefined ? 0 : numberOf(last);
      part = { day, number, bytes: last === undefined ? 0 : statSync(join(directory, last)).size };
    }
    if (part.bytes > 0 && part.bytes + bytes > partBytes) part = { day, number: part.number + 1, bytes: 0 };
    part.bytes += bytes;
    return join(directory, `${day}.${String(part.number).padStart(4, '0')}.jsonl`);
  };
  const append = async (text: string): Promise<void> => {
    const path = fileFor(Buffer.byteLength(text));
    if (file?.path !== path) {
      await closeFile();
      file = { path, handle: await open(path, 'a', 0o600) };
    }
    await file.handle.appendFile(text);
  };
  const closeFile = async (): Promise<void> => {
    const { handle } = file ?? {};
    file = undefined;
    await handle?.close();
  };
  const drain = async (): Promise<void> => {
    while (waiting.length > 0) {
      const text = waiting.join('');
      waiting = [];
      size = 0;
      try {
        await append(text);
      } catch (error) {
        logger.warn('Lines of logs cannot be kept', { directory, error });
      }
    }
    if (dropped > 0) logger.warn('Lines of logs came faster than they could be written, and were dropped', { dropped });
    dropped = 0;
    working = undefined;
  };
  const sweep = (): void => {
    try {
      removeOld(directory, new Date(clock.now() - days * DAY_MS).toISOString().slice(0, 10), megabytes * 2 ** 20);
    } catch (error) {
      logger.warn('Old logs cannot be removed', { directory, error });
    }
    disarm = clock.wake(clock.now() + SWEEP_MS, sweep);
  };
  let disarm = (): void => {};
  sweep();

  return {
    write: (entry) => {
      if (size > MOST_WAITING) {
        dropped++;
        return;
      }
      const kept: KeptLogEntry = { time: new Date(clock.now()).toISOString(), ...entry };
      const text = `${JSON.stringify(kept)}\n`;
      size += text.length;
      waiting.push(text);
      // What comes up in one turn of the loop is written at once.
      working ??= new Promise<void>((resolve) => setImmediate(resolve)).then(drain);
    },
    flush: async () => {
      while (working) await working;
    },
    close: async () => {
      disarm();
      while (working) await working;
      await closeFile();
    },
  };
}

/** The files of a folder, in the order in which they were written. Empty where there is no folder. */
export function logFiles(directory: string): readonly string[] {
  try {
    return readdirSync(directory)
      .filter((name) => /^\d{4}-\d\d-\d\d\.\d{4,}\.jsonl$/.test(name))
      .sort((a, b) => compare(a.slice(0, 10), b.slice(0, 10)) || numberOf(a) - numberOf(b));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}

function numberOf(name: string): number {
  return Number(name.split('.')[1]);
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function removeOld(directory: string, before: string, mostBytes: number): void {
  let bytes = 0;
  for (const name of logFiles(directory).toReversed()) {
    const path = join(directory, name);
    bytes += statSync(path).size;
    if (name.slice(0, 10) < before || bytes > mostBytes) rmSync(path, { force: true });
  }
}
