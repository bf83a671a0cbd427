/** Definitions as the CLI finds them: by the name of a state machine of the project, or by the path of a file. */
import { existsSync } from 'node:fs';
import { basename, relative, resolve } from 'node:path';
import { nameInArn } from '../app/arn.ts';
import { findProject, type LoadedProject, loadProject } from '../app/load-project.ts';
import { type DefinitionSource, readDefinition, readDefinitionOf } from '../app/read-definition.ts';
import { UsageError } from './exit.ts';
import type { GlobalOptions } from './project-access.ts';

export interface DefinitionText extends DefinitionSource {
  /** Of the state machine, or of the file. */
  readonly name: string;
  /** As it is shown, from the current folder. */
  readonly path: string;
  /** A file on its own may be a template, with places that something else fills. */
  readonly openPlaces: boolean;
}

/**
 * The definition in a file, as JSON, for an execution of a state machine: with the project's substitutions for that machine.
 * @throws UsageError, ProjectError
 */
export async function definitionFor(path: string, project: LoadedProject, stateMachineArn: string): Promise<string> {
  if (!existsSync(path)) throw new UsageError(`There is no file ${path}.`);
  const { stateMachines } = project.definition;
  const name = nameInArn(stateMachineArn);
  const values = Object.hasOwn(stateMachines, name) ? stateMachines[name]?.definitionSubstitutions : undefined;
  const { source, text } = await readDefinition({ file: resolve(path), path, ...(values && { values }) });
  if (source.ok) return text;
  const { message, line, column } = source.error;
  throw new UsageError(`${path}${line === undefined ? '' : `:${line}:${column ?? 1}`}: ${message}`);
}

/** @param names none: all of the project @throws UsageError, ProjectError */
export async function readDefinitions(names: readonly string[], options: GlobalOptions): Promise<DefinitionText[]> {
  const files = names.filter((name) => existsSync(name));
  if (names.length > 0 && files.length === names.length) return Promise.all(files.map(readFileDefinition));
  const project = await projectFor(names, options);
  const known = Object.keys(project.definition.stateMachines);
  return Promise.all(
    (names.length > 0 ? names : known).map(async (name) => {
      if (known.includes(name)) return readMachineDefinition(project, name);
      if (existsSync(name)) return readFileDefinition(name);
      throw new UsageError(`There is no file and no state machine ${name}. The project has ${known.join(', ')}.`);
    }),
  );
}

/** What is no file may be a state machine; without a project it is nothing. @throws UsageError, ProjectError */
async function projectFor(names: readonly string[], { directory }: GlobalOptions): Promise<LoadedProject> {
  const project = await findProject(directory);
  const missing = names.find((name) => !existsSync(name));
  if (!project && missing !== undefined)
    throw new UsageError(
      `There is no file ${resolve(missing)}, and no fanfold.config.ts in ${resolve(directory)} or above it whose state machine it could be.`,
    );
  return project ?? loadProject(directory);
}

/** A state machine of the project. @throws UsageError, ProjectError */
export async function readMachineDefinition(
  { definition, directory }: LoadedProject,
  name: string,
): Promise<DefinitionText> {
  const machine = definition.stateMachines[name];
  if (!machine) throw new UsageError(`There is no state machine ${name}.`);
  const read = await readDefinitionOf(name, machine, directory);
  return { ...read, name, path: read.file === undefined ? read.path : shown(read.file), openPlaces: false };
}

/** @throws ProjectError */
export async function readFileDefinition(path: string): Promise<DefinitionText> {
  const file = resolve(path);
  return { name: basename(file), path: shown(file), openPlaces: true, ...(await readDefinition({ file, path })) };
}

function shown(file: string): string {
  return relative(process.cwd(), file) || file;
}
