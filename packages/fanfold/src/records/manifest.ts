/**
 * The manifest: the ordered list of a run's chunks, which are ranges of its source or files of their own. What is folded later
 * follows it, never a listing, so that a chunk that is missing or was altered is noticed and a stray object is not taken for one
 * (I6, I9).
 */
import { isArray, isObject, type Json, member } from '../json.ts';
import { quoteForMessage, RecordError } from './record-error.ts';

/** A chunk, whatever holds it. */
export interface ManifestChunk {
  /** Records and rejects of the source that fell to this chunk. */
  readonly records: number;
  /** Physical line of the source on which the chunk's first record starts. */
  readonly firstLine: number;
}

/** A chunk that is an object, or a file, of its own. */
export interface ChunkFile extends ManifestChunk {
  readonly key: string;
  /** Of the chunk's bytes, in hex. */
  readonly sha256: string;
}

export interface ManifestSource {
  readonly bucket: string;
  readonly key: string;
  readonly eTag: string;
  /** Names of the columns, in the file's order; empty where records are JSON. */
  readonly header: readonly string[];
}

export interface Manifest<Chunk extends ManifestChunk = ChunkFile, Source extends ManifestSource = ManifestSource> {
  readonly version: 1;
  readonly source: Source;
  /** Sum over the chunks. */
  readonly records: number;
  readonly chunks: readonly Chunk[];
}

/** The manifest as JSON with a line for each chunk; the same manifest gives the same text. */
export function formatManifest({ version, source, records, chunks }: Manifest<ManifestChunk>): string {
  const head = JSON.stringify({ version, source, records });
  return `${head.slice(0, -1)},"chunks":[${chunks.map((chunk) => `\n${JSON.stringify(chunk)}`).join(',')}\n]}\n`;
}

/** What every chunk of a manifest has, beside what all manifests' chunks have: texts, and whole numbers from 0. */
export type ChunkMembers<Chunk> = {
  readonly [
    Name in Exclude<keyof Chunk, keyof ManifestChunk> as undefined extends Chunk[Name] ? never : Name
  ]: Chunk[Name] extends number ? 'count' : 'text';
};

export const CHUNK_FILE: ChunkMembers<ChunkFile> = { key: 'text', sha256: 'text' };

/**
 * Reads a manifest and checks that it is whole. Other members of the source are taken as they stand.
 *
 * @throws RecordError BadManifest that names the member that is wrong
 */
export function parseManifest<Chunk extends ManifestChunk, Source extends ManifestSource = ManifestSource>(
  json: string,
  members: ChunkMembers<Chunk>,
): Manifest<Chunk, Source> {
  const root = object(parse(json), 'the manifest');
  if (member(root, 'version') !== 1) throw bad(`version is ${show(member(root, 'version'))}, and 1 is known here`);
  const source = object(member(root, 'source'), 'source');
  for (const name of ['bucket', 'key', 'eTag']) text(member(source, name), `source.${name}`);
  for (const [index, name] of array(member(source, 'header'), 'source.header').entries())
    text(name, `source.header[${index}]`);
  const chunks = array(member(root, 'chunks'), 'chunks');
  const rules = Object.entries<'count' | 'text'>({ records: 'count', firstLine: 'count', ...members });
  let sum = 0;
  for (const [index, value] of chunks.entries()) {
    const where = `chunks[${index}]`;
    const chunk = object(value, where);
    for (const [name, rule] of rules) (rule === 'count' ? count : text)(member(chunk, name), `${where}.${name}`);
    sum += chunk['records'] as number;
  }
  const records = count(member(root, 'records'), 'records');
  if (sum !== records) throw bad(`records is ${records}, but its chunks add up to ${sum}`);
  return root as unknown as Manifest<Chunk, Source>;
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

function text(value: Json | undefined, where: string): string {
  if (typeof value === 'string') return value;
  throw bad(`${where} is ${show(value)}, not a text`);
}

function count(value: Json | undefined, where: string): number {
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
