import { isArray, type Json, setKey } from '../../json.ts';
import { MAX_NESTING } from '../limits.ts';

/**
 * A Parquet value as JSON: whole numbers that a JSON number cannot hold exactly as text, instants as ISO 8601, bytes in
 * base64, numbers that are none (`NaN`, `Infinity`) as text.
 */
export function toJson(value: unknown, level = 0): Json {
  if (level > MAX_NESTING) throw new Error(`a value is nested deeper than ${MAX_NESTING} levels`);
  if (value === undefined || value === null) return null;
  if (typeof value === 'bigint') return Number.isSafeInteger(Number(value)) ? Number(value) : String(value);
  if (typeof value === 'number') return Number.isFinite(value) ? value : String(value);
  if (typeof value === 'string' || typeof value === 'boolean') return value;
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? null : value.toISOString();
  if (value instanceof Uint8Array) return Buffer.from(value).toString('base64');
  if (ArrayBuffer.isView(value)) return Array.from(value as unknown as ArrayLike<unknown>, (inner) => toJson(inner));
  if (isArray(value)) return value.map((inner) => toJson(inner, level + 1));
  return toObject(Object.entries(value as object), level);
}

/** Names are kept as they are, `__proto__` too. */
export function toObject(entries: readonly (readonly [string, unknown])[], level = 0): Json {
  const object: Record<string, Json> = {};
  for (const [name, value] of entries) setKey(object, name, toJson(value, level + 1));
  return object;
}
