/** `fanfold asl`: a definition as it runs: plain JSON, its substitutions made. */
import { findingLines } from '../../asl/index.ts';
import { ExitCode } from '../exit.ts';
import { readDefinitions } from '../definition-text.ts';
import type { GlobalOptions } from '../project-access.ts';

export async function asl({ machine, ...options }: GlobalOptions & { readonly machine: string }): Promise<number> {
  for (const { path, source, text } of await readDefinitions([machine], options)) {
    if (source.ok) process.stdout.write(`${text.trimEnd()}\n`);
    else for (const line of findingLines(path, [source.error])) process.stderr.write(`${line}\n`);
    if (!source.ok) return ExitCode.usage;
  }
  return ExitCode.ok;
}
