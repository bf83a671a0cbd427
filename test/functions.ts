/** A project with functions in a folder of its own, served by a process of its own. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Serve, startServe } from './serve.ts';

export interface FunctionsProject {
  readonly folder: string;
  serve(env?: Readonly<Record<string, string>>, args?: readonly string[]): Promise<Serve>;
  remove(): void;
}

/** @param files of the project's folder, by name */
export function functionsProject(settings: object, files: Readonly<Record<string, string>>): FunctionsProject {
  const folder = mkdtempSync(join(tmpdir(), 'fanfold-functions-'));
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  writeFileSync(join(folder, 'fanfold.config.json'), JSON.stringify({ name: 'functions', ...settings }));
  return {
    folder,
    serve: (env = {}, args = []) => startServe({ cwd: folder, data: false, args: ['-C', folder, ...args], env }),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}

export interface Invoked {
  readonly status: number;
  readonly error: string | null;
  readonly body: string;
  readonly log: string;
}

/** One call of the Invoke API, without a client of AWS. */
export async function invoke(url: string, name: string, event: unknown, type = 'RequestResponse'): Promise<Invoked> {
  const response = await fetch(`${url}/2015-03-31/functions/${name}/invocations`, {
    method: 'POST',
    headers: { 'X-Amz-Invocation-Type': type, 'X-Amz-Log-Type': 'Tail' },
    body: JSON.stringify(event),
  });
  return {
    status: response.status,
    error: response.headers.get('x-amz-function-error'),
    body: await response.text(),
    log: Buffer.from(response.headers.get('x-amz-log-result') ?? '', 'base64').toString(),
  };
}

/** Whether a program is on the PATH, and ends well with these arguments. */
export function isThere(program: string, ...args: readonly string[]): boolean {
  return spawnSync(program, args, { stdio: 'ignore' }).status === 0;
}
