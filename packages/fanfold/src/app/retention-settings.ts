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

/** When objects are removed, of all buckets. @throws ProjectError when a number is none, or there is none */
export function expirySettings({ buckets = {} }: ProjectDefinition): readonly ExpiryRule[] {
  return Object.entries(buckets).flatMap(([bucket, { expire = [] }]) =>
    expire.map(({ prefix, ...numbers }) => {
      const at = `buckets.${bucket}.expire`;
      const { days, noncurrentDays, keepNoncurrent } = numbers;
      for (const name of ['days', 'noncurrentDays'] as const) {
        const value = numbers[name];
        if (value !== undefined && !(value > 0))
          throw new ProjectError(`${at}: a number of ${name} above 0 is needed, not ${value}`);
      }
      if (keepNoncurrent !== undefined && !(Number.isInteger(keepNoncurrent) && keepNoncurrent >= 0))
        throw new ProjectError(`${at}: keepNoncurrent is a whole number from 0 on, not ${keepNoncurrent}`);
      if (days === undefined && noncurrentDays === undefined && keepNoncurrent === undefined)
        throw new ProjectError(`${at}: days, noncurrentDays or keepNoncurrent is needed for the prefix '${prefix}'`);
      const isOfVersions = noncurrentDays !== undefined || keepNoncurrent !== undefined;
      return {
        bucket,
        prefix,
        ...(days !== undefined && { days }),
        ...(isOfVersions && { noncurrent: { days: noncurrentDays ?? 0, keep: keepNoncurrent ?? 0 } }),
      };
    }),
  );
}
