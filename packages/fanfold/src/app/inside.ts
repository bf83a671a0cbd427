import { isAbsolute, join } from 'node:path';

/** A path of the project file. */
export function inside(directory: string, path: string): string {
  return isAbsolute(path) ? path : join(directory, path);
}
