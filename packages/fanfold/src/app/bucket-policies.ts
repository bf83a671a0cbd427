/** The policies of buckets as they are set now, each read once. */
import type { BucketPolicy } from '../access/bucket-policy.ts';
import { readBucketPolicy } from '../access/read-bucket-policy.ts';
import type { Json } from '../json.ts';

/** @param documentOf as it was set */
export function createBucketPolicies(
  documentOf: (bucket: string) => Json | undefined,
): (bucket: string) => BucketPolicy | undefined {
  const read = new Map<string, { readonly document: string; readonly policy: BucketPolicy }>();
  return (bucket) => {
    const document = documentOf(bucket);
    if (typeof document !== 'string') return undefined;
    const known = read.get(bucket);
    if (known?.document === document) return known.policy;
    const policy = readBucketPolicy(document, { bucket });
    read.set(bucket, { document, policy });
    return policy;
  };
}
