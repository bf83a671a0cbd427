/** What functions see as `process.env`: never the engine's own, which may hold secrets. */

/** Taken over from the engine: to find programs and folders, and to write times and texts as the machine does. */
const INHERITED = ['PATH', 'TZ', 'LANG', 'NODE_ENV', 'TMPDIR', 'TEMP', 'TMP', 'SystemRoot'] as const;

export function functionEnvironment(region: string, own: Readonly<Record<string, string>>): Record<string, string> {
  const env: Record<string, string> = {};
  for (const name of INHERITED) {
    const value = process.env[name];
    if (value !== undefined) env[name] = value;
  }
  return { ...env, AWS_REGION: region, AWS_DEFAULT_REGION: region, ...own };
}

/** What AWS Lambda adds for a program that speaks its runtime API. */
export function programEnvironment(
  name: string,
  {
    folder,
    handler = '',
    memoryMb,
  }: { readonly folder: string; readonly handler?: string; readonly memoryMb?: number },
): Record<string, string> {
  return {
    _HANDLER: handler,
    LAMBDA_TASK_ROOT: folder,
    LAMBDA_RUNTIME_DIR: folder,
    AWS_LAMBDA_FUNCTION_NAME: name,
    AWS_LAMBDA_FUNCTION_VERSION: '$LATEST',
    AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(memoryMb ?? MOST_MEMORY_MB),
    AWS_LAMBDA_LOG_GROUP_NAME: `/aws/lambda/${name}`,
    AWS_LAMBDA_LOG_STREAM_NAME: '$LATEST',
    AWS_LAMBDA_INITIALIZATION_TYPE: 'on-demand',
  };
}

/** What AWS Lambda gives at most, and here stands for no limit. */
export const MOST_MEMORY_MB = 10_240;

/** The same text for the same environment. Functions with different ones never share a worker. */
export function environmentKey(own: Readonly<Record<string, string>>): string {
  return JSON.stringify(Object.entries(own).sort(([a], [b]) => (a < b ? -1 : 1)));
}
