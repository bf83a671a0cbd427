/**
 * Sets of files that a manifest names: whether all of them are there as it says, and what the manifest waits for.
 *
 * F1 What waits is the event of the manifest, which stays pending: a restart looks at it again, so nothing else is stored.
 * F2 A manifest that waits is looked at again when one file comes that it lacks, the middle one of them: some ten times for
 *    ten thousand files, in whatever order they come, and what is kept of it does not grow with the number of its files.
 * F3 No arrival is missed: after a manifest has begun to wait for a file, that file is looked for once more.
 * F4 A manifest that was replaced waits no more; the new one has an event of its own.
 */
import type { Clock } from '../../ports/clock.ts';
import type { Logger } from '../../ports/logger.ts';
import type { ObjectEvent, ObjectInfo, Objects } from '../../ports/objects.ts';
import { fail, type Result } from '../../result.ts';
import type { Trigger } from '../trigger.ts';
import { contentProblem, openVersion, sizeProblem } from './agreement.ts';
import { MOST_MANIFEST_BYTES, type NamedFile, readManifest } from './manifest.ts';

/** A file that is as its manifest says. */
export interface FoundFile {
  readonly named: NamedFile;
  readonly object: ObjectInfo;
}

export type Readiness =
  | { readonly kind: 'ready'; readonly files: readonly FoundFile[] }
  | { readonly kind: 'waiting' }
  | { readonly kind: 'refused'; readonly reason: string }
  /** The manifest was replaced or removed. */
  | { readonly kind: 'gone' };

export interface FileSetsParams {
  readonly objects: Pick<Objects, 'head' | 'get'>;
  readonly clock: Clock;
  readonly logger: Logger;
  /** The event of this id is to be looked at again. */
  readonly again: (id: number) => void;
}

/** A file that a manifest lacks. */
interface Lack {
  readonly key: string;
  /** Of the version that is not as the manifest says; absent when there is none. */
  readonly sequencer?: string;
  /** What is wrong with that version. */
  readonly problem?: string;
}

interface Wait {
  readonly id: number;
  readonly places: readonly string[];
  /** One of its files has come since it began to wait. */
  hasCome: boolean;
  /** Whether its event may be taken up again. */
  isArmed: boolean;
}

const MOST_VERIFIED = 20_000;
const MOST_TOLD = 5;

export class FileSets {
  readonly #params: FileSetsParams;
  readonly #waits = new Map<string, Wait>();
  readonly #byPlace = new Map<string, Set<Wait>>();
  readonly #deadlines = new Map<string, () => void>();
  /** Of each manifest that waits, which versions were last said to be wrong: it is said once. */
  readonly #told = new Map<string, string>();
  /** Versions whose content was found as a manifest says: it is not read again while others are waited for. */
  readonly #verified = new Set<string>();

  constructor(params: FileSetsParams) {
    this.#params = params;
  }

