/**
 * Which files below a folder some process still has open for writing: one that pauses for long is not done with its file. Where
 * the system tells of other processes (`/proc`, as on Linux), and of those that this one may look at.
 */
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { setImmediate as turn } from 'node:timers/promises';

const PROCESSES = '/proc';
/** Of the flags that a file was opened with: O_WRONLY or O_RDWR. */
const WRITING = 0o3;

/** @param root its real path. @returns real paths */
export async function openForWriting(root: string): Promise<ReadonlySet<string>> {
  const found = new Set<string>();
  for (const pid of namesIn(PROCESSES)) {
    if (!/^\d+$/.test(pid)) continue;
    // One process at a time: some hold thousands of files.
    await turn();
    for (const fd of namesIn(`${PROCESSES}/${pid}/fd`)) {
      const path = tryRead(() => readlinkSync(`${PROCESSES}/${pid}/fd/${fd}`)) ?? '';
      if (path.startsWith(`${root}/`) && isWriting(`${PROCESSES}/${pid}/fdinfo/${fd}`)) found.add(path);
    }
  }
  return found;
}

function isWriting(info: string): boolean {
  const [, flags = '0'] = /^flags:\s*([0-7]+)/m.exec(tryRead(() => readFileSync(info, 'latin1')) ?? '') ?? [];
  return (Number.parseInt(flags, 8) & WRITING) !== 0;
}

function namesIn(folder: string): readonly string[] {
  return tryRead(() => readdirSync(folder)) ?? [];
}

/** What has ended meanwhile, or is not ours to see, is left out. */
function tryRead<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}
