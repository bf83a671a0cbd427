/**
 * Processes that are killed: at random moments, or by `strace` at their N-th write, fsync or rename, for every N. What a
 * process leaves is looked at in a copy, and the next one goes on from the original.
 */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createSqliteStore } from '../runtimes/sqlite/store.ts';
import { keptProblems } from './kept.fixture.ts';

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

const FAN_OUT = fileURLToPath(new URL('./fan-out.kill.ts', import.meta.url));
const ROOT = 'arn:aws:states:us-east-1:000000000000:execution:fan-out:run';

export interface FanOutParams {
  readonly tasks: number;
  readonly durability?: 'normal' | 'full';
  /** A bug to be found. */
  readonly planted?: 'append-twice';
}

interface Call {
  readonly n: number;
  readonly attempt: number;
  readonly frame: string;
  readonly execution: string;
  readonly key: string;
}

/** One Map of tasks in a directory of its own, through as many deaths as it takes. */
export class FanOut {
  readonly directory: string = mkdtempSync(join(tmpdir(), 'fanfold-kill-'));
  readonly #params: FanOutParams;
  /** Tasks whose outcome was durable when a process died, and how many calls there had been. */
  readonly #finished = new Map<string, number>();

  constructor(params: FanOutParams) {
    this.#params = params;
  }

  run(rest: Omit<RunParams, 'args'> = {}): Promise<Finished> {
    const { tasks, durability = 'normal', planted } = this.#params;
    const args = [FAN_OUT, this.directory, String(tasks), durability, ...(planted ? [planted] : [])];
    return runNode({ args, ...rest });
  }

  remove(): void {
    rmSync(this.directory, { recursive: true, force: true });
  }

  /** What a process that was killed has left. @returns what does not hold */
  async look(deeply = true): Promise<string[]> {
    if (!existsSync(join(this.directory, 'engine.db'))) return [];
    const copy = mkdtempSync(join(tmpdir(), 'fanfold-killed-'));
    cpSync(this.directory, copy, { recursive: true });
    const store = createSqliteStore({ directory: copy });
    try {
      const calls = this.#calls().length;
      const outputs = (await store.load(ROOT))?.outputs ?? [];
      for (const { fork, index } of outputs) {
        const name = `${fork}.${index}`;
        if (!this.#finished.has(name)) this.#finished.set(name, calls);
      }
      return deeply ? await keptProblems(store) : [];
    } finally {
      await store.close();
      rmSync(copy, { recursive: true, force: true });
    }
  }

  /** What became of it in the end. @returns what does not hold */
  async judge({ code, stdout, stderr }: Finished, deaths: number): Promise<string[]> {
    const { tasks } = this.#params;
    if (code !== 0) return [`it ended with ${code}: ${stderr}`];
    const { status, output } = JSON.parse(stdout) as { readonly status: string; readonly output: string };
    const found = (JSON.parse(output) as readonly { n: number }[]).map(({ n }) => n);
    const problems = await this.look();
    if (status !== 'SUCCEEDED') problems.push(`the execution is ${status}`);
    if (found.length !== tasks || found.some((n, i) => n !== 2 * i)) problems.push(`the output is ${output}`);
    return [...problems, ...this.#callProblems(deaths)].slice(0, 5);
  }

  #callProblems(deaths: number): string[] {
    const calls = this.#calls();
    const problems: string[] = [];
    const keys = new Map<string, string>();
    const times = new Map<number, number>();
    for (const [i, { n, attempt, frame, execution, key }] of calls.entries()) {
      const name = `${execution} ${frame} ${attempt}`;
      if (execution === ROOT && i >= (this.#finished.get(frame) ?? Infinity))
        problems.push(`task ${n} is called again after its outcome was durable`);
      if ((keys.get(name) ?? key) !== key) problems.push(`task ${n} is called by two keys`);
      keys.set(name, key);
      times.set(n, (times.get(n) ?? 0) + 1);
    }
    if (times.size !== this.#params.tasks) problems.push(`${times.size} tasks were called`);
    const most = Math.max(...times.values());
    if (most > deaths + 1) problems.push(`a task was called ${most} times, with ${deaths} deaths`);
    return problems;
  }

  /** A line that was cut off tells of a call that had not begun. */
  #calls(): Call[] {
    const path = join(this.directory, 'calls.log');
    if (!existsSync(path)) return [];
    const lines = readFileSync(path, 'utf8').split('\n');
    return lines.flatMap((line) => (line.endsWith('}') ? [JSON.parse(line) as Call] : []));
  }
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

/** Kills one {@link FanOut} at a point and lets it go on. */
export async function killFanOut(params: FanOutParams, inject: string): Promise<readonly string[] | null> {
  const fanOut = new FanOut(params);
  try {
    const first = await fanOut.run({ inject });
    if (!wasKilled(first)) return null;
    const left = await fanOut.look();
    return [...left, ...(await fanOut.judge(await fanOut.run(), 1))];
  } finally {
    fanOut.remove();
  }
}

export interface RandomKillsParams extends FanOutParams {
  readonly kills: number;
  readonly random: () => number;
  /** What is left is looked into as often as this. @defaultValue each time */
  readonly lookEvery?: number;
}

/** Kills at random moments; what ends before its time has come begins anew elsewhere. */
export async function killAtRandom({ kills, random, lookEvery = 1, ...params }: RandomKillsParams): Promise<{
  readonly problems: readonly string[];
  readonly runs: number;
}> {
  let fanOut = new FanOut(params);
  const problems: string[] = [];
  let [deaths, runs, span] = [0, 0, 500];
  try {
    for (let killed = 0; killed < kills && problems.length === 0;) {
      const began = performance.now();
      const finished = await fanOut.run({ started: killLater(random() * span) });
      if (wasKilled(finished)) {
        killed += 1;
        deaths += 1;
        problems.push(...(await fanOut.look(killed % lookEvery === 0)));
        // Later the more often it died before it had done anything: recovery takes its time too.
        span = Math.min(span * 1.1, 4_000);
        continue;
      }
      problems.push(...(await fanOut.judge(finished, deaths)));
      fanOut.remove();
      fanOut = new FanOut(params);
      [deaths, runs, span] = [0, runs + 1, (performance.now() - began) * 1.2];
    }
    problems.push(...(await fanOut.judge(await fanOut.run(), deaths)));
    return { problems, runs: runs + 1 };
  } finally {
    fanOut.remove();
  }
}

export function killLater(milliseconds: number): (child: ChildProcess) => void {
  return (child) => {
    const timer = setTimeout(() => child.kill('SIGKILL'), milliseconds);
    child.once('exit', () => clearTimeout(timer));
  };
}
