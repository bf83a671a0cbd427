/** `fanfold init`: a new project with one batch, from a sample of its file where there is one. */
import { join, relative } from 'node:path';
import { scaffoldProject } from '../../app/scaffold-project.ts';
import { ExitCode } from '../exit.ts';
import { toldCommand } from '../told-command.ts';
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
  const run = toldCommand('run', name, join(there, files.at(-1) ?? ''), ...(there === '' ? [] : ['-C', there]));
  process.stderr.write(`\nNow try:\n  ${run} --sample 100\n  ${run}\n`);
  return ExitCode.ok;
}
