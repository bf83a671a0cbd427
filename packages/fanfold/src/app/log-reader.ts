/** Reads the log lines of a data directory, from the first, and on as they come. */
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { StringDecoder } from 'node:string_decoder';
import type { KeptLogEntry } from '../ports/logs.ts';
import { logFiles } from '../services/logs/log-files.ts';

const CHUNK = 256 * 1024;

export interface LogReader {
  /** What has come since the last time, in order. */
  next(): AsyncGenerator<KeptLogEntry>;
}

export function createLogReader(directory: string): LogReader {
  const places = new Map<string, { at: number; rest: string; readonly decoder: StringDecoder }>();

  async function* readFile(name: string): AsyncGenerator<KeptLogEntry> {
    const place = places.get(name) ?? { at: 0, rest: '', decoder: new StringDecoder('utf8') };
    places.set(name, place);
    const file = await open(join(directory, name), 'r').catch(() => undefined);
    if (!file) return;
    try {
      const buffer = Buffer.alloc(CHUNK);
      for (;;) {
        const { bytesRead } = await file.read(buffer, 0, CHUNK, place.at);
        if (bytesRead === 0) return;
        place.at += bytesRead;
        const lines = (place.rest + place.decoder.write(buffer.subarray(0, bytesRead))).split('\n');
        place.rest = lines.pop() ?? '';
        for (const line of lines) {
          const entry = parse(line);
          if (entry) yield entry;
        }
      }
    } finally {
      await file.close();
    }
  }
  return {
    next: async function* () {
      for (const name of logFiles(directory)) yield* readFile(name);
    },
  };
}

/** A line that a full disk has cut off is none. */
function parse(line: string): KeptLogEntry | undefined {
  try {
    return JSON.parse(line) as KeptLogEntry;
  } catch {
    return undefined;
  }
}
