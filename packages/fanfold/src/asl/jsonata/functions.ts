/**
 * The functions that AWS adds to JSONata, or defines anew. Their corner cases are those that others measured on AWS:
 * numbers are cut to whole ones, what makes no sense gives nothing, what is wrong fails with JSONata's own codes.
 */
import { hashText } from '../hashes.ts';
import type { Engine, EngineError } from './generated/jsonata-sync.js';
import { seededRandom } from './java-random.ts';

export function defineFunctions(engine: Engine): void {
  const now = (): number => engine.current().now();

  engine.define(
    'now',
    (picture?: string, timezone?: string) => engine.fromMillis(now(), picture, timezone),
    '<s?s?:s>',
  );
  engine.define('millis', now, '<:n>');
  engine.define('uuid', () => engine.current().uuid(), '<:s>');
  engine.define('random', (seed?: number) => random(engine, seed), '<n?:n>');
  engine.define('parse', (text?: string) => parse(engine, text), '<s?:x>');
  engine.define('hash', (text?: string, algorithm?: string) => hash(engine, text, algorithm), '<ss?:s>');
  engine.define('partition', (items: unknown, size?: number) => partition(engine, items, size), '<x?n?:a>');
  engine.define('range', (from?: number, to?: number, by?: number) => range(engine, from, to, by), '<nnn?:a>');
}

function random(engine: Engine, seed: number | undefined): number {
  if (seed === undefined) return engine.current().random();
  return seededRandom(finite(seed));
}

function hash(engine: Engine, text: string | undefined, algorithm: string | undefined): string | undefined {
  if (text === undefined || algorithm === undefined) return undefined;
  engine.spend(text.length >> 3);
  const result = hashText(text, algorithm);
  if (result === undefined)
    throw failure(`Hash algorithm '${algorithm}' must be one of SHA-1, SHA-384, SHA-256, SHA-512, MD5`);
  return result;
}

function partition(engine: Engine, items: unknown, size: number | undefined): unknown[] | undefined {
  if (items === undefined) return undefined;
  if (!Array.isArray(items)) throw { code: 'T0412', index: 1, token: 'partition' };
  if (size === undefined) return [items];
  const whole = Math.trunc(finite(size));
  if (whole < 0) throw failure('Second argument must be zero or greater');
  if (whole === 0 || items.length === 0) return undefined;
  engine.spend(items.length);
  const parts: unknown[] = [];
  for (let i = 0; i < items.length; i += whole) parts.push(items.slice(i, i + whole));
  return parts;
}

/** A sequence, as a path gives it: one number stands for itself. */
function range(engine: Engine, from?: number, to?: number, by?: number): unknown[] | undefined {
  if (from === undefined || to === undefined || by === undefined) return undefined;
  const [first, last, step] = [from, to, by].map((value) => Math.trunc(finite(value))) as [number, number, number];
  if (step === 0) return undefined;
  const count = Math.floor((last - first) / step) + 1;
  engine.checkItems(count);
  engine.spend(Math.max(count, 0));
  const sequence = engine.createSequence();
  for (let i = 0; i < count; i++) sequence.push(first + i * step);
  return sequence;
}

function parse(engine: Engine, text: string | undefined): unknown {
  if (text === undefined) return undefined;
  engine.spend(text.length >> 2);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw failure('Invalid JSON');
  }
  if (countMembers(engine, value) !== countColons(text)) throw failure('Invalid JSON');
  return value;
}

/** Members of all objects in a value. Numbers too large to be numbers are refused. */
function countMembers(engine: Engine, value: unknown): number {
  engine.spend(1);
  if (typeof value === 'number' && !Number.isFinite(value)) throw failure('Invalid JSON');
  if (typeof value !== 'object' || value === null) return 0;
  engine.nest();
  let members = Array.isArray(value) ? 0 : Object.keys(value).length;
  for (const part of Object.values(value)) members += countMembers(engine, part);
  engine.unnest();
  return members;
}

/** Colons outside of strings: members of all objects in a JSON text. There are more when a key is given twice. */
function countColons(text: string): number {
  let colons = 0;
  for (let i = 0; i < text.length; i++) {
    if (text[i] === ':') colons++;
    if (text[i] !== '"') continue;
    for (i++; text[i] !== '"'; i++) if (text[i] === '\\') i++;
  }
  return colons;
}

function finite(value: number): number {
  if (Number.isFinite(value)) return value;
  throw { code: 'D1001', value } satisfies EngineError;
}

function failure(message: string): EngineError {
  return { code: 'D3137', message };
}
