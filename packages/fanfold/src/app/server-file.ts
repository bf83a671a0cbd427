/** `server.json`: where the process that holds a data directory can be reached. */
import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

export interface ServerFile {
  readonly pid: number;
  readonly url: string;
}

export function writeServerFile(directory: string, server: ServerFile): void {
  const file = join(directory, 'server.json');
  writeFileSync(`${file}.tmp`, JSON.stringify(server));
  renameSync(`${file}.tmp`, file);
}

/** Undefined when there is none that can be read. One that a killed process left behind names a server that does not answer. */
export function readServerFile(directory: string): ServerFile | undefined {
  try {
    const read: unknown = JSON.parse(readFileSync(join(directory, 'server.json'), 'utf8'));
    return isServerFile(read) ? read : undefined;
  } catch {
    return undefined;
  }
}

function isServerFile(read: unknown): read is ServerFile {
  if (typeof read !== 'object' || read === null || !('pid' in read) || !('url' in read)) return false;
  return typeof read.pid === 'number' && typeof read.url === 'string';
}

export function removeServerFile(directory: string): void {
  rmSync(join(directory, 'server.json'), { force: true });
}
