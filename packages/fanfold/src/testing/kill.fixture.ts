/**
 * Processes that are killed: at random moments, or by `strace` at their N-th write, fsync or rename, for every N. What a
 * process leaves is looked at in a copy, and the next one goes on from the original.
 */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';

/** Calls of the system, at the N-th of which (in one thread) a process is killed. */
export const KILL_POINTS: Readonly<Record<string, string>> = {
  write: 'write,pwrite64',
  fsync: 'fsync,fdatasync',
  rename: 'rename,renameat,renameat2',
};

/** Whether processes can be traced here; a line on the console says when they cannot. */
export function canTrace(): boolean {
  const found = spawnSync('strace', ['-qq', '-o', '/dev/null', '-e', 'trace=none', process.execPath, '--version']);
  if (found.status === 0) return true;
  console.log('Left out: strace is not here, or may not trace. scripts/install-test-tools.sh installs it.');
  return false;
}

export interface Finished {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunParams {
  /** The script and its arguments, for Node. */
  readonly args: readonly string[];
  /** What `strace` injects: `write,pwrite64:signal=SIGKILL:when=3`. */
  readonly inject?: string;
  /** Only where this file is meant. */
  readonly path?: string;
  readonly started?: (child: ChildProcess) => void;
}

/** Runs Node on a script until it ends, one way or the other. */
export function runNode({ args, inject, path, started }: RunParams): Promise<Finished> {
  const [calls] = inject?.split(':') ?? [];
  const traced = ['-f', '-qq', '-o', '/dev/null', '-e', `trace=${calls}`, '-e', `inject=${inject}`];
  const child = inject
    ? spawn('strace', [...traced, ...(path ? ['-P', path] : []), process.execPath, ...args], {
        stdio: ['ignore', 'pipe', 'pipe'],
      })
    : spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (chunk) => {
    stdout += chunk;
  });
  child.stderr.on('data', (chunk) => {
    stderr += chunk;
  });
  started?.(child);
  const { promise, resolve } = Promise.withResolvers<Finished>();
  child.on('close', (code, signal) => resolve({ code, signal, stdout, stderr }));
  return promise;
}

/** `strace` ends as what it traces ended. */
export function wasKilled({ code, signal }: Finished): boolean {
  return signal === 'SIGKILL' || code === 137;
}

/** Work in a directory of its own, that goes on through as many deaths as it takes. */
export interface Victim {
  run(rest?: Omit<RunParams, 'args'>): Promise<Finished>;
  /** What a process that was killed has left. @returns what does not hold */
  look(deeply?: boolean): Promise<readonly string[]>;
  /** What became of it in the end. @returns what does not hold */
  judge(finished: Finished, deaths: number): Promise<readonly string[]>;
  remove(): void;
}

export interface SweepParams {
  /** @returns what is killed at a point, and what does not hold then; null when it ended before that point */
  readonly killAt: (inject: string) => Promise<readonly string[] | null>;
  /** Which of the points are tried; @defaultValue all */
  readonly points?: (n: number) => boolean;
  /** @defaultValue all kinds */
  readonly kinds?: readonly string[];
  /** @defaultValue never */
  readonly enough?: (problems: readonly string[]) => boolean;
}

/** Kills at the N-th call of each kind, for every N until none is left. */
export async function sweepKills({
  killAt,
  points = () => true,
  kinds = Object.keys(KILL_POINTS),
  enough = () => false,
}: SweepParams): Promise<{ readonly tried: number; readonly problems: readonly string[] }> {
  const problems: string[] = [];
  let tried = 0;
  for (const kind of kinds) {
    for (let n = 1; ; n++) {
      if (!points(n)) continue;
      const found = await killAt(`${KILL_POINTS[kind]}:signal=SIGKILL:when=${n}`);
      if (!found) break;
      tried += 1;
      problems.push(...found.map((problem) => `killed at ${kind} ${n}: ${problem}`));
      if (enough(problems)) return { tried, problems };
    }
  }
  return { tried, problems };
}

/** Kills it at a point and lets it go on. @returns what does not hold; null when it ended before that point */
export async function killAtPoint(victim: Victim, inject: string): Promise<readonly string[] | null> {
  try {
    const first = await victim.run({ inject });
    if (!wasKilled(first)) return null;
    const left = await victim.look();
    return [...left, ...(await victim.judge(await victim.run(), 1))];
  } finally {
    victim.remove();
  }
}

export interface RandomKillsParams {
  readonly begin: () => Victim;
  readonly kills: number;
  readonly random: () => number;
  /** What is left is looked into as often as this. @defaultValue each time */
  readonly lookEvery?: number;
}

/** Kills at random moments; what ends before its time has come begins anew elsewhere. */
export async function killAtRandom({ begin, kills, random, lookEvery = 1 }: RandomKillsParams): Promise<{
  readonly problems: readonly string[];
  readonly runs: number;
}> {
  let victim = begin();
  const problems: string[] = [];
  let [deaths, runs, span] = [0, 0, 500];
  try {
    for (let killed = 0; killed < kills && problems.length === 0;) {
      const began = performance.now();
      const finished = await victim.run({ started: killLater(random() * span) });
      if (wasKilled(finished)) {
        killed += 1;
        deaths += 1;
        problems.push(...(await victim.look(killed % lookEvery === 0)));
        // Later the more often it died before it had done anything: recovery takes its time too.
        span = Math.min(span * 1.1, 4_000);
        continue;
      }
      problems.push(...(await victim.judge(finished, deaths)));
      victim.remove();
      victim = begin();
      [deaths, runs, span] = [0, runs + 1, (performance.now() - began) * 1.2];
    }
    problems.push(...(await victim.judge(await victim.run(), deaths)));
    return { problems, runs: runs + 1 };
  } finally {
    victim.remove();
  }
}

export function killLater(milliseconds: number): (child: ChildProcess) => void {
  return (child) => {
    const timer = setTimeout(() => child.kill('SIGKILL'), milliseconds);
    child.once('exit', () => clearTimeout(timer));
  };
}
