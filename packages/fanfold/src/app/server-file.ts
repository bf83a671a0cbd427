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

/** Undefined when there is none. One that a killed process left behind names a server that does not answer. */
export function readServerFile(directory: string): ServerFile | undefined {
  try {
    return JSON.parse(readFileSync(join(directory, 'server.json'), 'utf8')) as ServerFile;
  } catch {
    return undefined;
  }
}

export function removeServerFile(directory: string): void {
  rmSync(join(directory, 'server.json'), { force: true });
}
