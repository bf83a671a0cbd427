/** What a project file sets for its buckets, as it would be set over the API. */
import { bucketPolicyDocument } from '../access/read-bucket-policy.ts';
import type { Json } from '../json.ts';
import { POLICY_SETTING, VERSIONING_SETTING } from '../ports/buckets.ts';
import type { ProjectDefinition } from './define-project.ts';

/** By the names of the buckets and of the settings; what is not in the project file stays as it was set before. */
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
