/** What is wrong with the functions of a project file beyond the shape of their settings. */
import type { FunctionSettings } from './define-project.ts';
import { functionCode } from './function-code.ts';

export function* findBrokenFunctions(
  functions: Readonly<Record<string, FunctionSettings>>,
  directory: string,
): Generator<string> {
  for (const [name, settings] of Object.entries(functions)) {
    const at = `functions.${name}`;
    if (!/^[\w-]{1,64}$/.test(name)) yield `${at}: a name is up to 64 letters, digits, '-' and '_'`;
    const code = functionCode(settings, directory);
    if (typeof code === 'string') yield `${at}${code}`;
    if (settings.runtime !== undefined && (settings.handler === undefined || settings.command !== undefined))
      yield `${at}.runtime: it is that of a handler without a command`;
    const { timeoutSeconds = 1, memory = 1, concurrency = 1 } = settings;
    if (!(timeoutSeconds > 0)) yield `${at}.timeoutSeconds: a number above 0 is needed, not ${timeoutSeconds}`;
    if (!(Number.isInteger(memory) && memory > 0))
      yield `${at}.memory: a whole number of MB from 1 is needed, not ${memory}`;
    if (!(Number.isInteger(concurrency) && concurrency > 0))
      yield `${at}.concurrency: a whole number from 1 is needed, not ${concurrency}`;
    const { environment = {}, secrets = {} } = settings;
    for (const variable of Object.keys(secrets))
      if (Object.hasOwn(environment, variable)) yield `${at}.secrets.${variable}: stands in environment too`;
    for (const variable of [...Object.keys(environment), ...Object.keys(secrets)])
      if (!/^[^=\0]+$/.test(variable)) yield `${at}: '${variable}' cannot be the name of an environment variable`;
  }
}
