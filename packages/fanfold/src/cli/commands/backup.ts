/** `fanfold backup`: a consistent copy of the data directory, also while it is in use. */
import { resolve } from 'node:path';
import { backUpDirectory } from '../../app/backup.ts';
import { inside } from '../../app/inside.ts';
import { loadProject } from '../../app/load-project.ts';
import { requestBackup } from '../../server/client.ts';
import { ExitCode } from '../exit.ts';
import { type GlobalOptions, serverOf } from '../project-access.ts';

export interface BackupOptions extends GlobalOptions {
  readonly target: string;
  readonly json?: boolean;
}

export async function backup({ target, json, ...options }: BackupOptions): Promise<number> {
  const path = resolve(target);
  const { dataDirectory, url } = await locate(options);
  const made = url ? await requestBackup(url, path) : await backUpDirectory({ dataDirectory, target: path });
  if (json) process.stdout.write(`${JSON.stringify(made)}\n`);
  else
    process.stdout.write(
      `${made.path}: ${made.files} files, ${(made.bytes / 1e6).toFixed(1)} MB. To go on from it: fanfold serve --data ${made.path}\n`,
    );
  return ExitCode.ok;
}

/** The data directory alone will do: a backup needs no project file. */
async function locate(options: GlobalOptions): Promise<{ dataDirectory: string; url: string | undefined }> {
  if (options.data !== undefined) return { dataDirectory: options.data, url: await serverOf(options.data) };
  const { definition, directory } = await loadProject(options.directory);
  const dataDirectory = inside(directory, definition.dataDirectory ?? '.fanfold');
  return { dataDirectory, url: await serverOf(dataDirectory) };
}
