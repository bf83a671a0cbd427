/** `fanfold asl`: a definition as it runs, its substitutions made. */
import { readDefinitions } from '../definition-text.ts';
import { ExitCode } from '../exit.ts';
import type { GlobalOptions } from '../project-access.ts';

export async function asl({ machine, ...options }: GlobalOptions & { readonly machine: string }): Promise<number> {
  for (const { text } of await readDefinitions([machine], options)) process.stdout.write(`${text.trimEnd()}\n`);
  return ExitCode.ok;
}
