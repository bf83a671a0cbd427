/**
 * The manifest: the ordered list of a run's chunks. What is folded later follows it, never a listing, so that a chunk
 * that is missing or was altered is noticed and a stray object is not taken for one (I6, I9).
 */
import { isArray, isObject, type Json, member } from '../json.ts';
import { quoteForMessage, RecordError } from './record-error.ts';

export interface ManifestChunk {
  /** Of the object that holds the chunk, or of the source when the chunk is a range of it. */
  readonly key: string;
  /** Records and rejects of the source that fell to this chunk. */
  readonly records: number;
  /** Physical line of the source on which the chunk's first record starts. */
  readonly firstLine: number;
  /** Where the chunk starts in the source, for a chunk that is a range. */
  readonly byteOffset?: number;
  /** Of the chunk's bytes, in hex. */
  readonly sha256: string;
}

export interface ManifestSource {
  readonly bucket: string;
  readonly key: string;
  readonly eTag: string;
}

export interface Manifest {
  readonly version: 1;
  readonly source: ManifestSource;
  /** Names of the source's columns, in its order. */
  readonly header: readonly string[];
  readonly delimiter: string;
  /** Sum over the chunks. */
  readonly records: number;
  readonly chunks: readonly ManifestChunk[];
}

/** The manifest as JSON with a line for each chunk; the same manifest gives the same text. */
export function formatManifest(manifest: Manifest): string {
  const { version, source, header, delimiter, records } = manifest;
  const { bucket, key, eTag } = source;
  const head = JSON.stringify({ version, source: { bucket, key, eTag }, header, delimiter, records });
  const chunks = manifest.chunks.map(({ key, records, firstLine, byteOffset, sha256 }) =>
    JSON.stringify({ key, records, firstLine, byteOffset, sha256 }),
  );
  return `${head.slice(0, -1)},"chunks":[${chunks.map((chunk) => `\n${chunk}`).join(',')}\n]}\n`;
}

/**
 * Reads a manifest and checks that it is whole.
 *
 * @throws RecordError BadManifest that names the member that is wrong
 */
export function parseManifest(json: string): Manifest {
  const root = object(parse(json), 'the manifest');
  if (member(root, 'version') !== 1) throw bad(`version is ${show(member(root, 'version'))}, and 1 is known here`);
  const source = object(member(root, 'source'), 'source');
  const chunks = array(member(root, 'chunks'), 'chunks').map(parseChunk);
  const records = count(root, 'records', 'records');
  const sum = chunks.reduce((total, chunk) => total + chunk.records, 0);
  if (sum !== records) throw bad(`records is ${records}, but its chunks add up to ${sum}`);
  return {
    version: 1,
    source: {
      bucket: string(source, 'bucket', 'source.bucket'),
      key: string(source, 'key', 'source.key'),
      eTag: string(source, 'eTag', 'source.eTag'),
    },
    header: array(member(root, 'header'), 'header').map((name, index) => text(name, `header[${index}]`)),
    delimiter: string(root, 'delimiter', 'delimiter'),
    records,
    chunks,
  };
}

function parseChunk(value: Json, index: number): ManifestChunk {
  const where = `chunks[${index}]`;
  const chunk = object(value, where);
  const byteOffset = member(chunk, 'byteOffset');
  return {
    key: string(chunk, 'key', `${where}.key`),
    records: count(chunk, 'records', `${where}.records`),
    firstLine: count(chunk, 'firstLine', `${where}.firstLine`),
    ...(byteOffset !== undefined && { byteOffset: count(chunk, 'byteOffset', `${where}.byteOffset`) }),
    sha256: string(chunk, 'sha256', `${where}.sha256`),
  };
}

function parse(json: string): Json {
  try {
    return JSON.parse(json) as Json;
  } catch {
    throw bad('it is not JSON');
  }
}

function object(value: Json | undefined, where: string): { readonly [key: string]: Json } {
  if (isObject(value)) return value;
  throw bad(`${where} is ${show(value)}, not an object`);
}

function array(value: Json | undefined, where: string): readonly Json[] {
  if (isArray(value)) return value;
  throw bad(`${where} is ${show(value)}, not a list`);
}

function string(from: { readonly [key: string]: Json }, key: string, where: string): string {
  return text(member(from, key), where);
}

function text(value: Json | undefined, where: string): string {
  if (typeof value === 'string') return value;
  throw bad(`${where} is ${show(value)}, not a text`);
}

function count(from: { readonly [key: string]: Json }, key: string, where: string): number {
  const value = member(from, key);
  if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0) return value;
  throw bad(`${where} is ${show(value)}, not a whole number from 0`);
}

function show(value: Json | undefined): string {
  return value === undefined ? 'missing' : quoteForMessage(JSON.stringify(value));
}

function bad(what: string): RecordError {
  return new RecordError(
    'BadManifest',
    `The manifest cannot be used: ${what}. It was altered or cut; run the split again.`,
  );
}
