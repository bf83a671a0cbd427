/** Lets go of objects, and of uploads that were begun and never completed, whose time is over: in the background, a page at a time. */
import type { Clock } from '../../ports/clock.ts';
import type { Logger } from '../../ports/logger.ts';
import type { Objects } from '../../ports/objects.ts';
import type { Uploads } from '../../ports/uploads.ts';

export interface ExpiryRule {
  readonly bucket: string;
  readonly prefix: string;
  /** From when the object was written, or the upload begun. */
  readonly days: number;
}

export interface ExpiryParams {
  readonly rules: readonly ExpiryRule[];
  readonly objects: Pick<Objects, 'list' | 'delete'>;
  readonly uploads: Pick<Uploads, 'list' | 'abort'>;
  readonly clock: Clock;
  readonly logger: Logger;
}

export interface Expiry {
  /** Nothing more is removed once this resolves. */
  close(): Promise<void>;
}

const DAY_MS = 24 * 60 * 60 * 1000;
/** From the start to the first look, between two looks, and between two pages of one, milliseconds. */
const FIRST_MS = 60_000;
const PAUSE_MS = 3_600_000;
const PAGE_PAUSE_MS = 20;
const PAGE = 100;

/** Where a look stands: at a rule, behind a key. */
interface Place {
  readonly rule: number;
  readonly after?: string;
}

export function startExpiry({ rules, objects, uploads, clock, logger }: ExpiryParams): Expiry {
  let closed = false;
  let disarm = (): void => {};
  let working: Promise<void> = Promise.resolve();
  let removed = 0;

  const goOn = (pause: number, place: Place): void => {
    const rule = rules[place.rule];
    if (closed || !rule) return;
    disarm = clock.wake(clock.now() + pause, () => {
      working = page(rule, place);
    });
  };
  const isDue = (rule: ExpiryRule, since: Date): boolean => since.getTime() <= clock.now() - rule.days * DAY_MS;
  const endUploads = async (rule: ExpiryRule): Promise<void> => {
    const { bucket, prefix } = rule;
    for (let after: { readonly key: string; readonly uploadId: string } | undefined; ;) {
      const listed = await uploads.list({ bucket, prefix, limit: PAGE, ...(after && { after }) });
      for (const { key, uploadId, initiated } of listed.uploads) {
        after = { key, uploadId };
        if (closed || !isDue(rule, initiated)) continue;
        await uploads.abort({ bucket, key, uploadId });
        removed += 1;
      }
      if (closed || !listed.more) return;
    }
  };
  const page = async (rule: ExpiryRule, place: Place): Promise<void> => {
    const { bucket, prefix } = rule;
    let next: string | undefined;
    try {
      const { after } = place;
      const listed = await objects.list({ bucket, prefix, limit: PAGE, ...(after !== undefined && { after }) });
      next = listed.next;
      for (const { key, sequencer, lastModified } of listed.objects) {
        if (closed || !isDue(rule, lastModified)) continue;
        // What has replaced it meanwhile stays.
        await objects.delete({ bucket, key, ifSequencer: sequencer });
        removed += 1;
      }
      if (next === undefined) await endUploads(rule);
    } catch (error) {
      logger.error('Objects whose time is over could not be removed; it is tried again in an hour', {
        bucket,
        prefix,
        error,
      });
    }
    if (next !== undefined) return goOn(PAGE_PAUSE_MS, { rule: place.rule, after: next });
    if (place.rule + 1 < rules.length) return goOn(PAGE_PAUSE_MS, { rule: place.rule + 1 });
    if (removed > 0) logger.info('Objects whose time was over were removed', { objects: removed });
    removed = 0;
    goOn(PAUSE_MS, { rule: 0 });
  };

  goOn(FIRST_MS, { rule: 0 });
  return {
    close: async () => {
      closed = true;
      disarm();
      await working;
    },
  };
}
