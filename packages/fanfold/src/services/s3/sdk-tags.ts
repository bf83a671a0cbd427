/** `aws-sdk:s3:getObjectTagging`, `putObjectTagging` and `deleteObjectTagging`. */
import { isArray, isObject, type Json, type JsonObject } from '../../json.ts';
import type { Objects } from '../../ports/objects.ts';
import { ServiceError } from '../../ports/service-error.ts';
import { noSuchKey } from './object-error.ts';
import { text, versionOf, versionRefOf } from './sdk-input.ts';

export async function getObjectTagging(objects: Objects, input: JsonObject): Promise<JsonObject> {
  const ref = versionRefOf(input);
  const info = await objects.head(ref);
  if (!info) throw noSuchKey(ref);
  const tags = Object.entries(info.details.tags ?? {});
  return { ...versionOf(info), TagSet: tags.map(([Key, Value]) => ({ Key, Value })) };
}

export async function putObjectTagging(objects: Objects, input: JsonObject): Promise<JsonObject> {
  const { Tagging } = input;
  const set = isObject(Tagging) ? Tagging['TagSet'] : undefined;
  if (!isArray(set ?? null)) throw new ServiceError('InvalidArgument', 'Tagging needs a list of tags as its TagSet.');
  const pairs = (set as readonly Json[]).map((tag) => {
    const { Key = null, Value = null } = isObject(tag) ? tag : {};
    return [text(Key, 'Key'), text(Value, 'Value')] as const;
  });
  const tags = Object.fromEntries(pairs);
  if (Object.keys(tags).length !== pairs.length)
    throw new ServiceError('InvalidTag', 'Cannot provide multiple Tags with the same key');
  return tag(objects, input, tags);
}

export function deleteObjectTagging(objects: Objects, input: JsonObject): Promise<JsonObject> {
  return tag(objects, input, {});
}

/** Of the version that is current now, where none is named. */
async function tag(objects: Objects, input: JsonObject, tags: Readonly<Record<string, string>>): Promise<JsonObject> {
  const ref = versionRefOf(input);
  const info = await objects.head(ref);
  if (!info) throw noSuchKey(ref);
  await objects.tag({ ...ref, ...(info.versionId !== undefined && { versionId: info.versionId }), tags });
  return versionOf(info);
}
