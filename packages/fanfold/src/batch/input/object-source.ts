/** An object as bytes that can be read from anywhere, always of the version that it was when it was looked up. */
import type { ObjectInfo, Objects } from '../../ports/objects.ts';
import { ServiceError } from '../../ports/service-error.ts';
import type { ByteSource } from '../../records/index.ts';
import { inputChanged } from '../input-changed.ts';

/** Reading throws BatchError Fanfold.InputChanged when another version is there, or none. */
export function objectSource(
  objects: Objects,
  { bucket, key, eTag, size }: Pick<ObjectInfo, 'bucket' | 'key' | 'eTag' | 'size'>,
): ByteSource {
  return {
    size,
    read: async function* (start, end) {
      if (end <= start) return;
      yield* await open(objects, { bucket, key, eTag, range: { start, end: end - 1 } });
    },
  };
}

async function open(
  objects: Objects,
  { eTag, ...params }: Parameters<Objects['get']>[0] & { readonly eTag: string },
): Promise<AsyncIterable<Uint8Array>> {
  try {
    const { info, body } = await objects.get(params);
    if (info.eTag === eTag) return body;
  } catch (error) {
    if (error instanceof ServiceError && error.code === 'NoSuchKey') throw inputChanged(params.key, true);
    // Another version may end before the part begins.
    if (!(error instanceof ServiceError && error.code === 'InvalidRange')) throw error;
  }
  throw inputChanged(params.key, false);
}
