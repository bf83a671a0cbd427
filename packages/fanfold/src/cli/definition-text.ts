/** Definitions as the CLI finds them: by the name of a state machine of the project, or by the path of a file. */
import { existsSync, readFileSync } from 'node:fs';
import { basename, relative, resolve } from 'node:path';
import { formatOfFile, type SourceFormat } from '../asl/index.ts';
import { inside, type LoadedProject, loadProject } from '../app/load-project.ts';
import { substitute } from '../app/substitute.ts';
import { UsageError } from './exit.ts';
import type { GlobalOptions } from './project-access.ts';

export interface DefinitionText {
  /** Of the state machine, or of the file. */
  readonly name: string;
  /** As it is shown, from the current folder. */
  readonly path: string;
  readonly format: SourceFormat;
  /** With its substitutions; they change columns, not lines. */
  readonly text: string;
}

/** @param names none: all of the project @throws UsageError, ProjectError */
export async function readDefinitions(names: readonly string[], options: GlobalOptions): Promise<DefinitionText[]> {
  const files = names.filter((name) => existsSync(name));
  if (names.length > 0 && files.length === names.length) return files.map((file) => readFileDefinition(resolve(file)));
  const project = await loadProject(options.directory);
  const known = Object.keys(project.definition.stateMachines);
  return (names.length > 0 ? names : known).map((name) => {
    if (known.includes(name)) return readMachineDefinition(project, name);
    if (existsSync(name)) return readFileDefinition(resolve(name));
    throw new UsageError(`There is no file and no state machine ${name}. The project has ${known.join(', ')}.`);
  });
}

/** A state machine of the project. @throws UsageError, ProjectError */
export function readMachineDefinition({ definition, directory }: LoadedProject, name: string): DefinitionText {
  const machine = definition.stateMachines[name];
  if (!machine) throw new UsageError(`There is no state machine ${name}.`);
  const found = readFileDefinition(inside(directory, machine.definition));
  return { ...found, name, text: substitute(found.text, machine.definitionSubstitutions ?? {}, machine.definition) };
}

export function readFileDefinition(file: string): DefinitionText {
  return {
    name: basename(file),
    path: relative(process.cwd(), file) || file,
    format: formatOfFile(file),
    text: readFileSync(file, 'utf8'),
  };
}
