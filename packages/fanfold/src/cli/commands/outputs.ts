/** `fanfold outputs`: what the project offers, and where. */
import { loadProject } from '../../app/load-project.ts';
import { projectOutputs, publicUrl } from '../../app/outputs.ts';
import { ExitCode } from '../exit.ts';
import { findServer, type GlobalOptions } from '../project-access.ts';

export async function outputs({ json, ...options }: GlobalOptions & { readonly json?: boolean }): Promise<number> {
  const project = await loadProject(options.directory);
  const found = projectOutputs(
    project,
    (await findServer(project, options)) ?? publicUrl(project.definition),
    options.data,
  );
  if (json) process.stdout.write(`${JSON.stringify(found, null, 2)}\n`);
  else for (const line of lines(found)) process.stdout.write(`${line}\n`);
  return ExitCode.ok;
}

function* lines(found: object): Generator<string> {
  for (const [name, value] of Object.entries(found)) {
    if (typeof value !== 'object') yield `${name}\t${value}`;
    else if (Array.isArray(value)) for (const item of value) yield `${name}\t${item}`;
    else for (const [key, inner] of Object.entries(value as object)) yield `${name}.${key}\t${inner}`;
  }
}
