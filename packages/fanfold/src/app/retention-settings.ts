import type { RetentionParams } from '../runtimes/retention.ts';
import type { ProjectDefinition } from './define-project.ts';
import type { ExpiryRule } from '../services/s3/expiry.ts';
import { ProjectError } from './project-error.ts';

/** How long finished executions are kept, as the retention takes it. @throws ProjectError when a number is negative */
export function retentionSettings(
  settings: ProjectDefinition['retention'],
): Pick<RetentionParams, 'days' | 'executions'> {
  if (settings === undefined) return {};
  if (settings === 'forever') return { days: null };
  const { days = null, executions = null } = settings;
  for (const [name, value] of Object.entries({ days, executions }))
    if (value !== null && !(value >= 0)) throw new ProjectError(`retention.${name} must not be negative: ${value}`);
  return { days, executions };
}

/** When objects are removed, of all buckets. @throws ProjectError when a number of days is none */
export function expirySettings({ buckets = {} }: ProjectDefinition): readonly ExpiryRule[] {
  return Object.entries(buckets).flatMap(([bucket, { expire = [] }]) =>
    expire.map(({ prefix, days }) => {
      if (!(days > 0))
        throw new ProjectError(`buckets.${bucket}.expire: a number of days above 0 is needed, not ${days}`);
      return { bucket, prefix, days };
    }),
  );
}
