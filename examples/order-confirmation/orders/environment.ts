/** What the jobs are told, by the names that the manifests of the state machines use. */

export interface JobEnvironment {
  readonly bucket: string;
  readonly key: string;
  /** The id of the event that began the run. */
  readonly runId: string;
  readonly volume: string;
}

/** @throws Error that names the variable which is missing */
export function jobEnvironment(): JobEnvironment {
  return {
    bucket: variable('S3_BUCKET_NAME'),
    key: variable('S3_KEY'),
    runId: variable('STATUS_KEY'),
    volume: variable('EFS_DIRECTORY'),
  };
}

export function variable(name: string): string {
  const value = process.env[name];
  if (!value) throw new Error(`${name} is not set.`);
  return value;
}

/** As the original has it, but a record that is wrong fails the run unless one says otherwise. */
export function errorsTolerated(): boolean {
  return process.env['ERROR_TOLERATED'] === 'true';
}
