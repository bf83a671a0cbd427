/**
 * The nextToken of a listing: where the next page begins, and of which listing. Opaque to clients; a token that was
 * made for another listing is refused, or pages would be skipped in silence.
 */
import { ServiceError } from '../ports/service-error.ts';

/** Names a listing: the action and what it filters by. */
export type Listing = readonly (string | boolean | undefined)[];

export function encodePageToken(listing: Listing, after: string | number): string {
  return Buffer.from(JSON.stringify([after, ...listing.map((part) => part ?? null)])).toString('base64url');
}

/** @throws ServiceError InvalidToken */
export function decodePageToken(listing: Listing, token: string, kind: 'string'): string;
export function decodePageToken(listing: Listing, token: string, kind: 'number'): number;
export function decodePageToken(listing: Listing, token: string, kind: 'string' | 'number'): string | number {
  const parts = parse(token);
  const [after, ...of] = Array.isArray(parts) ? (parts as unknown[]) : [];
  const same = of.length === listing.length && listing.every((part, i) => (part ?? null) === of[i]);
  const usable = typeof after === 'string' || (typeof after === 'number' && Number.isSafeInteger(after) && after >= 0);
  if (!same || !usable || typeof after !== kind)
    throw new ServiceError('InvalidToken', "Invalid Token: 'Invalid token'");
  return after;
}

function parse(token: string): unknown {
  try {
    return JSON.parse(Buffer.from(token, 'base64url').toString());
  } catch {
    return undefined;
  }
}
