/** What the tables' thread does, and what travels to it and back: texts and numbers, all checked before. */
import type { TableDescription } from '../../ports/tables.ts';
import type { EncodedKey } from './table-key.ts';

export interface EncodedItem extends EncodedKey {
  /** JSON of typed attributes. */
  readonly item: string;
}

export interface Page {
  /** JSON texts. */
  readonly items: readonly string[];
  /** Whether there is more behind them. */
  readonly more: boolean;
}

/** By name: what goes in, and what comes back. */
export interface Operations {
  /** Answers with the description in force: this one, or that of a table of the same name. */
  create: { readonly params: TableDescription; readonly answer: TableDescription };
  /** All of them, or none. False, and nothing written, when `ifAbsent` and one is there. */
  put: {
    readonly params: { readonly table: string; readonly items: readonly EncodedItem[]; readonly ifAbsent: boolean };
    readonly answer: boolean;
  };
  get: { readonly params: EncodedKey & { readonly table: string }; readonly answer: string | undefined };
  delete: { readonly params: EncodedKey & { readonly table: string }; readonly answer: undefined };
  query: {
    readonly params: {
      readonly table: string;
      readonly partition: string;
      /** A sort key: start behind it. */
      readonly after: string | undefined;
      readonly limit: number;
    };
    readonly answer: Page;
  };
  scan: {
    readonly params: { readonly table: string; readonly after: EncodedKey | undefined; readonly limit: number };
    readonly answer: Page;
  };
  count: { readonly params: { readonly table: string }; readonly answer: number };
  /** Answers once everything committed survives a power cut. */
  sync: { readonly params: undefined; readonly answer: undefined };
}

export type OperationName = keyof Operations;

/** One request, whichever it is. */
export type Request = {
  [Name in OperationName]: { readonly id: number; readonly name: Name; readonly params: Operations[Name]['params'] };
}[OperationName];

/** `disk` says that it is the disk that refused. */
export type Answer =
  | { readonly id: number; readonly ok: true; readonly value: Operations[OperationName]['answer'] }
  | { readonly id: number; readonly ok: false; readonly message: string; readonly disk: boolean };

/** To the thread: requests in their order, or the wish to end. */
export type ToThread = readonly Request[] | 'close';

/** From the thread: the tables that are there, once, and then answers. */
export type FromThread = { readonly tables: readonly TableDescription[] } | readonly Answer[];
