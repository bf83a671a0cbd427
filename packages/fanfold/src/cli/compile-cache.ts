/**
 * Keeps what Node compiles, so that the next command starts sooner. What lies there is run: the folder is the user's own, where
 * Node's default, in the folder for temporary files, could be made by anybody before.
 */
import { enableCompileCache } from 'node:module';
import { homedir } from 'node:os';
import { join } from 'node:path';

/** Does nothing where nothing may be written, or where `NODE_COMPILE_CACHE` or `NODE_DISABLE_COMPILE_CACHE` say otherwise. */
export function keepCompiled(): void {
  const folder = cacheFolder();
  if (folder !== undefined) enableCompileCache(join(folder, 'fanfold'));
}

function cacheFolder(): string | undefined {
  const named = process.env['XDG_CACHE_HOME'];
  if (named) return named;
  try {
    return join(homedir(), '.cache');
  } catch {
    // A user without a home, as in some containers.
    return undefined;
  }
}
