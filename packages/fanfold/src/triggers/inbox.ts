/**
 * The inbox: a file dropped into `<inbox>/<bucket>/<path>` becomes the object `<path>` of that bucket, once and whole,
 * and is then removed.
 *
 *   looking -> settling -> looking …   until it is complete: unchanged for `settleMs`, or older when first seen
 *   looking -> queued -> uploading -> removed
 *   queued -> looking                  somebody has it open for writing
 *   uploading -> looking               it changed meanwhile
 *   any -> failed -> looking           after a while, again and again
 *
 * Watching only tells where to look: every so often, and at the start, the whole inbox is gone through, since shared
 * folders of some systems tell nothing.
 */
import { mkdir, realpath } from 'node:fs/promises';
import { join } from 'node:path';
import type { Clock } from '../ports/clock.ts';
import type { Logger } from '../ports/logger.ts';
import type { ObjectRef, Objects } from '../ports/objects.ts';
import { backoff } from './backoff.ts';
import { coalesce } from './coalesce.ts';
import { dropOf } from './inbox/drop.ts';
import { fileOf, type Found, inspect, type Look, sameLook } from './inbox/look.ts';
import { type IngestedFiles, takeIn } from './inbox/take-in.ts';
import { walk } from './inbox/walk.ts';
import { createWarnings, type Warnings } from './inbox/warnings.ts';
import { openWatcher } from './inbox/watch.ts';
import { openForWriting } from './inbox/writers.ts';

export interface InboxParams {
  /** The inbox, which has a folder for each bucket; made when they are not there. */
  readonly directory: string;
  readonly buckets: readonly string[];
  /** Folders in those of the buckets that are made as well. @defaultValue none */
  readonly folders?: readonly string[];
  readonly objects: Objects;
  /** Of the store that `objects` puts into. */
  readonly index: IngestedFiles;
  /** Resolves once what was put so far survives a power cut (I2). */
  readonly sync: () => Promise<void>;
  readonly clock: Clock;
  readonly logger: Logger;
  /** How long a file must stay as it is to count as complete, milliseconds. @defaultValue 2000 */
  readonly settleMs?: number;
  /** How often the whole inbox is gone through, milliseconds. @defaultValue 10000 */
  readonly sweepMs?: number;
}

export interface Inbox {
  /** Goes through the inbox once more; resolves when nothing is in progress. Files that failed and wait do not count. */
  idle(): Promise<void>;
  /** Takes in nothing more. A file that was being read stays where it is. */
  close(): Promise<void>;
}

const UPLOADS = 4;
const SWEEP_MS = 10_000;
/** How long it is taken for true who writes what, milliseconds: to ask takes some, and a file that is written to changes. */
const WRITERS_MS = 1000;

/** @throws Error when a bucket's name is no folder's, and filesystem errors when the inbox cannot be made */
export async function createInbox(params: InboxParams): Promise<Inbox> {
  for (const bucket of params.buckets) checkFolder(bucket);
  for (const bucket of params.buckets) await mkdir(join(params.directory, bucket), { recursive: true });
  for (const folder of params.folders ?? []) await mkdir(folder, { recursive: true });
  await mkdir(params.directory, { recursive: true });
  const intake = new Intake(params, await realpath(params.directory));
  await intake.open();
  return { idle: () => intake.idle(), close: () => intake.close() };
}

function checkFolder(bucket: string): void {
  if (/^\.*$|[\\/]/.test(bucket))
    throw new Error(
      `The bucket ${JSON.stringify(bucket)} cannot have a folder in the inbox: it is no name of a folder.`,
    );
}

/** A file that is being dealt with. */
interface Entry {
  readonly path: string;
  readonly ref: ObjectRef;
  /** The last look at it. */
  look: Look | undefined;
  /** Something was told about it since the last look. */
  again: boolean;
  failures: number;
  /** The error last logged: one that stays is logged once. */
  logged: string | undefined;
  /** Calls off what it waits for. */
  cancel: (() => void) | undefined;
}

