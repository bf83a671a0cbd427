/** `fanfold validate`: what AWS would say of a definition, with the place in the file. */
import { type Finding, findingLines, validateSource } from '../../asl/index.ts';
import { ExitCode } from '../exit.ts';
import { type DefinitionText, readDefinitions } from '../definition-text.ts';
import type { GlobalOptions } from '../project-access.ts';

export interface ValidateOptions extends GlobalOptions {
  /** Names of state machines or paths of files; none is all of the project. */
  readonly names: readonly string[];
  readonly json?: boolean;
}

export async function validate({ names, json, ...options }: ValidateOptions): Promise<number> {
  let errors = 0;
  for (const definition of await readDefinitions(names, options)) {
    const { source, openPlaces } = definition;
    const findings = source.ok ? validateSource(source.value, { openPlaces }) : [source.error];
    errors += findings.filter(({ severity }) => severity === 'ERROR').length;
    if (json) process.stdout.write(`${JSON.stringify(awsShape(definition, findings))}\n`);
    else for (const line of lines(definition, findings)) process.stdout.write(`${line}\n`);
  }
  return errors > 0 ? ExitCode.usage : ExitCode.ok;
}

/** ValidateStateMachineDefinition's answer, with the file and the position beside it. */
function awsShape({ path }: DefinitionText, findings: readonly Finding[]): object {
  const failed = findings.some(({ severity }) => severity === 'ERROR');
  return { file: path, result: failed ? 'FAIL' : 'OK', diagnostics: findings };
}

function lines({ path }: DefinitionText, findings: readonly Finding[]): Iterable<string> {
  return findings.length === 0 ? [`${path}: OK`] : findingLines(path, findings);
}
