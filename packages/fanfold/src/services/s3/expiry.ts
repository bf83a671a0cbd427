/**
 * Lets go of objects, of versions of them, and of uploads that were begun and never completed, whose time is over: in the
 * background, a page at a time.
 */
import type { BucketExpiry } from '../../ports/buckets.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Logger } from '../../ports/logger.ts';
import type { Objects, ObjectVersionRef } from '../../ports/objects.ts';
import type { Uploads } from '../../ports/uploads.ts';

export interface ExpiryRule extends BucketExpiry {
  readonly bucket: string;
}

export interface ExpiryParams {
  readonly rules: readonly ExpiryRule[];
  readonly objects: Pick<Objects, 'list' | 'listVersions' | 'delete'>;
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

/** Does one page of what a rule lets go of, and says where the next begins. */
type Work = (rule: ExpiryRule, after: After | undefined) => Promise<After | undefined>;

/** Behind a key, or behind an upload or a version of it. */
interface After {
  readonly key: string;
  readonly uploadId?: string;
  readonly versionId?: string;
  /** How many versions of the key are newer than the next, the latest left out. */
  readonly newer?: number;
}

export function startExpiry({ rules, objects, uploads, clock, logger }: ExpiryParams): Expiry {
  let closed = false;
  let disarm = (): void => {};
  let working: Promise<void> = Promise.resolve();
  let removed = 0;

  const isOver = (since: Date, days = Infinity): boolean => since.getTime() <= clock.now() - days * DAY_MS;

  const oldObjects: Work = async ({ bucket, prefix, days }, after) => {
    const { objects: found, next } = await objects.list({ bucket, prefix, limit: PAGE, after: after?.key ?? '' });
    for (const { key, sequencer, lastModified } of found) {
      if (closed || !isOver(lastModified, days)) continue;
      // What has replaced it meanwhile stays.
      await objects.delete({ bucket, key, ifSequencer: sequencer });
      removed += 1;
    }
    return next === undefined ? undefined : { key: next };
  };

  const oldUploads: Work = async ({ bucket, prefix, days }, after) => {
    const from = after && { after: { key: after.key, uploadId: after.uploadId ?? '' } };
    const { uploads: found, more } = await uploads.list({ bucket, prefix, limit: PAGE, ...from });
    for (const { key, uploadId, initiated } of found) {
      if (closed || !isOver(initiated, days)) continue;
      await uploads.abort({ bucket, key, uploadId });
      removed += 1;
    }
    return more ? found.at(-1) : undefined;
  };

  const oldVersions: Work = async ({ bucket, prefix, noncurrent = { days: Infinity, keep: 0 } }, after) => {
    const { newer: _newer, ...from } = after ?? { key: '' };
    const { versions, next } = await objects.listVersions({ bucket, prefix, limit: PAGE, after: from });
    let { key: last, newer = 0 } = after ?? { key: '' };
    for (const [i, version] of versions.entries()) {
      const { key, versionId, sequencer, lastModified, isLatest, noncurrentSince = lastModified } = version;
      if (key !== last) newer = 0;
      last = key;
      const isKept = isLatest ? version.kind === 'object' : newer < noncurrent.keep;
      if (!isLatest) newer += 1;
      if (closed || isKept || !isOver(noncurrentSince, noncurrent.days)) continue;
      // A delete marker has its use while there is something below it.
      if (isLatest && (versions[i + 1]?.key === key || (await hasMore({ bucket, key, versionId })))) continue;
      await objects.delete({ bucket, key, versionId, ifSequencer: sequencer });
      removed += 1;
    }
    return next && { ...next, newer };
  };
  const hasMore = async ({ bucket, key, versionId }: Required<ObjectVersionRef>): Promise<boolean> => {
    const below = await objects.listVersions({ bucket, prefix: key, limit: 1, after: { key, versionId } });
    return below.versions[0]?.key === key;
  };

  const works = rules.flatMap((rule) => [
    ...(rule.days === undefined ? [] : [oldObjects, oldUploads].map((work) => ({ rule, work }))),
    ...(rule.noncurrent ? [{ rule, work: oldVersions }] : []),
  ]);
  const goOn = (pause: number, at: number, after?: After): void => {
    const due = works[at];
    if (closed || !due) return;
    disarm = clock.wake(clock.now() + pause, () => {
      working = page(due, at, after);
    });
  };
  const page = async ({ rule, work }: (typeof works)[number], at: number, after: After | undefined): Promise<void> => {
    let next: After | undefined;
    try {
      next = await work(rule, after);
    } catch (error) {
      const { bucket, prefix } = rule;
      logger.error('Objects whose time is over could not be removed; it is tried again in an hour', {
        bucket,
        prefix,
        error,
      });
    }
    if (next) return goOn(PAGE_PAUSE_MS, at, next);
    if (at + 1 < works.length) return goOn(PAGE_PAUSE_MS, at + 1);
    if (removed > 0) logger.info('Objects whose time was over were removed', { objects: removed });
    removed = 0;
    goOn(PAUSE_MS, 0);
  };

  goOn(FIRST_MS, 0);
  return {
    close: async () => {
      closed = true;
      disarm();
      await working;
    },
  };
}
