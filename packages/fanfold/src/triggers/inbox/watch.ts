/** Tells of files that appear or change in the inbox. It may miss some: `walk` is what finds all. */
import { relative, sep } from 'node:path';
import { watch } from 'chokidar';
import { isHidden } from './drop.ts';

export interface WatchParams {
  /** The inbox: its real path. */
  readonly root: string;
  readonly buckets: ReadonlySet<string>;
  /** Given relative paths with slashes; those of folders end in one. */
  readonly onHint: (path: string) => void;
  readonly onError: (error: unknown) => void;
}

/** Resolves once the folders are watched, or it is known that they cannot be. */
export async function openWatcher({
  root,
  buckets,
  onHint,
  onError,
}: WatchParams): Promise<{ close(): Promise<void> }> {
  const pathOf = (file: string): string => relative(root, file).split(sep).join('/');
  const isOutside = (path: string): boolean => path.includes('/') && !buckets.has(path.slice(0, path.indexOf('/')));
  const watcher = watch(root, {
    ignoreInitial: true,
    followSymlinks: false,
    atomic: false,
    ignored: (file) => {
      const path = pathOf(file);
      return path !== '' && (isHidden(path) || isOutside(path));
    },
  });
  const { promise: ready, resolve } = Promise.withResolvers<void>();
  watcher.on('add', (file) => onHint(pathOf(file)));
  watcher.on('change', (file) => onHint(pathOf(file)));
  watcher.on('addDir', (folder) => onHint(`${pathOf(folder)}/`));
  watcher.on('error', (error) => {
    onError(error);
    resolve();
  });
  watcher.on('ready', resolve);
  await ready;
  return { close: () => watcher.close() };
}
