/** Stores that can be killed: what they had written by then is all that the next opening finds. */
import { copyFileSync, cpSync, existsSync, mkdirSync, mkdtempSync, rmSync, statSync, truncateSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Store } from '../../ports/store.ts';
import { createSlowStore, type Item } from '../../testing/slow-store.ts';
import { SMALL_PACKS } from '../sqlite/packing.ts';
import { createSqliteStore } from '../sqlite/store.ts';

/** What a store keeps things in, for as long as a history lasts. */
export interface MortalMedium {
  open(): Store;
  /**
   * What is written from now on is cut short when the medium is killed.
   * @param share how much of it is there then, in [0, 1)
   */
  fail(share: number): void;
  /** The process is gone, its store with it. */
  kill(): Promise<void>;
  remove(): Promise<void>;
}

/** The most keys that a write which is cut short still writes. */
const MOST_KEYS = 24;

/** Single keys: a write that is cut short has written some of them. */
export function singleKeys(): MortalMedium {
  const items = new Map<string, Item>();
  let life = { left: Number.POSITIVE_INFINITY };
  return {
    open: () => {
      const mine = { left: Number.POSITIVE_INFINITY };
      life = mine;
      // Nothing comes back from a key that is asked for after the end.
      const wait = (): Promise<void> => (mine.left-- > 0 ? Promise.resolve() : new Promise<void>(() => {}));
      return createSlowStore({ items, wait });
    },
    fail: (share) => {
      life.left = Math.floor(share * MOST_KEYS);
    },
    kill: async () => {
      life.left = 0;
    },
    remove: async () => items.clear(),
  };
}

/** SQLite files: the end takes place between any two bytes of the log. */
export function sqliteFiles(template: string): MortalMedium {
  let directory = mkdtempSync(join(tmpdir(), 'fanfold-simulation-'));
  copyFileSync(join(template, 'engine.db'), join(directory, 'engine.db'));
  let store: Store | undefined;
  let cut: { readonly from: number; readonly share: number } | undefined;
  const logOf = (folder: string): string => join(folder, 'engine.db-wal');
  const sizeOf = (path: string): number => (existsSync(path) ? statSync(path).size : 0);
  const close = async (): Promise<void> => {
    await store?.close();
    rmSync(directory, { recursive: true, force: true });
  };
  return {
    open: () => {
      store = createSqliteStore({ directory, packs: SMALL_PACKS });
      return store;
    },
    fail: (share) => {
      cut = { from: sizeOf(logOf(directory)), share };
    },
    kill: async () => {
      const next = mkdtempSync(join(tmpdir(), 'fanfold-simulation-'));
      for (const path of ['engine.db', 'engine.db-wal']) {
        if (existsSync(join(directory, path))) copyFileSync(join(directory, path), join(next, path));
      }
      cpSync(join(directory, 'values'), join(next, 'values'), { recursive: true });
      const written = sizeOf(logOf(next)) - (cut?.from ?? 0);
      if (cut && written > 0) truncateSync(logOf(next), cut.from + Math.floor(written * cut.share));
      cut = undefined;
      await close();
      directory = next;
    },
    remove: close,
  };
}

/** A directory with empty files, to begin histories with. */
export async function sqliteTemplate(): Promise<{ readonly directory: string; remove(): void }> {
  const directory = mkdtempSync(join(tmpdir(), 'fanfold-template-'));
  mkdirSync(directory, { recursive: true });
  await createSqliteStore({ directory, packs: SMALL_PACKS }).close();
  return { directory, remove: () => rmSync(directory, { recursive: true, force: true }) };
}
