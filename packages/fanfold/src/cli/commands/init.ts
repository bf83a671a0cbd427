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
  const change = relative(process.cwd(), folder);
  process.stderr.write(
    `\nNow try:\n${change === '' ? '' : `  cd ${change}\n`}  fanfold run ${name} sample.csv --sample 100\n  fanfold run ${name} sample.csv\n`,
  );
  return ExitCode.ok;
}
