/**
 * Processes that are killed at random moments, or traced and disturbed by `strace`. What a process leaves is looked at in
 * a copy, and the next one goes on from the original.
 */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';

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
  /** Only where one of these files is meant. */
  readonly paths?: readonly string[];
  /** Calls that are written to a file as they are made. */
  readonly trace?: { readonly calls: string; readonly log: string };
  /** @defaultValue that of this process */
  readonly env?: NodeJS.ProcessEnv;
  readonly started?: (child: ChildProcess) => void;
}

/** Runs Node on a script until it ends, one way or the other. */
export function runNode({ args, started, env = process.env, ...traced }: RunParams): Promise<Finished> {
  const tracer = tracerOf(traced);
  const [command = process.execPath, ...before] = tracer;
  const child = spawn(command, [...before, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    // Calls are counted in each thread: with one for files, the same call has the same number in each run.
    env: { ...env, ...(tracer.length > 1 && { UV_THREADPOOL_SIZE: '1' }) },
  });
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

/** The command that runs a script of Node, traced when that is asked for. */
function tracerOf({ inject, paths = [], trace }: Omit<RunParams, 'args' | 'env' | 'started'>): readonly string[] {
  const calls = trace?.calls ?? inject?.split(':')[0];
  if (!calls) return [process.execPath];
  const log = trace ? ['-y', '-o', trace.log] : ['-o', '/dev/null'];
  const where = paths.flatMap((path) => ['-P', path]);
  const what = ['-e', `trace=${calls}`, ...(inject ? ['-e', `inject=${inject}`] : [])];
  return ['strace', '-f', '-qq', ...log, ...what, ...where, process.execPath];
}

/** `strace` ends as what it traces ended. */
export function wasKilled({ code, signal }: Finished): boolean {
  return signal === 'SIGKILL' || code === 137;
}

/** Work in a directory of its own, that goes on through as many deaths as it takes. */
export interface Victim {
  readonly directory: string;
  run(rest?: Omit<RunParams, 'args'>): Promise<Finished>;
  /** What a process that was killed has left. @returns what does not hold */
  look(deeply?: boolean): Promise<readonly string[]>;
  /** What became of it in the end. @returns what does not hold */
  judge(finished: Finished, deaths: number): Promise<readonly string[]>;
  remove(): void;
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