class Intake {
  readonly #params: InboxParams;
  readonly #root: string;
  readonly #buckets: ReadonlySet<string>;
  readonly #settleMs: number;
  readonly #warnings: Warnings;
  readonly #sweep: () => Promise<void>;
  readonly #sync: () => Promise<void>;
  readonly #entries = new Map<string, Entry>();
  /** Those of the entries that failed and wait for another try. */
  readonly #failed = new Set<Entry>();
  readonly #queue = new Set<Entry>();
  readonly #uploads = new Set<Promise<void>>();
  readonly #closing = new AbortController();
  #waiters: (() => void)[] = [];
  #cancelSweep: (() => void) | undefined;
  #isBlind = false;
  #writers: { readonly at: number; readonly files: Promise<ReadonlySet<string>> } | undefined;
  #watcher: { close(): Promise<void> } | undefined;

  constructor(params: InboxParams, root: string) {
    this.#params = params;
    this.#root = root;
    this.#buckets = new Set(params.buckets);
    this.#settleMs = params.settleMs ?? 2000;
    this.#warnings = createWarnings(params.logger);
    this.#sweep = coalesce(() => this.#goThrough());
    this.#sync = coalesce(params.sync);
  }

  get #closed(): boolean {
    return this.#closing.signal.aborted;
  }

  async open(): Promise<void> {
    this.#watcher = await openWatcher({
      root: this.#root,
      buckets: this.#buckets,
      onHint: (path) => void this.#offer(path),
      onError: (error) => this.#blind(error),
    });
    void this.#sweep();
  }

  #blind(error: unknown): void {
    if (this.#isBlind) return;
    this.#isBlind = true;
    const { logger, sweepMs = SWEEP_MS } = this.#params;
    const withinSeconds = sweepMs / 1000;
    logger.warn('The inbox cannot be watched as a whole: some new files are found later', { withinSeconds, error });
  }

  async idle(): Promise<void> {
    await this.#sweep();
    while (!this.#closed && this.#entries.size > this.#failed.size) {
      const { promise, resolve } = Promise.withResolvers<void>();
      this.#waiters.push(resolve);
      await promise;
    }
  }

  async close(): Promise<void> {
    this.#closing.abort();
    this.#cancelSweep?.();
    for (const { cancel } of this.#entries.values()) cancel?.();
    this.#queue.clear();
    this.#wake();
    await this.#watcher?.close();
    await Promise.all(this.#uploads);
    await this.#sweep();
  }

  async #goThrough(): Promise<void> {
    this.#cancelSweep?.();
    if (this.#closed) return;
    const onError = (folder: string, error: unknown): void =>
      this.#warnings.warn(`${folder}/`, 'A folder of the inbox cannot be read', { folder, error });
    this.#warnings.begin();
    for await (const path of walk(this.#root, this.#buckets, onError)) {
      if (this.#closed) return;
      await this.#offer(path);
    }
    this.#warnings.end();
    if (this.#closed) return;
    const { clock, sweepMs = SWEEP_MS } = this.#params;
    this.#cancelSweep = clock.wake(clock.now() + sweepMs, () => void this.#sweep());
  }

  /** Deals with a path that was told of. Never throws. */
  async #offer(path: string): Promise<void> {
    if (this.#closed) return;
    const known = this.#entries.get(path);
    if (known) {
      known.again = true;
      return;
    }
    const drop = dropOf(path, this.#buckets);
    if (drop.kind === 'refused') this.#refuse(drop.about, drop.reason);
    if (drop.kind !== 'object') return;
    const entry: Entry = {
      path,
      ref: drop.ref,
      look: undefined,
      again: false,
      failures: 0,
      logged: undefined,
      cancel: undefined,
    };
    this.#entries.set(path, entry);
    await this.#look(entry);
  }

  #refuse(file: string, reason: string): void {
    this.#warnings.warn(file, `A file in the inbox is left alone: ${reason}`, { file });
  }

  async #look(entry: Entry): Promise<void> {
    entry.cancel = undefined;
    entry.again = false;
    try {
      const found = await inspect(this.#root, entry.path);
      if (!this.#closed) this.#judge(entry, found);
    } catch (error) {
      this.#fail(entry, error);
    }
  }

  #judge(entry: Entry, found: Found): void {
    if (found.kind !== 'file') {
      const reason = unfit(found.kind, entry.path);
      if (reason) this.#refuse(entry.path, reason);
      this.#leave(entry);
      return;
    }
    const complete = this.#isComplete(entry.look, found.look);
    entry.look = found.look;
    if (complete) {
      this.#queue.add(entry);
      this.#upload();
    } else {
      entry.cancel = this.#wait(this.#settleMs, () => this.#look(entry));
    }
  }

  /** Looks that follow each other are `settleMs` apart. */
  #isComplete(before: Look | undefined, now: Look): boolean {
    if (before) return sameLook(before, now);
    return this.#params.clock.now() - Number(now.modified / 1_000_000n) >= this.#settleMs;
  }

  #upload(): void {
    for (const entry of this.#queue) {
      if (this.#uploads.size >= UPLOADS) return;
      this.#queue.delete(entry);
      const upload = this.#take(entry).finally(() => {
        this.#uploads.delete(upload);
        this.#upload();
      });
      this.#uploads.add(upload);
    }
  }

  /** Never throws: a file that fails is tried again later. */
  async #take(entry: Entry): Promise<void> {
    const { path, ref, look } = entry;
    const { objects, index } = this.#params;
    if (!look) return;
    const params = { root: this.#root, path, look, ref, objects, index, sync: this.#sync };
    try {
      if (await this.#isWritten(path)) {
        if (!this.#closed) entry.cancel = this.#wait(this.#settleMs, () => this.#look(entry));
        return;
      }
      const result = await takeIn({ ...params, signal: this.#closing.signal });
      if (this.#closed) return;
      if (result === 'changed') {
        entry.cancel = this.#wait(this.#settleMs, () => this.#look(entry));
        return;
      }
      if (entry.logged !== undefined)
        this.#params.logger.info('A file of the inbox was taken in at last', { file: path });
      this.#leave(entry);
    } catch (error) {
      this.#fail(entry, error);
    }
  }

  async #isWritten(path: string): Promise<boolean> {
    const now = this.#params.clock.now();
    if (!this.#writers || Math.abs(now - this.#writers.at) >= WRITERS_MS)
      this.#writers = { at: now, files: openForWriting(this.#root) };
    return (await this.#writers.files).has(fileOf(this.#root, path));
  }

  #fail(entry: Entry, error: unknown): void {
    if (this.#closed) return;
    entry.failures += 1;
    entry.look = undefined;
    const wait = backoff(entry.failures);
    const message = String(error);
    if (message !== entry.logged) {
      const fields = { file: entry.path, retryInSeconds: wait / 1000, error };
      this.#params.logger.error('A file in the inbox could not be taken in', fields);
      entry.logged = message;
    }
    this.#failed.add(entry);
    entry.cancel = this.#wait(wait, () => {
      this.#failed.delete(entry);
      return this.#look(entry);
    });
    this.#wake();
  }

  #wait(milliseconds: number, run: () => Promise<void>): () => void {
    const { clock } = this.#params;
    return clock.wake(clock.now() + milliseconds, () => void run());
  }

  /** Done with a file. What was told about since, if anything is there, is a file of its own. */
  #leave(entry: Entry): void {
    this.#entries.delete(entry.path);
    if (entry.again) void this.#offer(entry.path);
    this.#wake();
  }

  #wake(): void {
    for (const waiter of this.#waiters.splice(0)) waiter();
  }
}

/** Why something that is no plain file is left alone; undefined when there is nothing to say. */
function unfit(kind: Exclude<Found['kind'], 'file'>, path: string): string | undefined {
  switch (kind) {
    case 'link':
      return 'it is a symbolic link, or behind one, and links are not followed. Drop the file itself';
    case 'special':
      return 'it is no plain file but a pipe, socket or device';
    case 'gone':
      // A name in another encoding cannot be asked for by its text.
      return path.includes('\ufffd') ? 'its name is not valid UTF-8. Rename it' : undefined;
    case 'folder':
      return undefined;
    default:
      return kind satisfies never;
  }
}
