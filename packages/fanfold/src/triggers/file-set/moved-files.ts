/**
 * Where the files of a manifest were set aside: written into the report of its execution before the first of them moves, so
 * that a redrive that succeeds after all finds them, wherever a crash cut that off.
 */
import { isArray, isObject, type Json, type JsonObject } from '../../json.ts';
import type { ObjectInfo } from '../../ports/objects.ts';

/** A file, and what it is known by: moving it changes none of that. */
export interface MovedFile {
  readonly key: string;
  readonly sequencer: string;
  readonly to: string;
  /** Bytes. */
  readonly size: number;
  readonly eTag: string;
  /** ISO 8601. */
  readonly lastModified: string;
}

export function movedFile({ key, sequencer, size, eTag, lastModified }: ObjectInfo, to: string): MovedFile {
  return { key, sequencer, to, size, eTag, lastModified: lastModified.toISOString() };
}

/** Whether an object is that file. */
export function isThatFile(file: MovedFile, { size, eTag, lastModified }: ObjectInfo): boolean {
  return file.size === size && file.eTag === eTag && file.lastModified === lastModified.toISOString();
}

/** The files that a report tells of; none where somebody has made something else of it. */
export function movedFilesIn(report: string): readonly MovedFile[] {
  const json = parsed(report);
  const files = isObject(json) ? json['files'] : undefined;
  return isArray(files) ? files.flatMap((each) => (isObject(each) ? (fileIn(each) ?? []) : [])) : [];
}

function fileIn({ key, sequencer, to, size, eTag, lastModified }: JsonObject): MovedFile | undefined {
  const texts = [key, sequencer, to, eTag, lastModified];
  if (typeof size !== 'number' || texts.some((each) => typeof each !== 'string')) return undefined;
  return { key, sequencer, to, size, eTag, lastModified } as MovedFile;
}

function parsed(text: string): Json {
  try {
    return JSON.parse(text) as Json;
  } catch {
    return null;
  }
}
