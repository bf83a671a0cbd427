/** `fanfold init`: a new project with one batch, from a sample of its file where there is one. */
import { join, relative } from 'node:path';
import { scaffoldProject } from '../../app/scaffold-project.ts';
import { ExitCode } from '../exit.ts';
import { version } from '../version.ts';

export interface InitOptions {
  readonly folder: string;
  readonly from?: string;
  readonly name?: string;
}

export async function init({ folder, from, name: wanted }: InitOptions): Promise<number> {
  const { name, files } = await scaffoldProject({
    folder,
    version: version(),
    ...(from !== undefined && { from }),
    ...(wanted !== undefined && { name: wanted }),
  });
  for (const file of files) process.stdout.write(`${relative(process.cwd(), join(folder, file))}\n`);
  const there = relative(process.cwd(), folder);
  const run = `${calledAs()} run ${name} ${quoted(join(there, files.at(-1) ?? ''))}${there === '' ? '' : ` -C ${quoted(there)}`}`;
  process.stderr.write(`\nNow try:\n  ${run} --sample 100\n  ${run}\n`);
  return ExitCode.ok;
}

/** As a shell takes it for one word. */
function quoted(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}

/** npx says that it is npx. */
function calledAs(): string {
  return process.env['npm_command'] === 'exec' ? 'npx fanfold' : 'fanfold';
}
