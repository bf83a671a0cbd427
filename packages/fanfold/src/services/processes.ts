/**
 * Processes of the machine, as far as jobs need them: which is which across restarts, what belongs to a group, and how much
 * memory that takes. On Linux all of it is read from /proc; elsewhere a process is known by `ps`, and memory is not watched.
 */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';

/** A process that is found again, or known to be gone: pids are used anew. */
export interface ProcessIdentity {
  readonly pid: number;
  /** When it began, in the machine's own words. */
  readonly startedAt: string;
  /** Of another boot nothing is left. */
  readonly bootId: string;
}

/** Stands in the environment of a job's processes. */
export const MARK = 'FANFOLD_JOB_RUN';

const isLinux = process.platform === 'linux';

/** @param pid of a process that runs now */
export function identify(pid: number): ProcessIdentity {
  return { pid, startedAt: startOf(pid) ?? '', bootId: bootId() };
}

/** Whether that very process still runs. */
export function isAlive({ pid, startedAt, bootId: boot }: ProcessIdentity): boolean {
  return boot === bootId() && startedAt !== '' && startOf(pid) === startedAt;
}

function bootId(): string {
  return isLinux ? readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim() : '';
}

/** Undefined when there is no such process, or only its remains. */
function startOf(pid: number): string | undefined {
  try {
    if (!isLinux)
      return execFileSync('ps', ['-o', 'lstart=', '-p', String(pid)], { encoding: 'utf8' }).trim() || undefined;
    const stat = parseStat(readFileSync(`/proc/${pid}/stat`, 'utf8'));
    return stat.state === 'Z' ? undefined : stat.startedAt;
  } catch {
    return undefined;
  }
}

interface Stat {
  readonly state: string;
  readonly group: number;
  readonly startedAt: string;
}

/** The name, in brackets, may hold anything. */
function parseStat(text: string): Stat {
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  return { state: fields[0] ?? '', group: Number(fields[2]), startedAt: fields[19] ?? '' };
}

/** Memory of each of these process groups, MiB. Empty where it cannot be told. */
export async function memoryOfGroups(groups: ReadonlySet<number>): Promise<ReadonlyMap<number, number>> {
  const kilobytes = new Map<number, number>();
  for (const pid of await pids()) {
    const group = await groupOf(pid);
    if (group === undefined || !groups.has(group)) continue;
    kilobytes.set(group, (kilobytes.get(group) ?? 0) + (await proportionalMemory(pid)));
  }
  return new Map([...kilobytes].map(([group, size]) => [group, size / 1024]));
}

async function groupOf(pid: number): Promise<number | undefined> {
  const text = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => undefined);
  return text === undefined ? undefined : parseStat(text).group;
}

/** Kilobytes; what several processes share is counted once among them. */
async function proportionalMemory(pid: number): Promise<number> {
  const rollup = await readFile(`/proc/${pid}/smaps_rollup`, 'utf8').catch(() => '');
  const shared = /^Pss:\s+(\d+) kB/m.exec(rollup)?.[1];
  if (shared !== undefined) return Number(shared);
  const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
  return Number(/^VmRSS:\s+(\d+) kB/m.exec(status)?.[1] ?? 0);
}

/** Processes whose environment bears one of these marks, by mark. */
async function marked(marks: ReadonlySet<string>): Promise<ReadonlyMap<string, readonly number[]>> {
  const found = new Map<string, number[]>();
  if (marks.size === 0) return found;
  for (const pid of await pids()) {
    const environment = await readFile(`/proc/${pid}/environ`, 'latin1').catch(() => '');
    const start = `\0${environment}`.indexOf(`\0${MARK}=`);
    if (start < 0 || pid === process.pid) continue;
    const from = start + MARK.length + 1;
    const end = environment.indexOf('\0', from);
    const mark = environment.slice(from, end < 0 ? undefined : end);
    if (marks.has(mark)) found.set(mark, [...(found.get(mark) ?? []), pid]);
  }
  return found;
}

async function pids(): Promise<readonly number[]> {
  if (!isLinux) return [];
  const names = await readdir('/proc');
  return names.filter((name) => /^\d+$/.test(name)).map(Number);
}

/** Gives a signal to a process group. @returns whether there was anything of it */
function signalGroup(group: number, signal: NodeJS.Signals): boolean {
  try {
    if (process.platform === 'win32')
      execFileSync('taskkill', ['/PID', String(group), '/T', '/F'], { stdio: 'ignore' });
    else process.kill(-group, signal);
    return true;
  } catch {
    return false;
  }
}

/** How often a killed group is looked at; remains that nobody collects are not waited for. */
const LOOKS = 50;

/** Kills what is left of a group whose first process has just ended. Resolves when it is gone. */
export async function killRest(group: number): Promise<void> {
  for (let look = 0; look < LOOKS && signalGroup(group, 'SIGKILL'); look++) await sleep(10);
}

function signalProcess(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // Gone.
  }
}

export interface Leftover {
  readonly mark: string;
  readonly identity?: ProcessIdentity;
}

/**
 * Ends what an engine before this one had started: the process group, where it is surely that, and every process that bears
 * the mark, in whichever group. SIGTERM, and SIGKILL after `graceMs`. Resolves when nothing of it is left.
 */
export async function endLeftovers(leftovers: readonly Leftover[], graceMs: number): Promise<void> {
  if (leftovers.length === 0) return;
  const marks = new Set(leftovers.map(({ mark }) => mark));
  const until = performance.now() + graceMs;
  const given = new Set<number>();
  for (let pause = 10; ; pause = Math.min(pause * 2, 250)) {
    const groups = leftovers.flatMap(({ identity }) => (identity && isAlive(identity) ? [identity.pid] : []));
    const single = [...(await marked(marks)).values()].flat();
    if (groups.length === 0 && single.length === 0) return;
    const isOver = performance.now() >= until;
    const wanted = (pid: number): boolean => isOver || !given.has(pid);
    const signal = isOver ? 'SIGKILL' : 'SIGTERM';
    for (const group of groups.filter(wanted)) signalGroup(group, signal);
    for (const pid of single.filter((pid) => wanted(pid) && !groups.includes(pid))) signalProcess(pid, signal);
    for (const pid of [...groups, ...single]) given.add(pid);
    await sleep(pause);
  }
}
