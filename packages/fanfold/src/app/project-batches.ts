/** The batches of a project: their modules, and what each adds to the project. */
import { existsSync } from 'node:fs';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { type Batch, isBatch } from '../batch/batch.ts';
import { compile } from '../batch/compile.ts';
import { functionModules } from '../batch/function-names.ts';
import { BATCHES_VARIABLE } from '../batch/load-batch.ts';
import { schemaProblems } from '../batch/json-schema.ts';
import { rejectsTableProblem } from '../batch/reject-item.ts';
import { allSinks } from '../batch/settings.ts';
import type { FunctionSettings, ProjectDefinition, TriggerSettings } from './define-project.ts';
import { inside } from './inside.ts';
import type { CheckedProject } from './load-project.ts';
import { ProjectError } from './project-error.ts';
import { keyOf } from './table-settings.ts';

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
  if (!isBatch(exported)) throw new ProjectError(`${path} exports no batch. Write: export default batch({ … });`);
  const { name, definition } = exported;
  const problems = await schemaProblems(definition.schema);
  if (problems.length === 0) return exported;
  const of = `The schema of the batch ${JSON.stringify(name)}, in ${path}, is no JSON Schema:`;
  throw new ProjectError([of, ...problems].join('\n  '));
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
    functions: { ...project.functions, ...builtIn(project, directory, batches) },
    triggers: [...(project.triggers ?? []), ...[...batches.values()].map(triggerOf)],
  };
}

function* findProblems(project: CheckedProject, { name, settings, notify }: Batch): Generator<string> {
  const { stateMachines, buckets = {}, tables = {}, topics = {}, triggers = [] } = project;
  if (Object.hasOwn(stateMachines, name)) yield `The batch ${name} has the name of a state machine. Rename one.`;
  if (triggers.some((trigger) => trigger.name === name))
    yield `The batch ${name} has the name of a trigger. Rename one.`;
  const used = [settings.source.bucket, settings.rejects.bucket];
  for (const sink of allSinks(settings)) {
    if (sink.kind === 'object') used.push(sink.bucket);
    if (sink.kind === 'table' && !Object.hasOwn(tables, sink.table))
      yield `The batch ${name} writes to the table ${sink.table}, which is not in tables.`;
  }
  for (const to of new Set([...(notify.success ?? []), ...(notify.failure ?? [])])) {
    const topic = typeof to === 'string' ? undefined : to.topic.slice(to.topic.lastIndexOf(':') + 1);
    if (topic !== undefined && !Object.hasOwn(topics, topic))
      yield `The batch ${name} tells the topic ${topic}, which is not in topics.`;
  }
  const { table } = settings.rejects;
  if (table !== undefined) yield* rejectsTableProblems(name, table, tables);
  for (const bucket of new Set(used))
    if (!Object.hasOwn(buckets, bucket)) yield `The batch ${name} uses the bucket ${bucket}, which is not in buckets.`;
}

function* rejectsTableProblems(
  name: string,
  table: string,
  tables: NonNullable<ProjectDefinition['tables']>,
): Generator<string> {
  const settings = Object.hasOwn(tables, table) ? tables[table] : undefined;
  if (!settings) return yield `The batch ${name} puts rejects into the table ${table}, which is not in tables.`;
  const problem = rejectsTableProblem(
    keyOf(settings.partitionKey),
    settings.sortKey === undefined ? undefined : keyOf(settings.sortKey),
  );
  if (problem !== undefined) yield `The batch ${name} puts rejects into the table ${table}: ${problem}`;
}

/** The secrets that endpoints are to be told, each named by the variable that holds it. */
function secretsOf(batches: ReadonlyMap<string, Batch>): Record<string, string> {
  const sinks = [...batches.values()].flatMap(({ settings }) => allSinks(settings));
  const headers = sinks.flatMap((sink) => (sink.kind === 'http' ? Object.values(sink.headers) : []));
  return Object.fromEntries(
    headers.flatMap((value) => (typeof value === 'string' ? [] : [[value.secret, value.secret] as const])),
  );
}

/** All with one environment, so that they share worker threads. */
function builtIn(
  { batches = [], functions = {} }: CheckedProject,
  directory: string,
  loaded: ReadonlyMap<string, Batch>,
): Record<string, FunctionSettings> {
  const urls = batches.map((path) => pathToFileURL(inside(directory, path)).href);
  const environment = { [BATCHES_VARIABLE]: JSON.stringify(urls) };
  const secrets = secretsOf(loaded);
  return Object.fromEntries(
    Object.entries(functionModules()).map(([name, url]) => {
      if (Object.hasOwn(functions, name))
        throw new ProjectError(`functions.${name}: the name is that of a function of batches.`);
      return [name, { module: fileURLToPath(url), timeoutSeconds: TIMEOUT_SECONDS, environment, secrets }];
    }),
  );
}

function triggerOf({ name, trigger }: Batch): TriggerSettings {
  return { name, ...trigger, stateMachine: name };
}
