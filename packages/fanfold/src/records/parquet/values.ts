import { isArray, type Json, setKey } from '../../json.ts';

/**
 * A Parquet value as JSON: whole numbers that a JSON number cannot hold exactly as text, instants as ISO 8601, bytes in
 * base64, numbers that are none (`NaN`, `Infinity`) as text.
 */
export function toJson(value: unknown): Json {
  if (value === undefined || value === null) return null;
  if (typeof value === 'bigint') return Number.isSafeInteger(Number(value)) ? Number(value) : String(value);
  if (typeof value === 'number') return Number.isFinite(value) ? value : String(value);
  if (typeof value === 'string' || typeof value === 'boolean') return value;
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? null : value.toISOString();
  if (value instanceof Uint8Array) return Buffer.from(value).toString('base64');
  if (ArrayBuffer.isView(value)) return Array.from(value as unknown as ArrayLike<unknown>, toJson);
  if (isArray(value)) return value.map(toJson);
  return toObject(Object.entries(value as object));
}

/** Names are kept as they are, `__proto__` too. */
export function toObject(entries: readonly (readonly [string, unknown])[]): Json {
  const object: Record<string, Json> = {};
  for (const [name, value] of entries) setKey(object, name, toJson(value));
  return object;
}
