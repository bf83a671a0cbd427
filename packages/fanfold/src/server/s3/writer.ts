/** Objects that a request makes bear whose execution has written them. */
import type { S3Storage } from './request.ts';

/** @param writer the state machine of the execution that asks, by name; undefined when none does */
export function writtenBy(
  writer: string | undefined,
  { objects, uploads }: S3Storage,
): Pick<S3Storage, 'objects' | 'uploads'> {
  if (writer === undefined) return { objects, uploads };
  return {
    objects: {
      ...objects,
      put: (params) => objects.put({ ...params, writer }),
      copy: (params) => objects.copy({ ...params, writer }),
    },
    uploads: { ...uploads, complete: (params) => uploads.complete({ ...params, writer }) },
  };
}
