/** `fanfold policy`: what each function, job and state machine needs to be allowed, as AWS IAM takes it. */
import { loadProject } from '../../app/load-project.ts';
import { projectPolicies } from '../../app/project-policies.ts';
import { ExitCode, UsageError } from '../exit.ts';
import type { GlobalOptions } from '../project-access.ts';

/** @param role all when undefined; `function:load`, or its name alone where no other role has it @throws UsageError */
export async function policy({ role, ...options }: GlobalOptions & { readonly role?: string }): Promise<number> {
  const all = await projectPolicies(await loadProject(options.directory));
  if (role === undefined) {
    const named = all.map(({ role: name, origin, document }) => [name, { origin, ...document }]);
    process.stdout.write(`${JSON.stringify(Object.fromEntries(named), null, 2)}\n`);
    return ExitCode.ok;
  }
  const found = all.filter(({ role: name }) => name === role || name.endsWith(`:${role}`));
  const [only] = found;
  if (!only || found.length > 1)
    throw new UsageError(
      `${found.length > 1 ? `${role} is more than one` : `There is no ${role}`}. There are: ${all.map(({ role: name }) => name).join(', ')}.`,
    );
  process.stdout.write(`${JSON.stringify(only.document, null, 2)}\n`);
  return ExitCode.ok;
}
