/**
 * Reads YAML 1.2 as far as it stands for JSON: the core schema, string keys, no tags, no merge keys. Aliases are copies,
 * within bounds. Imported only where YAML is asked for, since the library is not small.
 */
import { type Document, isAlias, isMap, isScalar, isSeq, type Pair, parseDocument } from 'yaml';
import { type Json, setKey } from '../../json.ts';
import { fail, ok, type Result } from '../../result.ts';
import type { Finding } from '../finding.ts';
import { createLocator, findPlace, type Place } from './places.ts';
import { locationOf, type Pointer, type Source } from './source.ts';
import { MAX_LEVELS, MAX_NOTED, tooDeep, unreadable } from './unreadable.ts';

/** The most characters of a source: the library's own work is not bounded otherwise. AWS takes 1 MiB of JSON. */
const MAX_TEXT = 4 * 1024 * 1024;
/** The most parts that aliases may stand for, all together. */
const MAX_COPIED = 100_000;
const TOO_DEEP = `The YAML is nested more than ${MAX_LEVELS} levels deep`;

/** Where the library's own words speak of the library. */
const MESSAGES: Readonly<Record<string, string>> = {
  MULTIPLE_DOCS: 'The file has several YAML documents: a definition is one, so that each needs a file of its own',
};

/** What a text of the document stands for, where places in it are filled in. `plain` is one without quotes. */
export type Fill = (text: string, plain: boolean) => string | number | boolean;

export function readYaml(text: string, fill: Fill = (found) => found): Result<Source, Finding> {
  if (text.length > MAX_TEXT)
    return fail(unreadable(`The YAML has ${text.length} characters; at most ${MAX_TEXT} are read`));
  const locate = createLocator(text);
  try {
    const document = parse(text);
    const problem = document.errors[0];
    if (problem?.code === 'RESOURCE_EXHAUSTION') return fail(tooDeep(TOO_DEEP, locate(problem.pos[0])));
    if (problem) return fail(unreadable(MESSAGES[problem.code] ?? problem.message, locate(problem.pos[0])));
    const walk = new Walk(fill);
    const { json, place } = walk.value(document.contents, 0);
    return ok({
      json,
      duplicates: walk.duplicates,
      rounded: walk.rounded,
      positionOf: (pointer) => {
        const found = findPlace(place, pointer);
        return found && locate(found.offset);
      },
    });
  } catch (error) {
    // The library walks nodes recursively.
    if (error instanceof RangeError) return fail(tooDeep(TOO_DEEP));
    if (!(error instanceof Refused)) throw error;
    if (error.message === TOO_DEEP) return fail(tooDeep(TOO_DEEP, locate(error.offset)));
    return fail(unreadable(error.message, locate(error.offset), locationOf(error.pointer)));
  }
}

function parse(text: string): Document.Parsed {
  return parseDocument(text, {
    version: '1.2',
    schema: 'core',
    merge: false,
    resolveKnownTags: false,
    uniqueKeys: false,
    prettyErrors: false,
    logLevel: 'error',
  });
}

class Refused extends Error {
  readonly offset: number;
  readonly pointer: Pointer;

  constructor(message: string, offset: number, pointer: Pointer) {
    super(message);
    this.offset = offset;
    this.pointer = pointer;
  }
}

interface Read {
  readonly json: Json;
  readonly place: Place;
}

interface Ranged {
  readonly range?: readonly [number, number, number] | null;
}

/** Turns nodes into JSON. */
class Walk {
  readonly duplicates: Pointer[] = [];
  readonly rounded: Pointer[] = [];
  readonly #pointer: (string | number)[] = [];
  readonly #anchors = new Map<string, unknown>();
  readonly #fill: Fill;
  #levels = 0;
  #copied = 0;
  /** How many aliases the walk is inside of. */
  #copying = 0;

  constructor(fill: Fill) {
    this.#fill = fill;
  }

