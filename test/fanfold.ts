/** Runs the command line as its user does. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

export const LAUNCHER: string = join(import.meta.dirname, '..', 'packages', 'fanfold', 'bin', 'fanfold.js');

export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** @param input what it reads from standard input, if anything */
export async function fanfold(args: readonly string[], input?: string): Promise<Ended> {
  const child = spawn(process.execPath, [LAUNCHER, ...args]);
  // It may end without having read it.
  child.stdin.on('error', () => {});
  child.stdin.end(input);
  const ended = { stdout: '', stderr: '' };
  child.stdout.on('data', (chunk) => {
    ended.stdout += chunk;
  });
  child.stderr.on('data', (chunk) => {
    ended.stderr += chunk;
  });
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, ...ended };
}

/** `fanfold dev --json`, with its log lines. */
export interface Dev {
  readonly url: string;
  /** Resolves with the first log line, or the n-th, past or to come, that the test takes. */
  logged(test: (line: LogLine) => boolean, nth?: number): Promise<LogLine>;
  stop(): Promise<number | null>;
  /** As `kill -9` does. */
  kill(): Promise<void>;
}

export type LogLine = Readonly<Record<string, unknown>> & { readonly message: string };

/** @param by a program, and its arguments, that runs it: `setpriv`, `unshare` */
export async function startDev(args: readonly string[], by: readonly string[] = []): Promise<Dev> {
  const [program = process.execPath, ...rest] = [...by, process.execPath, LAUNCHER, 'dev', '--json', '--port', '0'];
  const child: ChildProcess = spawn(program, [...rest, ...args], { stdio: ['ignore', 'ignore', 'pipe'] });
  const lines: LogLine[] = [];
  const waiting = new Set<() => void>();
  if (!child.stderr) throw new Error('fanfold dev has no stderr');
  createInterface({ input: child.stderr }).on('line', (line) => {
    if (line.startsWith('{')) lines.push(JSON.parse(line) as LogLine);
    for (const look of waiting) look();
  });
  const logged = (test: (line: LogLine) => boolean, nth = 1): Promise<LogLine> => {
    const { promise, resolve, reject } = Promise.withResolvers<LogLine>();
    const look = (): void => {
      const found = lines.filter(test)[nth - 1];
      if (!found) return;
      waiting.delete(look);
      resolve(found);
    };
    waiting.add(look);
    look();
    child.once('exit', (code) => reject(new Error(`fanfold dev ended with ${code}: ${JSON.stringify(lines)}`)));
    return promise;
  };
  const ready = await logged(({ message }) => message === 'ready');
  return {
    url: String(ready.endpoint),
    logged,
    stop: async () => {
      child.removeAllListeners('exit');
      child.kill('SIGINT');
      const [code] = (await once(child, 'close')) as [number | null];
      return code;
    },
    kill: async () => {
      child.removeAllListeners('exit');
      child.kill('SIGKILL');
      await once(child, 'close');
    },
  };
}
