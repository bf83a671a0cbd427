/** Where the code of a function is. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { FunctionSettings } from './define-project.ts';
import { inside } from './inside.ts';

export type FunctionCode =
  | { readonly kind: 'module'; readonly file: string; readonly exportName: string }
  | { readonly kind: 'python'; readonly folder: string; readonly handler: string }
  | {
      readonly kind: 'command';
      readonly command: readonly string[];
      readonly folder: string;
      readonly handler: string;
    };

const ENDINGS = ['ts', 'mts', 'cts', 'js', 'mjs', 'cjs'];

/** @returns what is wrong, as a text after the function's name */
export function functionCode(settings: FunctionSettings, directory: string): FunctionCode | string {
  const { module, handler, command, runtime = 'node', code = '.' } = settings;
  const given = [module, command, command === undefined ? handler : undefined].filter((value) => value !== undefined);
  if (given.length !== 1) return `: one of module, handler and command is needed, not ${given.length}`;
  const folder = inside(directory, code);
  if (module !== undefined) {
    const [path = '', exportName = 'handler'] = module.split('#');
    const file = inside(directory, path);
    return existsSync(file) ? { kind: 'module', file, exportName } : `.module: there is no file ${path}`;
  }
  if (!existsSync(folder)) return `.code: there is no folder ${code}`;
  if (command !== undefined) {
    if (command.length === 0) return '.command: a program is needed';
    const program = (part: string): string => (/^\.\.?\//.test(part) ? inside(directory, part) : part);
    return { kind: 'command', command: command.map(program), folder, handler: handler ?? '' };
  }
  const [, path = '', name = ''] = /^(.+)\.([^./]+)$/.exec(handler ?? '') ?? [];
  if (name === '') return `.handler: file.export is needed, such as index.handler, not ${handler}`;
  if (runtime === 'python3') {
    // A module of a package may be named either way: `package/module.handler`, `package.module.handler`.
    const part = path.replaceAll('.', '/');
    if ([`${part}.py`, `${part}/__init__.py`].some((one) => existsSync(join(folder, one))))
      return { kind: 'python', folder, handler: handler ?? '' };
    return `.handler: there is no file ${part}.py in ${code}`;
  }
  const file = ENDINGS.map((ending) => join(folder, `${path}.${ending}`)).find((one) => existsSync(one));
  if (file === undefined) return `.handler: there is no file ${path}.{${ENDINGS.join(',')}} in ${code}`;
  return { kind: 'module', file, exportName: name };
}
