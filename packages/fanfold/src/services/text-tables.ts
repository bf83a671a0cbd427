/**
 * Tables whose items are read as the JSON texts that they are stored as. So they cross between threads, which costs a tenth of
 * what items cost, and only whoever wants an item parses it.
 */
import type { Item, Tables } from '../ports/tables.ts';

type Read = 'get' | 'getMany' | 'query' | 'scan';

export interface TextTables extends Omit<Tables, Read> {
  get(...params: Parameters<Tables['get']>): Promise<string | undefined>;
  getMany(...params: Parameters<Tables['getMany']>): Promise<readonly (string | undefined)[]>;
  query(...params: Parameters<Tables['query']>): Promise<TextPage>;
  scan(...params: Parameters<Tables['scan']>): Promise<TextPage>;
}

export interface TextPage {
  readonly items: readonly string[];
  /** The key to go on behind. */
  readonly next?: string;
}

export function parsedTables(texts: TextTables): Tables {
  return {
    ...texts,
    get: async (params) => parsed(await texts.get(params)),
    getMany: async (params) => (await texts.getMany(params)).map(parsed),
    query: async (params) => parsedPage(await texts.query(params)),
    scan: async (params) => parsedPage(await texts.scan(params)),
  };
}

function parsed(text: string | undefined): Item | undefined {
  return text === undefined ? undefined : (JSON.parse(text) as Item);
}

function parsedPage({ items, next }: TextPage): { readonly items: readonly Item[]; readonly next?: Item } {
  const page = { items: items.map((text) => JSON.parse(text) as Item) };
  return next === undefined ? page : { ...page, next: JSON.parse(next) as Item };
}
