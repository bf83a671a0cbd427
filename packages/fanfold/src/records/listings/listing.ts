import type { JsonObject } from '../../json.ts';
import type { ObjectInfo } from '../../ports/objects.ts';

/** An object of a listing as an item: what ListObjectsV2 says of it, the instant in seconds. */
export function listingItem({ key, eTag, size, lastModified }: ObjectInfo): JsonObject {
  return {
    Etag: `"${eTag}"`,
    Key: key,
    LastModified: Math.floor(lastModified.getTime() / 1000),
    Size: size,
    StorageClass: 'STANDARD',
  };
}