  value(node: unknown, fallback: number): Read {
    const offset = offsetOf(node) ?? fallback;
    if (this.#copying > 0 && ++this.#copied > MAX_COPIED)
      this.#refuse(`The aliases stand for more than ${MAX_COPIED} values`, offset);
    if (node === null || node === undefined) return { json: null, place: { offset } };
    if (isAlias(node)) return this.#alias(node.source, offset);
    if (!isScalar(node) && !isMap(node) && !isSeq(node)) return this.#refuse('This has no JSON form', offset);
    if (node.tag !== undefined)
      this.#refuse(`Tags such as ${node.tag} are not supported: a definition is JSON`, offset);
    if (node.anchor !== undefined) this.#anchors.set(node.anchor, node);
    if (isScalar(node)) {
      const plain = node.type === 'PLAIN';
      const value = typeof node.value === 'string' ? this.#fill(node.value, plain) : node.value;
      return { json: this.#scalar(value, node.source, offset), place: { offset } };
    }
    if (this.#levels >= MAX_LEVELS) this.#refuse(TOO_DEEP, offset);
    this.#levels += 1;
    const read = isMap(node) ? this.#map(node.items, offset) : this.#list(node.items, offset);
    this.#levels -= 1;
    return read;
  }

  #alias(name: string, offset: number): Read {
    const node = this.#anchors.get(name);
    if (node === undefined) this.#refuse(`There is no anchor &${name} before this alias`, offset);
    this.#copying += 1;
    const { json, place } = this.value(node, offset);
    this.#copying -= 1;
    return { json, place: { ...place, offset } };
  }

  #map(pairs: readonly Pair[], offset: number): Read {
    const json: Record<string, Json> = {};
    const members = new Map<string, Place>();
    for (const pair of pairs) {
      const at = offsetOf(pair.key) ?? offset;
      const key = this.#key(pair.key, at);
      this.#pointer.push(key);
      if (members.has(key)) this.#note(this.duplicates);
      const read = this.value(pair.value, at);
      this.#pointer.pop();
      setKey(json, key, read.json);
      members.set(key, { ...read.place, offset: at });
    }
    return { json, place: { offset, members } };
  }

  /** Plain keys such as `1` and `true` are the texts that they are written as. */
  #key(node: unknown, offset: number): string {
    if (!isScalar(node)) return this.#refuse('A key must be a text', offset);
    const key = typeof node.value === 'string' ? node.value : (node.source ?? '');
    if (key === '<<' && node.type === 'PLAIN')
      return this.#refuse('Merge keys (<<) are not supported: write the fields out', offset);
    return String(this.#fill(key, false));
  }

  #list(nodes: readonly unknown[], offset: number): Read {
    const reads = nodes.map((node, i) => {
      this.#pointer.push(i);
      const read = this.value(node, offset);
      this.#pointer.pop();
      return read;
    });
    return { json: reads.map((read) => read.json), place: { offset, items: reads.map((read) => read.place) } };
  }

  #scalar(value: unknown, source: string | undefined, offset: number): Json {
    if (value === null || typeof value === 'boolean') return value;
    if (typeof value === 'string') {
      if (value.isWellFormed()) return value;
      return this.#refuse('Half of a surrogate pair stands alone in a text: such text cannot be stored', offset);
    }
    if (typeof value !== 'number' || !Number.isFinite(value))
      return this.#refuse(`${source ?? 'This value'} has no JSON form`, offset);
    if (source !== undefined && /^[-+]?\d+$/.test(source) && BigInt(value) !== BigInt(source.replace('+', '')))
      this.#note(this.rounded);
    return value;
  }

  #note(places: Pointer[]): void {
    if (places.length < MAX_NOTED) places.push([...this.#pointer]);
  }

  #refuse(message: string, offset: number): never {
    throw new Refused(message, offset, [...this.#pointer]);
  }
}

function offsetOf(node: unknown): number | undefined {
  return typeof node === 'object' && node !== null ? (node as Ranged).range?.[0] : undefined;
}
