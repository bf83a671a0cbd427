/** $base64encode and $base64decode as AWS has them: UTF-8, padding optional, nothing outside the alphabet. */
import type { EngineError } from './generated/jsonata-sync.js';

/** Bytes that become characters in one call. */
const CHUNK = 8192;

export function base64encode(text: string): string {
  const bytes = new TextEncoder().encode(text);
  const parts: string[] = [];
  for (let at = 0; at < bytes.length; at += CHUNK) parts.push(String.fromCharCode(...bytes.subarray(at, at + CHUNK)));
  return btoa(parts.join(''));
}

export function base64decode(text: string): string {
  const digits = text.replace(/={1,2}$/, '');
  if (!/^[A-Za-z0-9+/]*$/.test(digits) || digits.length % 4 === 1) throw malformed(text);
  const bytes = Uint8Array.from(atob(digits), (character) => character.charCodeAt(0));
  return new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes);
}

function malformed(text: string): EngineError {
  return {
    code: 'D3137',
    message: `Malformed Base64 passed to $base64decode(): ${JSON.stringify(text.slice(0, 100))}`,
  };
}
