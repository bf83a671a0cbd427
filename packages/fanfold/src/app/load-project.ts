/** Finds, loads and checks a project file. */
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Batch } from '../batch/batch.ts';
import { offerOwnPackage } from '../own-package.ts';
import type { ProjectDefinition } from './define-project.ts';
import { inside } from './inside.ts';
import { findBrokenSettings } from './project-settings-check.ts';
import { findBrokenPolicies } from './project-policies-check.ts';
import { addBatches, loadBatches } from './project-batches.ts';
import { findBrokenFunctions } from './project-functions-check.ts';
import { ProjectError } from './project-error.ts';
import { findBrokenJobs, findBrokenMounts } from './project-jobs-check.ts';
import { type Fields, findShapeProblems, PROJECT_FIELDS } from './project-fields.ts';

/** A project file that was checked. */
export type CheckedProject = ProjectDefinition & Required<Pick<ProjectDefinition, 'stateMachines'>>;

export interface LoadedProject {
  /** With what its batches are made of: their state machines, functions and triggers. */
  readonly definition: CheckedProject;
  /** By their names; none when not given. */
  readonly batches?: ReadonlyMap<string, Batch>;
  /** The folder of the project file; paths in it are relative to this. */
  readonly directory: string;
}

const NAMES = ['ts', 'mts', 'js', 'mjs', 'json'].map((extension) => `fanfold.config.${extension}`);

/**
 * @param start the folder to look in; when it has no project file, the folders above it are tried
 * @throws ProjectError
 */
export async function loadProject(start: string): Promise<LoadedProject> {
  const project = await findProject(start);
  if (project) return project;
  throw new ProjectError(
    `There is no fanfold.config.ts in ${resolve(start)} or above it. Change to a project's folder, or name it with -C.`,
  );
}

/** The same, but undefined where there is no project file. @throws ProjectError when there is one that is wrong */
export async function findProject(start: string): Promise<LoadedProject | undefined> {
  const file = findProjectFile(resolve(start));
  if (file === undefined) return undefined;
  const exported = await read(file);
  const directory = dirname(file);
  const written = checkProject(exported, file);
  const batches = await loadBatches(written, directory);
  return { definition: addBatches(written, batches, file, directory), batches, directory };
}

function findProjectFile(start: string): string | undefined {
  for (let folder = start; ; folder = dirname(folder)) {
    const found = NAMES.map((name) => join(folder, name)).find((file) => existsSync(file));
    if (found) return found;
    if (dirname(folder) === folder) return undefined;
  }
}

async function read(file: string): Promise<unknown> {
  offerOwnPackage();
  try {
    if (file.endsWith('.json')) return JSON.parse(readFileSync(file, 'utf8'));
    const module = (await import(pathToFileURL(file).href)) as { default?: unknown };
    return module.default;
  } catch (error) {
    throw new ProjectError(`${file} cannot be loaded: ${(error as Error).message}`, { cause: error });
  }
}

/** @throws ProjectError that lists everything that is wrong */
export function checkProject(exported: unknown, file: string): CheckedProject {
  const problems = [...findShapeProblems(exported, PROJECT_FIELDS satisfies Fields)];
  if (problems.length === 0) problems.push(...findBrokenNames(exported as ProjectDefinition, dirname(file)));
  if (problems.length > 0)
    throw new ProjectError([`${file} is not a project:`, ...problems.map((problem) => `  ${problem}`)].join('\n'));
  const project = exported as ProjectDefinition;
  return { ...project, stateMachines: project.stateMachines ?? {} };
}

/** Names that lead nowhere, and files that are not there. */
function* findBrokenNames(project: ProjectDefinition, directory: string): Generator<string> {
  const { functions = {}, buckets = {}, stateMachines = {} } = project;
  for (const [name, machine] of Object.entries(stateMachines)) {
    if (typeof machine.definition === 'string' && !existsSync(inside(directory, machine.definition)))
      yield `stateMachines.${name}.definition: there is no file ${machine.definition}`;
  }
  yield* findBrokenFunctions(functions, directory);
  for (const [name, { mounts }] of Object.entries(functions))
    yield* findBrokenMounts(`functions.${name}`, mounts, project.volumes);
  yield* findBrokenPolicies(project);
  for (const [name, api] of Object.entries(project.apis ?? {})) {
    for (const [route, target] of Object.entries(api.routes)) {
      if (!Object.hasOwn(functions, target)) yield `apis.${name}.routes["${route}"]: there is no function ${target}`;
    }
  }
  yield* findBrokenSettings(project);
  yield* findBrokenJobs(project);
  yield* findUnsentMail(project);
  const names = new Set<string>();
  for (const [i, trigger] of (project.triggers ?? []).entries()) {
    if (names.has(trigger.name)) yield `triggers[${i}].name: ${trigger.name} is used twice`;
    names.add(trigger.name);
    if (!Object.hasOwn(buckets, trigger.bucket)) yield `triggers[${i}].bucket: there is no bucket ${trigger.bucket}`;
    if (!Object.hasOwn(stateMachines, trigger.stateMachine))
      yield `triggers[${i}].stateMachine: there is no state machine ${trigger.stateMachine}`;
  }
}

/** SMTP or not, a mail has a sender. */
function* findUnsentMail({ topics = {}, mail }: ProjectDefinition): Generator<string> {
  if (mail?.from !== undefined) return;
  for (const [name, { subscriptions = [] }] of Object.entries(topics))
    if (subscriptions.some(({ email }) => email !== undefined))
      yield `topics.${name}: to tell a mail address, mail.from is needed, the sender of its mails`;
}
