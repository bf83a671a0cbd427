/**
 * The file half of the buckets: bytes are written and read here, in the thread that asks; which object is where, the
 * index says, wherever it lives. An object is there whole or not at all (I4).
 */
import type {
  CopyObjectParams,
  GetObjectParams,
  GetObjectResult,
  ObjectDescription,
  ObjectEventName,
  ObjectInfo,
  ObjectRef,
  Objects,
  ObjectVersionRef,
  PutObjectParams,
} from '../../ports/objects.ts';
import { ServiceError } from '../../ports/service-error.ts';
import { openContent } from './content-reader.ts';
import { writeContent } from './content-writer.ts';
import { noSuchKey, versionReplaced } from './object-error.ts';
import type { ObjectIndex } from './object-index.ts';

const DEFAULT_TYPE = 'application/octet-stream';

export function createObjects(index: ObjectIndex): Objects {
  return {
    put: (params) => put(index, params),
    get: (params) => get(index, params),
    head: async (ref) => (await index.find(versionOf(ref)))?.info,
    list: (params) => index.list(params),
    listVersions: (params) => index.listVersions(params),
    copy: (params) => copy(index, params),
    move: (params) => index.move(params),
    delete: ({ ifMatch, ifSequencer, ...ref }) =>
      index.remove({
        ...versionOf(ref),
        ...(ifMatch !== undefined && { ifMatch }),
        ...(ifSequencer !== undefined && { ifSequencer }),
      }),
    tag: (params) => index.tag({ ...versionOf(params), tags: params.tags }),
  };
}

function put(index: ObjectIndex, params: PutObjectParams): Promise<ObjectInfo> {
  const { contentType = DEFAULT_TYPE, metadata = {}, details = {} } = params;
  return write(index, { ...params, contentType, metadata, details });
}

type WriteParams = PutObjectParams & ObjectDescription & { readonly event?: ObjectEventName };

async function write(index: ObjectIndex, params: WriteParams): Promise<ObjectInfo> {
  const {
    body,
    contentType,
    metadata,
    details,
    digests,
    eTag: named,
    ifAbsent = false,
    ifMatch,
    source,
    event,
    encryption,
    writer,
  } = params;
  const ref = refOf(params);
  const pending = await index.begin({ ...ref, ...(encryption && { encryption }) });
  try {
    const { size, eTag, checksum } = await writeContent(pending, body, digests, named);
    return await index.publish({
      ...ref,
      id: pending.id,
      size,
      eTag,
      contentType,
      metadata,
      details: checksum ? { ...details, checksum: { ...checksum, type: 'FULL_OBJECT' } } : details,
      ifAbsent,
      ...(ifMatch !== undefined && { ifMatch }),
      ...(source !== undefined && { source }),
      ...(event && { event }),
      ...(writer !== undefined && { writer }),
    });
  } catch (error) {
    // What went wrong first is what counts; a write that cannot even be abandoned is undone at the next start.
    await index.abandon(pending.id).catch(() => {});
    throw error;
  }
}

async function copy(index: ObjectIndex, params: CopyObjectParams): Promise<ObjectInfo> {
  const copied = await index.copy(params);
  if (copied) return copied;
  const { from, to, ifAbsent = false, ifSequencer, description, writer } = params;
  const { info, body } = await get(index, from);
  if (ifSequencer !== undefined && ifSequencer !== info.sequencer) throw versionReplaced(from);
  const { contentType, metadata, details } = description ?? info;
  const described = { contentType, metadata, details };
  return write(index, {
    ...to,
    body,
    ...described,
    ifAbsent,
    encryption: 'AES256',
    event: 'ObjectCreated:Copy',
    ...(writer !== undefined && { writer }),
  });
}

async function get(index: ObjectIndex, params: GetObjectParams): Promise<GetObjectResult> {
  const ref = versionOf(params);
  for (let gone: string | undefined; ;) {
    const found = await index.find(ref);
    if (!found) throw noSuchKey(ref);
    const { start, length } = extent(params.range, found.info.size);
    const body = await openContent({ ...found, size: found.info.size }, { start, length, allocate: params.allocate });
    if (body) return { info: found.info, body };
    // Replaced or deleted between the two: ask again. The same file gone twice is a damaged store.
    if (found.path === gone)
      throw new ServiceError(
        'InternalError',
        `The content of ${ref.key} in the bucket ${ref.bucket} is lost: ${gone}`,
        500,
      );
    gone = found.path;
  }
}

/** @throws ServiceError InvalidRange */
function extent(range: GetObjectParams['range'], size: number): { start: number; length: number } {
  if (!range) return { start: 0, length: size };
  const { start, end = size - 1 } = range;
  if (!Number.isInteger(start) || !Number.isInteger(end) || start < 0 || start >= size || end < start)
    throw new ServiceError(
      'InvalidRange',
      `The requested range is not satisfiable: ${start} to ${end} of an object of ${size} bytes`,
      416,
    );
  return { start, length: Math.min(end, size - 1) - start + 1 };
}

function versionOf({ versionId, ...ref }: ObjectVersionRef): ObjectVersionRef {
  return { ...refOf(ref), ...(versionId !== undefined && { versionId }) };
}

/** Just the name: what else a caller's object holds must not travel to a remote index. */
function refOf({ bucket, key }: ObjectRef): ObjectRef {
  return { bucket, key };
}
