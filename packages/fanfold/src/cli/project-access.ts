/** Reaches a project's executions: through the server that holds its directory, or by opening the directory. */
import { createApp } from '../app/load-app.ts';
import { inside } from '../app/inside.ts';
import { type LoadedProject, loadProject } from '../app/load-project.ts';
import { readServerFile } from '../app/server-file.ts';
import type { Executions, StateMachines } from '../ports/executions.ts';
import { createTextLogger } from './text-logger.ts';

export interface GlobalOptions {
  readonly directory: string;
  readonly data?: string;
}

export interface ExecutionAccess {
  readonly executions: Executions;
  readonly stateMachines: StateMachines;
  readonly project: LoadedProject;
  /** A server holds the directory: what is started goes on when this command ends. */
  readonly remote: boolean;
  /** Resolves with the reason when the store fails and nothing can go on. */
  readonly failed: Promise<unknown>;
  close(): Promise<void>;
}

/** @param use `look`: where no server holds the directory, nothing that was running goes on meanwhile */
export async function openExecutions(options: GlobalOptions, use: 'look' | 'work' = 'work'): Promise<ExecutionAccess> {
  const project = await loadProject(options.directory);
  const url = await findServer(project, options);
  if (url) {
    const { createRemoteExecutions, createRemoteStateMachines } = await import('../server/client.ts');
    return {
      executions: createRemoteExecutions(url),
      stateMachines: createRemoteStateMachines(url),
      project,
      remote: true,
      failed: new Promise(() => {}),
      close: async () => {},
    };
  }
  const logger = createTextLogger({ quiet: true });
  const app = await createApp({ project, logger, still: use === 'look', ...dataDirectory(options) });
  const { executions, stateMachines, failed, close } = app;
  return { executions, stateMachines, project, remote: false, failed, close };
}

/** The address of the server that holds the project's directory; undefined when none answers. */
export async function findServer(
  { definition, directory }: LoadedProject,
  options: GlobalOptions,
): Promise<string | undefined> {
  return serverOf(options.data ?? inside(directory, definition.dataDirectory ?? '.fanfold'));
}

/** A dead server refuses at once; only one that is very busy needs this long to say that it is there. */
const PATIENCE_MS = 60_000;

/** The address of the server that holds a data directory; undefined when none answers. */
export async function serverOf(dataDirectory: string): Promise<string | undefined> {
  const server = readServerFile(dataDirectory);
  if (!server) return undefined;
  try {
    const response = await fetch(new URL('/_fanfold/health', server.url), { signal: AbortSignal.timeout(PATIENCE_MS) });
    const health = (await response.json()) as { pid?: number };
    return health.pid === server.pid ? server.url : undefined;
  } catch {
    return undefined;
  }
}

export function dataDirectory(options: GlobalOptions): { dataDirectory?: string } {
  return options.data === undefined ? {} : { dataDirectory: options.data };
}
