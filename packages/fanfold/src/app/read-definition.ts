/** Definitions as a project has them: JSON, JSONC or YAML, with substitutions to be made. */
import { readFileSync } from 'node:fs';
import { type Finding, formatOfFile, readSource, type Source, type SourceFormat } from '../asl/index.ts';
import type { Result } from '../result.ts';
import type { StateMachineSettings } from './define-project.ts';
import { inside } from './inside.ts';
import { ProjectError } from './project-error.ts';
import { Places, quotePlaces, substitute, type Substitutions } from './substitute.ts';

export interface DefinitionSource {
  /** With positions in the file; of JSON and JSONC, substitutions move what follows them in the same line. */
  readonly source: Result<Source, Finding>;
  /** Plain JSON, as it runs; a JSON file keeps its own white space. Where the file cannot be read, its text. */
  readonly text: string;
}

export interface ReadDefinitionParams {
  /** Absolute. */
  readonly file: string;
  /** As it is shown in errors. */
  readonly path: string;
  /** Undefined leaves the places as they are. */
  readonly values?: Substitutions;
}

/** The definition of a state machine of a project. */
export interface ProjectDefinitionSource extends DefinitionSource {
  /** As it is shown in errors. */
  readonly path: string;
  /** Absolute; absent where the project file holds the definition itself, or a batch was compiled to it. */
  readonly file?: string;
}

/** @throws ProjectError as `readDefinition` */
export async function readDefinitionOf(
  name: string,
  { definition, definitionSubstitutions: values = {} }: StateMachineSettings,
  directory: string,
): Promise<ProjectDefinitionSource> {
  if (typeof definition === 'string') {
    const file = inside(directory, definition);
    return { path: definition, file, ...(await readDefinition({ file, path: definition, values })) };
  }
  const text = JSON.stringify(definition, null, 2);
  return { path: `stateMachines.${name}`, source: await readSource(text, 'json'), text };
}

/** @throws ProjectError when a place has no value, or the file cannot be opened */
export async function readDefinition({ file, path, values }: ReadDefinitionParams): Promise<DefinitionSource> {
  const format = formatOfFile(file);
  const written = openFile(file, path);
  if (format !== 'yaml') {
    const text = values ? substitute(written, values, path) : written;
    const source = await readTemplate(text, format, values === undefined);
    return { source, text: format === 'json' ? text : jsonOf(source, text) };
  }
  const places = values && new Places(values, path);
  const source = await readSource(written, format, places && ((text, plain) => places.fill(text, plain)));
  places?.check();
  return { source, text: jsonOf(source, written) };
}

/** @param open whether places for numbers may still be there */
async function readTemplate(text: string, format: SourceFormat, open: boolean): Promise<Result<Source, Finding>> {
  const source = await readSource(text, format);
  if (source.ok || !open) return source;
  const quoted = await readSource(quotePlaces(text), format);
  return quoted.ok ? quoted : source;
}

function openFile(file: string, path: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new ProjectError(`${path} cannot be read: ${(error as Error).message}.`, { cause: error });
  }
}

function jsonOf(source: Result<Source, Finding>, text: string): string {
  return source.ok ? JSON.stringify(source.value.json, null, 2) : text;
}
