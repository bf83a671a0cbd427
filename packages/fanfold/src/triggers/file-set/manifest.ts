/**
 * What a manifest names: the files that belong together, and what is to be true of each. It is JSON, or a list of checksums as
 * `sha256sum` and its like write them. Comes from outside: nothing in it is taken that is not below the trigger's own prefix.
 */
import { isArray, isObject, type Json, type JsonObject, member, utf8Length } from '../../json.ts';
import { fail, ok, type Result } from '../../result.ts';
import { LONGEST_KEY } from '../object-key.ts';
import type { Trigger } from '../trigger.ts';

/** A longer manifest is refused before it is read. */
export const MOST_MANIFEST_BYTES: number = 4 * 1024 * 1024;
export const MOST_FILES = 10_000;
/** S3's largest object. */
const MOST_SIZE = 50 * 2 ** 40;

/** Names of checksums, in manifests and in Node, and how many hexadecimal digits they have. */
const DIGITS = { md5: 32, sha1: 40, sha256: 64, sha384: 96, sha512: 128 } as const;

export type DigestName = keyof typeof DIGITS;

export interface Digest {
  readonly name: DigestName;
  /** Lower case. */
  readonly hex: string;
}

/** A file of the manifest's bucket. */
export interface NamedFile {
  readonly key: string;
  /** Bytes. */
  readonly size?: number;
  readonly digests: readonly Digest[];
  /** Without the header of CSV. */
  readonly records?: number;
}

/** Where a manifest lies, and who takes it. */
export interface ManifestPlace extends Pick<Trigger, 'prefix' | 'suffix' | 'maxBytes'> {
  readonly key: string;
}

