/** What a project file says of its buckets. */
import { bucketPolicyDocument } from '../access/read-bucket-policy.ts';
import type { Json } from '../json.ts';
import { type BucketConfiguration, POLICY_SETTING, VERSIONING_SETTING } from '../ports/buckets.ts';
import type { ProjectDefinition } from './define-project.ts';
import { expirySettings } from './retention-settings.ts';

/** As it would be set over the API, by the names of the buckets and of the settings; what is not in the project file stays as it was set before. */
export function bucketSettings({
  buckets = {},
}: Pick<ProjectDefinition, 'buckets'>): Readonly<Record<string, Readonly<Record<string, Json>>>> {
  return Object.fromEntries(
    Object.entries(buckets).map(([name, { versioning, policy }]) => [
      name,
      {
        ...(versioning && { [VERSIONING_SETTING]: versioning }),
        ...(policy && { [POLICY_SETTING]: JSON.stringify(bucketPolicyDocument(policy)) }),
      },
    ]),
  );
}

/** What it says of its buckets that nobody can set over the API. */
export function bucketConfigurations(definition: ProjectDefinition): (bucket: string) => BucketConfiguration {
  const { buckets = {} } = definition;
  const rules = expirySettings(definition);
  return (bucket) => {
    const encryption = Object.hasOwn(buckets, bucket) ? buckets[bucket]?.encryption : undefined;
    return { expiry: rules.filter((rule) => rule.bucket === bucket), ...(encryption && { encryption }) };
  };
}
