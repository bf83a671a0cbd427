/** `fanfold serve` on a directory of its own, as a process of its own. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

const LAUNCHER = join(import.meta.dirname, '..', 'packages', 'fanfold', 'bin', 'fanfold.js');

export const ROLE = 'arn:aws:iam::000000000000:role/r';
export const PASS: string = JSON.stringify({ StartAt: 'A', States: { A: { Type: 'Pass', End: true } } });
export const WAIT: string = JSON.stringify({ StartAt: 'W', States: { W: { Type: 'Wait', Seconds: 9999, End: true } } });

export interface Serve {
  readonly url: string;
  /** The line that says that it is ready. */
  readonly ready: Readonly<Record<string, unknown>>;
  /** Kills it, as `kill -9` does; what it was given as its data stays. */
  kill(): Promise<void>;
  /** Ends it and removes its directory. @returns its exit code and what it wrote to stderr */
  stop(): Promise<{ readonly code: number | null; readonly stderr: string }>;
}

export async function startServe({
  args = [],
  env = {},
  cwd,
  data = true,
  by = [],
}: {
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** @defaultValue a new directory */
  readonly cwd?: string;
  /** false leaves it to the command where the data goes. */
  readonly data?: boolean;
  /** A program, and its arguments, that runs it: `unshare`. */
  readonly by?: readonly string[];
} = {}): Promise<Serve> {
  const directory = mkdtempSync(join(tmpdir(), 'fanfold-serve-'));
  const dataArgs = data ? ['--data', join(directory, 'data')] : [];
  const [program = process.execPath, ...rest] = [...by, process.execPath, LAUNCHER, 'serve', '--json', '--port', '0'];
  const child = spawn(program, [...rest, ...dataArgs, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    cwd: cwd ?? directory,
    env: { ...process.env, ...env },
  });
  let stderr = '';
  child.stderr.on('data', (chunk) => {
    stderr += chunk;
  });
  const lines = createInterface({ input: child.stdout });
  const line = await Promise.race([
    once(lines, 'line').then(([text]) => String(text)),
    once(child, 'close').then(([code]) => Promise.reject(new Error(`fanfold serve ended with ${code}: ${stderr}`))),
  ]);
  const ready = JSON.parse(line) as Serve['ready'];
  return {
    url: String(ready['endpoint']),
    ready,
    kill: async () => {
      child.kill('SIGKILL');
      await once(child, 'close');
      rmSync(directory, { recursive: true, force: true });
    },
    stop: async () => {
      child.kill('SIGTERM');
      const [code] = (await once(child, 'close')) as [number | null];
      rmSync(directory, { recursive: true, force: true });
      return { code, stderr };
    },
  };
}

/** One call of the Step Functions API. @returns the answer, whatever it is */
export async function callStates(url: string, action: string, params: object): Promise<Record<string, unknown>> {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'Content-Type': 'application/x-amz-json-1.0', 'X-Amz-Target': `AWSStepFunctions.${action}` },
    body: JSON.stringify(params),
  });
  return (await response.json()) as Record<string, unknown>;
}
