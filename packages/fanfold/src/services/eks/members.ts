/** Members of a manifest, read with their types. Those that are not known are refused by name. */
import { isObject, type Json, type JsonObject } from '../../json.ts';
import { ManifestError } from './manifest-error.ts';

/** @throws ManifestError when it is no object, or has other fields */
export function objectAt(json: Json | undefined, at: string, known: readonly string[]): JsonObject {
  if (!isObject(json)) throw new ManifestError('invalid', `${at}: an object is needed`);
  const other = Object.keys(json).find((field) => !known.includes(field));
  if (other !== undefined) throw new ManifestError('unavailable', `The field ${at}.${other} is not available here.`);
  return json;
}

export function listAt(json: Json | undefined, at: string): readonly Json[] {
  if (json === undefined) return [];
  if (!Array.isArray(json)) throw new ManifestError('invalid', `${at}: a list is needed`);
  return json;
}

export function textAt(json: Json | undefined, at: string): string {
  if (typeof json === 'string') return json;
  throw new ManifestError('invalid', `${at}: a string is needed, not ${JSON.stringify(json) ?? 'nothing'}`);
}

export function textsAt(json: Json | undefined, at: string): readonly string[] {
  return listAt(json, at).map((each, i) => textAt(each, `${at}[${i}]`));
}

/** A whole number from 0. */
export function countAt<T>(json: Json | undefined, at: string, otherwise: T): number | T {
  if (json === undefined || json === null) return otherwise;
  if (typeof json === 'number' && Number.isInteger(json) && json >= 0) return json;
  throw new ManifestError('invalid', `${at}: a whole number from 0 is needed, not ${JSON.stringify(json)}`);
}