  /** @returns whether the set is complete; one that is not is told by `again` when to ask once more */
  async look(trigger: Trigger, event: ObjectEvent): Promise<Readiness> {
    const name = nameOf(trigger, event);
    for (;;) {
      this.#forget(name);
      const manifest = await readManifestObject(this.#params.objects, event.object, trigger);
      if (manifest === undefined || !manifest.ok) {
        this.#settle(name);
        return manifest ? { kind: 'refused', reason: manifest.error } : { kind: 'gone' };
      }
      const found = await this.#find(trigger, event.object.bucket, manifest.value);
      if (found.lacks.length === 0) {
        this.#settle(name);
        return { kind: 'ready', files: found.files };
      }
      const readiness = await this.#wait(trigger, event, found.lacks, manifest.value.length);
      if (readiness) return readiness;
    }
  }

  /** Takes note of an object: what waits for it, or for another manifest of its name, is looked at again. */
  arrived({ id, object: { bucket, key } }: ObjectEvent): void {
    for (const wait of this.#byPlace.get(placeOf(bucket, key)) ?? []) {
      if (wait.id === id) continue;
      wait.hasCome = true;
      if (!wait.isArmed) continue;
      wait.isArmed = false;
      this.#params.again(wait.id);
    }
  }

  close(): void {
    for (const cancel of this.#deadlines.values()) cancel();
    this.#deadlines.clear();
  }

  async #find(
    { maxBytes }: Trigger,
    bucket: string,
    named: readonly NamedFile[],
  ): Promise<{ readonly files: readonly FoundFile[]; readonly lacks: readonly Lack[] }> {
    const { objects } = this.#params;
    const files: FoundFile[] = [];
    const lacks: Lack[] = [];
    for (const file of named) {
      const object = await objects.head({ bucket, key: file.key });
      const problem = object && sizeProblem(file, object, maxBytes);
      if (!object) lacks.push({ key: file.key });
      else if (problem !== undefined) lacks.push({ key: file.key, sequencer: object.sequencer, problem });
      else files.push({ named: file, object });
    }
    // Files are read once all have come, so that each is read about once.
    for (const { named: file, object } of lacks.length === 0 ? files : []) {
      const problem = await this.#contentProblem(file, object);
      if (problem !== undefined) lacks.push({ key: file.key, sequencer: object.sequencer, problem });
    }
    return { files, lacks };
  }

  async #contentProblem(file: NamedFile, object: ObjectInfo): Promise<string | undefined> {
    const version = JSON.stringify([object.bucket, object.sequencer, file]);
    if (this.#verified.has(version)) return undefined;
    const problem = await contentProblem(file, object, this.#params.objects);
    if (problem !== undefined) return problem;
    if (this.#verified.size >= MOST_VERIFIED) this.#verified.clear();
    this.#verified.add(version);
    return undefined;
  }

  /** Undefined when something has come meanwhile. */
  async #wait(
    trigger: Trigger,
    event: ObjectEvent,
    lacks: readonly Lack[],
    files: number,
  ): Promise<Readiness | undefined> {
    const { objects, clock } = this.#params;
    const { bucket, key } = event.object;
    const name = nameOf(trigger, event);
    const until = event.at.getTime() + (trigger.manifest?.waitSeconds ?? Infinity) * 1000;
    if (clock.now() >= until) {
      this.#settle(name);
      return { kind: 'refused', reason: `Not all files came in time. ${textOf(lacks, files)}` };
    }
    const watched = lacks[Math.floor(lacks.length / 2)] as Lack;
    const wait = { id: event.id, places: [watched.key, key].map((each) => placeOf(bucket, each)) };
    const waiting: Wait = { ...wait, hasCome: false, isArmed: false };
    this.#waits.set(name, waiting);
    for (const place of waiting.places) this.#byPlace.set(place, (this.#byPlace.get(place) ?? new Set()).add(waiting));
    const now = await objects.head({ bucket, key: watched.key });
    if (waiting.hasCome || now?.sequencer !== watched.sequencer) return undefined;
    waiting.isArmed = true;
    if (until < Infinity && !this.#deadlines.has(name))
      this.#deadlines.set(
        name,
        clock.wake(until, () => {
          this.#deadlines.delete(name);
          this.#params.again(event.id);
        }),
      );
    this.#tell(trigger, event, lacks, files);
    return { kind: 'waiting' };
  }

  #tell(trigger: Trigger, event: ObjectEvent, lacks: readonly Lack[], files: number): void {
    const { logger } = this.#params;
    const name = nameOf(trigger, event);
    const wrong = lacks.filter(({ problem }) => problem !== undefined);
    // Of what is only not there yet it is enough to hear once.
    const versions = wrong.map(({ sequencer }) => sequencer).join();
    if (this.#told.has(name) && (wrong.length === 0 || this.#told.get(name) === versions)) return;
    this.#told.set(name, versions);
    const missing = lacks.filter(({ problem }) => problem === undefined);
    const { bucket, key } = event.object;
    const fields = { bucket, key, trigger: trigger.name, reason: textOf([...wrong, ...missing], files) };
    if (wrong.length > 0)
      logger.warn('Files are not as their manifest says: it waits for others of their names', fields);
    else logger.info('A manifest waits for its files', fields);
  }

  #settle(name: string): void {
    this.#forget(name);
    this.#told.delete(name);
    this.#deadlines.get(name)?.();
    this.#deadlines.delete(name);
  }

  #forget(name: string): void {
    const wait = this.#waits.get(name);
    if (!wait) return;
    this.#waits.delete(name);
    for (const place of wait.places) {
      const waits = this.#byPlace.get(place);
      waits?.delete(wait);
      if (waits?.size === 0) this.#byPlace.delete(place);
    }
  }
}

/** Undefined when that version of the manifest is not there any more. */
export async function readManifestObject(
  objects: Pick<Objects, 'head' | 'get'>,
  { bucket, key, sequencer }: Pick<ObjectInfo, 'bucket' | 'key' | 'sequencer'>,
  trigger: Trigger,
): Promise<Result<readonly NamedFile[], string> | undefined> {
  const found = await objects.head({ bucket, key });
  if (found?.sequencer !== sequencer) return undefined;
  if (found.size > MOST_MANIFEST_BYTES)
    return fail(
      `The manifest is not taken. It has ${found.size} bytes, and ${MOST_MANIFEST_BYTES} is the most that is read.`,
    );
  const body = await openVersion(found, objects);
  if (!body) return undefined;
  const parts: Uint8Array[] = [];
  for await (const part of body) parts.push(part);
  return readManifest(Buffer.concat(parts), { ...trigger, key });
}

function textOf(lacks: readonly Lack[], files: number): string {
  const some = lacks.slice(0, MOST_TOLD).map(({ key, problem }) => `${key}: ${problem ?? 'it is not there'}`);
  const more = lacks.length > some.length ? `; and ${lacks.length - some.length} more` : '';
  return `Of ${files} files ${lacks.length} are missing or not as the manifest says. ${some.join('; ')}${more}`;
}

function nameOf({ name }: Trigger, { id }: ObjectEvent): string {
  return JSON.stringify([name, id]);
}

function placeOf(bucket: string, key: string): string {
  return JSON.stringify([bucket, key]);
}
