/** `fanfold serve`: the Step Functions API on this machine, with a project's state machines and functions or without. */
import { resolve } from 'node:path';
import type { App } from '../../app/create-app.ts';
import { createApp } from '../../app/load-app.ts';
import { findProject, type LoadedProject, loadProject } from '../../app/load-project.ts';
import type { Limits } from '../../interpreter/limits.ts';
import { dataDirectory, type GlobalOptions } from '../project-access.ts';
import { createTextLogger } from '../text-logger.ts';
import { untilEnded } from '../until-ended.ts';
import { keepYoungGenerationSmall } from '../young-generation.ts';

export interface ServeOptions extends GlobalOptions {
  readonly port?: number;
  readonly json?: boolean;
  readonly limits?: Limits;
  /** The project was named with -C: then there must be one. */
  readonly projectNamed: boolean;
}

export async function serve(options: ServeOptions): Promise<number> {
  keepYoungGenerationSmall();
  const project = options.projectNamed ? await loadProject(options.directory) : await findProject(options.directory);
  const logger = createTextLogger({ json: options.json ?? false });
  const app = await createApp({
    project: project ?? emptyProject(),
    logger,
    port: options.port ?? project?.definition.port ?? 7070,
    ...(options.limits && { limits: options.limits }),
    ...dataDirectory(project ? options : { ...options, data: options.data ?? '.fanfold' }),
  });
  // Before it is said that it is ready: who has read that may interrupt it.
  const ended = untilEnded(app, logger);
  process.stderr.write(`fanfold serves ${app.url}\n`);
  if (options.json) process.stdout.write(`${JSON.stringify(readyLine(app))}\n`);
  return ended;
}

/** Nothing but what the API brings. */
function emptyProject(): LoadedProject {
  return { definition: { name: 'fanfold', stateMachines: {} }, directory: resolve('.') };
}

function readyLine({ url, dataDirectory: data, recovered }: App): object {
  return { endpoint: url, dataDirectory: data, pid: process.pid, recovered };
}
