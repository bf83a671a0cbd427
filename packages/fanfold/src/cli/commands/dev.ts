/** `fanfold dev`: serves the project and takes in dropped files until it is interrupted. */
import { relative } from 'node:path';
import { watch } from 'chokidar';
import type { App } from '../../app/create-app.ts';
import { createApp } from '../../app/load-app.ts';
import { loadProject } from '../../app/load-project.ts';
import type { Limits } from '../../interpreter/limits.ts';
import type { Logger } from '../../ports/logger.ts';
import { dataDirectory, type GlobalOptions } from '../project-access.ts';
import { createTextLogger } from '../text-logger.ts';
import { untilEnded } from '../until-ended.ts';
import { keepYoungGenerationSmall } from '../young-generation.ts';

export interface DevOptions extends GlobalOptions {
  readonly port?: number;
  readonly json?: boolean;
  readonly limits?: Limits;
}

export async function dev(options: DevOptions): Promise<number> {
  keepYoungGenerationSmall();
  const began = performance.now();
  const project = await loadProject(options.directory);
  const logger = createTextLogger({ json: options.json ?? false });
  const port = options.port ?? project.definition.port ?? 7070;
  const app = await createApp({
    project,
    logger,
    port,
    inbox: true,
    ...(options.limits && { limits: options.limits }),
    ...dataDirectory(options),
  });
  const watcher = watchSources(app, logger);
  // Before it is said that it is ready: who has read that may interrupt it.
  const ended = untilEnded(app, logger, () => watcher.close());
  if (options.json) logger.info('ready', { ...app.outputs(), recovered: app.recovered });
  else process.stderr.write(banner(app, project.definition.name, performance.now() - began));
  return ended;
}

function banner(app: App, name: string, milliseconds: number): string {
  const { outbox, stateMachines, drops } = app.outputs();
  const here = (path: string): string => relative(process.cwd(), path) || path;
  const lines = [
    `fanfold ${name}, ready in ${Math.round(milliseconds)} ms`,
    '',
    `  endpoint   ${app.url}`,
    ...drops.map((folder) => `  drop into  ${here(folder)}/`),
    `  mails      ${here(outbox)}/`,
    `  machines   ${Object.keys(stateMachines).join(', ')}`,
    `  AWS tools  aws --endpoint-url ${app.url} …`,
    ...(app.recovered > 0 ? ['', `  ${app.recovered} executions go on where they were`] : []),
  ];
  return `${lines.join('\n')}\n\n`;
}

/** Loads functions and definitions anew when a source changes. A mistake is told, and the old ones stay. */
function watchSources(app: App, logger: Logger): ReturnType<typeof watch> {
  const { inbox, outbox } = app.outputs();
  const ignored = (path: string): boolean =>
    [inbox, outbox, app.dataDirectory].some((folder) => path.startsWith(folder)) ||
    /node_modules|\/\./.test(path.slice(app.directory.length));
  const watcher = watch(app.directory, { ignoreInitial: true, ignored });
  watcher.on('change', (path) => {
    if (!/\.(ts|mts|js|mjs|cjs|json|jsonc|ya?ml)$/.test(path)) return;
    app.reload().then(
      () => logger.info('Loaded anew', { changed: relative(app.directory, path) }),
      (error: unknown) => logger.error(`Not loaded: ${(error as Error).message}`),
    );
  });
  watcher.once('error', (error) => {
    logger.warn('The sources cannot be watched as a whole: start again after a change to them', { error });
    // One for each folder would be too many.
    watcher.on('error', () => {});
  });
  return watcher;
}