/** @returns the files in the order in which they are named; or what is wrong with the manifest, for whoever has sent it */
export function readManifest(bytes: Uint8Array, place: ManifestPlace): Result<readonly NamedFile[], string> {
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    const files: NamedFile[] = [];
    const places = new Map<string, string>();
    for (const { at, from, file } of /^\s*[[{]/.test(text) ? ofJson(text) : ofLines(text)) {
      if (files.length === MOST_FILES) throw new Problem(`It names more than ${MOST_FILES} files.`);
      const folder = from === 'bucket' ? '' : place.key.slice(0, place.key.lastIndexOf('/') + 1);
      const named = { ...file, key: keyOf(file.key, folder, place, at) };
      if (named.size !== undefined && named.size > (place.maxBytes ?? Infinity))
        throw new Problem(`${at}: ${named.size} bytes, and ${place.maxBytes} is the most that is taken here.`);
      const before = places.get(named.key);
      if (before !== undefined) throw new Problem(`${at}: ${shown(named.key)} is named twice, first in ${before}.`);
      places.set(named.key, at);
      files.push(named);
    }
    return files.length > 0 ? ok(files) : fail('The manifest is not taken. It names no file.');
  } catch (error) {
    if (error instanceof Problem) return fail(`The manifest is not taken. ${error.message}`);
    if (error instanceof TypeError) return fail('The manifest is not taken. It is no text in UTF-8.');
    throw error;
  }
}

class Problem extends Error {}

interface Entry {
  /** Where it stands in the manifest. */
  readonly at: string;
  /** Its key still stands as it is in the manifest. */
  readonly file: NamedFile;
  /** What that is counted from: the folder of the manifest, or the whole bucket. */
  readonly from: 'folder' | 'bucket';
}

function* ofJson(text: string): Generator<Entry> {
  const files = listIn(parsed(text));
  if (files === undefined)
    throw new Problem('It is JSON, and neither a list of files nor an object with such a list as "files".');
  for (const [i, file] of files.entries()) {
    const at = `files[${i}]`;
    if (typeof file === 'string') yield { at, file: { key: file, digests: [] }, from: 'folder' };
    else if (isObject(file)) yield ofObject(file, at);
    else throw new Problem(`${at}: a file is a name, or an object with a "name"; this is ${shown(file)}.`);
  }
}

function listIn(value: Json): readonly Json[] | undefined {
  const files = isObject(value) ? member(value, 'files') : value;
  return files !== undefined && isArray(files) ? files : undefined;
}

function parsed(text: string): Json {
  try {
    return JSON.parse(text) as Json;
  } catch (error) {
    throw new Problem(`It is no JSON: ${error instanceof Error ? error.message : String(error)}.`);
  }
}

/** Members that look like one of {@link DIGITS} and are none: leaving them out would check less than was asked for. */
const OTHER_DIGEST = /^(checksum|hash|digest|etag|crc.*|sha.*|md\d.*|blake.*|xxh.*)$/i;

function ofObject(file: JsonObject, at: string): Entry {
  const [name, key] = [member(file, 'name'), member(file, 'key')];
  const named = name ?? key;
  if (typeof named !== 'string' || (name !== undefined && key !== undefined))
    throw new Problem(`${at}: one of "name" and "key" is needed, a text; this is ${shown(file)}.`);
  const digests: Digest[] = [];
  for (const [label, value] of Object.entries(file)) {
    if (Object.hasOwn(DIGITS, label)) digests.push(digestOf(label as DigestName, value, at));
    else if (OTHER_DIGEST.test(label))
      throw new Problem(`${at}: ${shown(label)} is no checksum that is known here: ${Object.keys(DIGITS).join(', ')}.`);
  }
  const size = countOf(file, 'size', at, MOST_SIZE);
  const records = countOf(file, 'records', at, Number.MAX_SAFE_INTEGER);
  const counts = { ...(size !== undefined && { size }), ...(records !== undefined && { records }) };
  return { at, file: { key: named, digests, ...counts }, from: key === undefined ? 'folder' : 'bucket' };
}

function digestOf(name: DigestName, value: Json | undefined, at: string): Digest {
  if (typeof value === 'string' && value.length === DIGITS[name] && /^[0-9a-f]+$/i.test(value))
    return { name, hex: value.toLowerCase() };
  throw new Problem(`${at}.${name}: ${DIGITS[name]} hexadecimal digits are needed, not ${shown(value)}.`);
}

function countOf(file: JsonObject, label: string, at: string, most: number): number | undefined {
  const value = member(file, label);
  if (value === undefined) return undefined;
  if (typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= most) return value;
  throw new Problem(`${at}.${label}: a whole number from 0 to ${most} is needed, not ${shown(value)}.`);
}

/** As `sha256sum` writes them, and with `--tag` as BSD's `sha256` does. */
const PLAIN_LINE = /^(?<hex>[0-9a-f]{32,128}) [ *](?<name>.+)$/i;
const TAGGED_LINE = /^(?<tag>[A-Z]+\d+) \((?<name>.+)\) = (?<hex>[0-9a-f]+)$/i;

function* ofLines(text: string): Generator<Entry> {
  let number = 0;
  for (const whole of text.split('\n')) {
    const at = `line ${++number}`;
    const line = whole.endsWith('\r') ? whole.slice(0, -1) : whole;
    if (line.trim() === '' || line.startsWith('#')) continue;
    const { tag, hex = '', name = '' } = (PLAIN_LINE.exec(line) ?? TAGGED_LINE.exec(line))?.groups ?? {};
    const digest = (Object.keys(DIGITS) as DigestName[]).find((each) => DIGITS[each] === hex.length);
    if (digest === undefined || (tag !== undefined && tag.toLowerCase() !== digest))
      throw new Problem(`${at}: a checksum, two spaces and a name are needed, not ${shown(line)}.`);
    yield { at, file: { key: name, digests: [{ name: digest, hex: hex.toLowerCase() }] }, from: 'folder' };
  }
}

// oxlint-disable-next-line no-control-regex -- they are what is looked for
const CONTROL = /[\u0000-\u001f\u007f]/;

function keyOf(name: string, folder: string, { prefix = '', suffix = '' }: ManifestPlace, at: string): string {
  const own = name.replace(/^\.\//, '');
  const key = folder + own;
  const wrong = (why: string): Problem => new Problem(`${at}: ${shown(name)} ${why}.`);
  if (own.split('/').some((part) => part === '' || part === '.' || part === '..'))
    throw wrong('is no name of a file: it is empty, begins or ends with a slash, or has an empty part, "." or ".."');
  if (own.includes('\\') || CONTROL.test(own)) throw wrong('has a backslash or a control character');
  if (utf8Length(key) > LONGEST_KEY) throw wrong(`is longer than a key can be, ${LONGEST_KEY} bytes`);
  if (!key.startsWith(prefix)) throw wrong(`is not below ${shown(prefix)}, where the trigger takes files`);
  if ([suffix].flat().some((end) => key.endsWith(end))) throw wrong('would be a manifest itself');
  return key;
}

const MOST_SHOWN = 120;

function shown(value: Json | undefined): string {
  const text = JSON.stringify(value) ?? 'nothing';
  return text.length > MOST_SHOWN ? `${text.slice(0, MOST_SHOWN)}…` : text;
}
