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

/** The same text for the same environment. Functions with different ones never share a worker. */
export function environmentKey(own: Readonly<Record<string, string>>): string {
  return JSON.stringify(Object.entries(own).sort(([a], [b]) => (a < b ? -1 : 1)));
}
