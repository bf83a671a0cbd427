/** The AWS CLI against a server: Debian's, or the one that `python3` has. */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

export const AWS_ENVIRONMENT: NodeJS.ProcessEnv = {
  ...process.env,
  AWS_ACCESS_KEY_ID: 'AKIAIOSFODNN7EXAMPLE',
  AWS_SECRET_ACCESS_KEY: 'secret',
  AWS_DEFAULT_REGION: 'us-east-1',
  AWS_EC2_METADATA_DISABLED: 'true',
  AWS_CONFIG_FILE: '/nonexistent',
  AWS_PAGER: '',
};

const PYTHON = ['/usr/bin/python3', 'python3'].find(
  (python) => spawnSync(python, ['-c', 'import awscli']).status === 0,
);

/** For a shell, with quotes where they must be. */
export const AWS_PROGRAM = `${PYTHON} -c 'import sys; from awscli.clidriver import main; sys.exit(main())'`;

export const hasAwsCli: boolean = PYTHON !== undefined;

export interface AwsCli {
  /** @returns what it writes to standard output @throws Error with what it writes to standard error, when it fails */
  run(...args: readonly string[]): Promise<string>;
  close(): Promise<void>;
}

/** One process for all of its commands, which run one after the other. */
export function openAwsCli(url: string, env: NodeJS.ProcessEnv = AWS_ENVIRONMENT): AwsCli {
  const script = join(import.meta.dirname, 'aws-cli.py');
  const child = spawn(PYTHON ?? 'python3', [script, '--endpoint-url', url], {
    stdio: ['pipe', 'pipe', 'inherit'],
    env,
  });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  let turn: Promise<unknown> = Promise.resolve();
  return {
    run: (...args) => {
      const result = turn.then(async () => {
        child.stdin.write(`${JSON.stringify(args)}\n`);
        const { value } = await lines.next();
        const { code, stdout, stderr } = JSON.parse(String(value)) as { code: number; stdout: string; stderr: string };
        if (code !== 0) throw new Error(`aws ${args.join(' ')} ended with ${code}: ${stderr}`);
        return stdout;
      });
      turn = result.catch(() => {});
      return result;
    },
    close: async () => {
      const closed = once(child, 'close');
      child.stdin.end();
      await closed;
    },
  };
}
