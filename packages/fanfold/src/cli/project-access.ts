/** Reaches a project's executions: through the server that holds its directory, or by opening the directory. */
import { createApp } from '../app/create-app.ts';
import { inside, type LoadedProject, loadProject } from '../app/load-project.ts';
import { readServerFile } from '../app/server-file.ts';
import type { Executions } from '../ports/executions.ts';
import { createRemoteExecutions } from '../server/client.ts';
import { createTextLogger } from './text-logger.ts';

export interface GlobalOptions {
  readonly directory: string;
  readonly data?: string;
}

export interface ExecutionAccess {
  readonly executions: Executions;
  readonly project: LoadedProject;
  /** A server holds the directory: what is started goes on when this command ends. */
  readonly remote: boolean;
  close(): Promise<void>;
}

export async function openExecutions(options: GlobalOptions): Promise<ExecutionAccess> {
  const project = await loadProject(options.directory);
  const url = await findServer(project, options);
  if (url) return { executions: createRemoteExecutions(url), project, remote: true, close: async () => {} };
  const app = await createApp({ project, logger: createTextLogger({ quiet: true }), ...dataDirectory(options) });
  return { executions: app.executions, project, remote: false, close: app.close };
}

/** The address of the server that holds the project's directory; undefined when none answers. */
export async function findServer(
  { definition, directory }: LoadedProject,
  options: GlobalOptions,
): Promise<string | undefined> {
  return serverOf(options.data ?? inside(directory, definition.dataDirectory ?? '.fanfold'));
}

/** The address of the server that holds a data directory; undefined when none answers. */
export async function serverOf(dataDirectory: string): Promise<string | undefined> {
  const server = readServerFile(dataDirectory);
  if (!server) return undefined;
  try {
    const response = await fetch(new URL('/_fanfold/health', server.url), { signal: AbortSignal.timeout(2000) });
    const health = (await response.json()) as { pid?: number };
    return health.pid === server.pid ? server.url : undefined;
  } catch {
    return undefined;
  }
}

export function dataDirectory(options: GlobalOptions): { dataDirectory?: string } {
  return options.data === undefined ? {} : { dataDirectory: options.data };
}
