/**
 * JSON as data: the types, and the few operations that plain JavaScript gets wrong for keys that come from outside.
 */

export type Json = null | boolean | number | string | readonly Json[] | JsonObject;
export interface JsonObject {
  readonly [key: string]: Json;
}

/**
 * Reads JSON text. Of a number that is beyond what a double can be, JavaScript makes Infinity, and nothing at all when it
 * is written again; here it is the text "Infinity" (or "-Infinity"), as AWS writes it, so that it is not lost unseen.
 *
 * @throws SyntaxError
 */
export function parseJson(text: string): Json {
  return hasHugeNumber(text) ? (JSON.parse(text, finite) as Json) : (JSON.parse(text) as Json);
}

function finite(_: string, value: unknown): unknown {
  return value === Infinity || value === -Infinity ? String(value) : value;
}

const MAX_DIGITS = 308;

/** An exponent of three digits, or any one behind more digits than such an exponent would make up for. */
const HUGE = /\d[eE]\+?\d{3}|\d{200}(?:\.\d+)?[eE]/;
const HUGE_NUMBER = /(?:^|[[,:\s])-?(?:\d+(?:\.\d+)?[eE]\+?\d{3}|\d{200,}(?:\.\d+)?[eE])/;

/** Quick, and sometimes wrong where there is no such number. */
function hasHugeNumber(text: string): boolean {
  if (HUGE.test(text) && HUGE_NUMBER.test(text)) return true;
  for (let at = MAX_DIGITS; at < text.length; at += MAX_DIGITS + 1) {
    let from = at;
    while (isDigit(text, from)) from -= 1;
    let to = at;
    while (isDigit(text, to)) to += 1;
    if (to - from > MAX_DIGITS) return true;
  }
  return false;
}

function isDigit(text: string, at: number): boolean {
  const code = text.charCodeAt(at);
  return code >= 48 && code <= 57;
}

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function isArray(value: unknown): value is readonly Json[] {
  return Array.isArray(value);
}

/** Sets a key on an object under construction. `__proto__` becomes a plain key, as in JSON.parse. */
export function setKey(target: Record<string, Json>, key: string, value: Json): void {
  if (key === '__proto__')
    Object.defineProperty(target, key, { value, enumerable: true, configurable: true, writable: true });
  else target[key] = value;
}

/** A shallow copy that keeps `__proto__` a plain key. */
export function copyObject(source: JsonObject): Record<string, Json> {
  const copy: Record<string, Json> = {};
  for (const key of Object.keys(source)) setKey(copy, key, source[key] as Json);
  return copy;
}

/** The member of an object by its own key, never one it inherits (`toString`, `__proto__`). */
export function member(value: JsonObject, key: string): Json | undefined {
  return Object.hasOwn(value, key) ? value[key] : undefined;
}

/** Deep equality of JSON values; the order of an object's keys does not count. */
export function equalJson(a: Json, b: Json): boolean {
  if (a === b) return true;
  if (isArray(a)) return isArray(b) && a.length === b.length && a.every((item, i) => equalJson(item, b[i] as Json));
  if (!isObject(a) || !isObject(b)) return false;
  const keys = Object.keys(a);
  return (
    keys.length === Object.keys(b).length &&
    keys.every((key) => Object.hasOwn(b, key) && equalJson(a[key] as Json, b[key] as Json))
  );
}

const ENCODER = new TextEncoder();
/** What texts are encoded into to see how long they become. */
const SCRATCH = new Uint8Array(262_144);
/** Units from which on it is faster to encode a text than to look at each of its units. */
const LONG_TEXT = 400;

/** Length of a text in UTF-8 bytes. */
export function utf8Length(text: string): number {
  if (text.length > LONG_TEXT) {
    const { read, written } = ENCODER.encodeInto(text, SCRATCH);
    return read === text.length ? written : ENCODER.encode(text).length;
  }
  let bytes = text.length;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    if (unit < 0x80) continue;
    bytes += unit < 0x800 || (unit >= 0xd800 && unit < 0xe000) ? 1 : 2;
  }
  return bytes;
}
