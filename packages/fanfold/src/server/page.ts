/** A page of a listing that is whole in memory. */
import { decodePageToken, encodePageToken, type Listing } from './page-token.ts';

export interface PageParams<T> {
  readonly listing: Listing;
  /** In the order of their keys. */
  readonly items: readonly T[];
  /** Unique; what the next page begins behind. It may be gone by then. */
  readonly keyOf: (item: T) => string;
  readonly limit: number;
  readonly nextToken: string | undefined;
}

/** @throws ServiceError InvalidToken */
export function pageOf<T>({ listing, items, keyOf, limit, nextToken }: PageParams<T>): {
  readonly page: readonly T[];
  readonly next: { readonly nextToken?: string };
} {
  const after = nextToken === undefined ? undefined : decodePageToken(listing, nextToken, 'string');
  const left = after === undefined ? items : items.filter((item) => keyOf(item) > after);
  const page = left.slice(0, limit);
  const last = page.at(-1);
  if (last === undefined || left.length === page.length) return { page, next: {} };
  return { page, next: { nextToken: encodePageToken(listing, keyOf(last)) } };
}
