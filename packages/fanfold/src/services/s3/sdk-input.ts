/** The parameters of `aws-sdk:s3`, read. */
import { isObject, type Json, type JsonObject } from '../../json.ts';
import type { ObjectRef, ObjectVersionRef } from '../../ports/objects.ts';
import { ServiceError } from '../../ports/service-error.ts';

export function refOf({ Bucket = '', Key = '' }: JsonObject): ObjectRef {
  return { bucket: text(Bucket, 'Bucket'), key: text(Key, 'Key') };
}

export function versionRefOf(input: JsonObject): ObjectVersionRef {
  const { VersionId } = input;
  return { ...refOf(input), ...(VersionId !== undefined && { versionId: text(VersionId, 'VersionId') }) };
}

/** The version of an answer. */
export function versionOf({ versionId }: { readonly versionId?: string }): JsonObject {
  return versionId === undefined ? {} : { VersionId: versionId };
}

/** @throws ServiceError InvalidArgument */
export function text(value: Json, name: string): string {
  if (typeof value === 'string') return value;
  throw new ServiceError('InvalidArgument', `${name} must be a text, not ${JSON.stringify(value)}`);
}

export function texts(value: Json, name: string): Record<string, string> {
  if (!isObject(value)) throw new ServiceError('InvalidArgument', `${name} must be an object of texts.`);
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, text(one, `${name}.${key}`)]));
}

export function notHere(what: string): ServiceError {
  return new ServiceError('NotImplemented', `This server does not have ${what} yet.`, 501);
}
