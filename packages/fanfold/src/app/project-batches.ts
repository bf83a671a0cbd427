/** The batches of a project: their modules, and what each adds to the project. */
import { existsSync } from 'node:fs';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { type Batch, isBatch } from '../batch/batch.ts';
import { compile } from '../batch/compile.ts';
import { functionModules } from '../batch/function-names.ts';
import { BATCHES_VARIABLE } from '../batch/load-batch.ts';
import type { FunctionSettings, ProjectDefinition, TriggerSettings } from './define-project.ts';
import { inside } from './inside.ts';
import type { CheckedProject } from './load-project.ts';
import { ProjectError } from './project-error.ts';

/** As long as AWS Lambda lets a function run. */
const TIMEOUT_SECONDS = 900;

/** The batches of a project, by their names. @throws ProjectError */
export async function loadBatches(
  { batches = [] }: ProjectDefinition,
  directory: string,
): Promise<ReadonlyMap<string, Batch>> {
  const loaded = new Map<string, Batch>();
  for (const path of batches) {
    const found = await loadBatch(inside(directory, path), path);
    if (loaded.has(found.name))
      throw new ProjectError(`Two batches are named ${found.name}. Rename the one in ${path}.`);
    loaded.set(found.name, found);
  }
  return loaded;
}

async function loadBatch(file: string, path: string): Promise<Batch> {
  if (!existsSync(file)) throw new ProjectError(`batches: there is no file ${path}`);
  let exported: unknown;
  try {
    exported = ((await import(pathToFileURL(file).href)) as { readonly default?: unknown }).default;
  } catch (error) {
    throw new ProjectError(`${path} cannot be loaded: ${(error as Error).message}`, { cause: error });
  }
  if (isBatch(exported)) return exported;
  throw new ProjectError(`${path} exports no batch. Write: export default batch({ … });`);
}

/**
 * Adds to a project what its batches are made of.
 *
 * @throws ProjectError for names that are taken, and for buckets and tables that are not there
 */
export function addBatches(
  project: CheckedProject,
  batches: ReadonlyMap<string, Batch>,
  file: string,
  directory: string,
): CheckedProject {
  if (batches.size === 0) return project;
  const problems = [...batches.values()].flatMap((batch) => [...findProblems(project, batch)]);
  if (problems.length > 0)
    throw new ProjectError([`${file} is not a project:`, ...problems.map((problem) => `  ${problem}`)].join('\n'));
  const machines = [...batches.values()].map((batch) => [batch.name, { definition: compile(batch) }] as const);
  return {
    ...project,
    stateMachines: { ...project.stateMachines, ...Object.fromEntries(machines) },
    functions: { ...project.functions, ...builtIn(project, directory) },
    triggers: [...(project.triggers ?? []), ...[...batches.values()].map(triggerOf)],
  };
}

function* findProblems(project: CheckedProject, { name, settings }: Batch): Generator<string> {
  const { stateMachines, buckets = {}, tables = {}, triggers = [] } = project;
  if (Object.hasOwn(stateMachines, name)) yield `The batch ${name} has the name of a state machine. Rename one.`;
  if (triggers.some((trigger) => trigger.name === name))
    yield `The batch ${name} has the name of a trigger. Rename one.`;
  const used = [settings.source.bucket, settings.rejects.bucket];
  for (const sink of settings.sinks) {
    if (sink.kind === 'object') used.push(sink.bucket);
    else if (!Object.hasOwn(tables, sink.table))
      yield `The batch ${name} writes to the table ${sink.table}, which is not in tables.`;
  }
  for (const bucket of new Set(used))
    if (!Object.hasOwn(buckets, bucket)) yield `The batch ${name} uses the bucket ${bucket}, which is not in buckets.`;
}

/** All with one environment, so that they share worker threads. */
function builtIn(
  { batches = [], functions = {} }: CheckedProject,
  directory: string,
): Record<string, FunctionSettings> {
  const urls = batches.map((path) => pathToFileURL(inside(directory, path)).href);
  const environment = { [BATCHES_VARIABLE]: JSON.stringify(urls) };
  return Object.fromEntries(
    Object.entries(functionModules()).map(([name, url]) => {
      if (Object.hasOwn(functions, name))
        throw new ProjectError(`functions.${name}: the name is that of a function of batches.`);
      return [name, { module: fileURLToPath(url), timeoutSeconds: TIMEOUT_SECONDS, environment }];
    }),
  );
}

function triggerOf({ name, trigger }: Batch): TriggerSettings {
  return { name, ...trigger, stateMachine: name };
}
