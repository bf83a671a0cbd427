/**
 * What becomes of an object once the execution that it started has ended: it is moved to the trigger's archive, or to
 * its error folder with a report beside it.
 *
 * A1 Nothing moves before the end of the execution is synced, and the end counts as told only when the move is (I2).
 * A2 Nothing is overwritten: an object whose name is taken gets its sequencer into the name.
 * A3 Telling an end again, after a crash at any point, comes to the same: the report has its name before the object
 *    moves, and an object that is gone was moved already.
 * A4 Only the version that started the execution is moved: one that replaced it has an execution of its own.
 * A5 Of what a manifest names, versions that came after the start stay as well; the files go first, the manifest last.
 * A6 When an execution was redriven and then succeeded, its object is archived from the error folder, and its report removed.
 */
import type { Execution } from '../interpreter/execution.ts';
import type { Logger } from '../ports/logger.ts';
import type { ObjectRef, Objects } from '../ports/objects.ts';
import { ServiceError } from '../ports/service-error.ts';
import { coalesce } from './coalesce.ts';
import { type Ending, errorReport, type ObjectOrigin, REPORT_SUFFIX } from './error-report.ts';
import { readManifestObject } from './file-set/file-sets.ts';
import { targetKeys } from './object-key.ts';
import { checkTriggers, REPORT_OF, type Trigger } from './trigger.ts';

export interface ArrivalParams {
  readonly triggers: readonly Trigger[];
  readonly objects: Objects;
  /** Resolves once all that was committed so far, of executions and of objects, survives a power cut (I2). */
  readonly sync: () => Promise<void>;
  readonly logger: Logger;
}

export interface Arrival {
  /**
   * Takes note that an execution which an object started has ended. Resolves when the object is where it belongs, for
   * good; when it throws, call it again later.
   */
  closed(origin: ObjectOrigin, execution: Execution): Promise<void>;
  /**
   * Sets an object aside that is none for its trigger, with a report, as if an execution had failed on it. Again, it comes
   * to the same.
   */
  rejected(origin: ObjectOrigin, reason: string): Promise<void>;
}

/** @throws Error when two triggers share a name, or an archive has no name */
export function createArrival(params: ArrivalParams): Arrival {
  checkTriggers(params.triggers);
  const triggers = new Map(params.triggers.map((trigger) => [trigger.name, trigger]));
  const sync = coalesce(params.sync);
  return {
    closed: async (origin, execution) => {
      const trigger = triggers.get(origin.trigger);
      const { bucket, key } = origin;
      if (!trigger) {
        const fields = { bucket, key, trigger: origin.trigger, execution: execution.arn };
        params.logger.warn('The trigger of an object is not in the project any more: the object stays', fields);
        return;
      }
      const succeeded = execution.status === 'SUCCEEDED';
      const prefix = succeeded ? trigger.archive : trigger.error;
      if (prefix === undefined) return;
      await sync();
      const settling = { ...params, origin, ending: execution, prefix };
      // Before the manifest: as long as it is there, it says what is left to do.
      for await (const file of filesOf(settling, trigger)) await archive({ ...settling, origin: file });
      await (succeeded ? archive(settling) : setAside(settling));
      if (succeeded && execution.redrive && trigger.error !== undefined) await takeBack(settling, trigger.error);
      await sync();
    },
    rejected: async (origin, reason) => {
      const { bucket, key, trigger } = origin;
      params.logger.warn('An object was rejected', { bucket, key, trigger, reason });
      const prefix = triggers.get(trigger)?.error;
      if (prefix === undefined) return;
      await sync();
      const stoppedAt = null;
      const ending: Ending = { arn: null, status: 'REJECTED', error: 'Fanfold.Rejected', cause: reason, stoppedAt };
      await setAside({ ...params, origin, ending, prefix });
      await sync();
    },
  };
}

interface Settling extends ArrivalParams {
  readonly origin: ObjectOrigin;
  readonly ending: Ending;
  readonly prefix: string;
}

/** The files of a manifest, as far as they are still the versions that its execution was started with. */
async function* filesOf({ origin, objects }: Settling, trigger: Trigger): AsyncGenerator<ObjectOrigin> {
  const { bucket, filesUpTo } = origin;
  const manifest = filesUpTo === undefined ? undefined : await readManifestObject(objects, origin, trigger);
  for (const { key } of manifest?.ok ? manifest.value : []) {
    const file = await objects.head({ bucket, key });
    if (file && filesUpTo !== undefined && file.sequencer <= filesUpTo)
      yield { ...origin, key, sequencer: file.sequencer };
  }
}

async function archive(settling: Settling): Promise<void> {
  for (const to of targets(settling, 0)) {
    if (!(await isThere(settling)) || sameKey(settling.origin, to)) return;
    if (await moved(settling, to)) return;
  }
}

async function setAside(settling: Settling): Promise<void> {
  const { objects, origin } = settling;
  for (const to of targets(settling, REPORT_SUFFIX.length)) {
    if (!(await isThere(settling))) return;
    const stays = sameKey(origin, to);
    if (!stays && (await objects.head(to))) continue;
    const report = { bucket: to.bucket, key: to.key + REPORT_SUFFIX };
    if (!(await reported(settling, report))) continue;
    if (stays || (await moved(settling, to))) return;
    // Somebody took the name, or the object, in this moment: the report must not stay behind alone.
    await objects.delete(report);
  }
}

/** Archives what an earlier end of the execution had set aside; its report says where that is. */
async function takeBack(settling: Settling, error: string): Promise<void> {
  const { objects, origin, ending, prefix } = settling;
  const { bucket, key, sequencer } = origin;
  for (const asideKey of targetKeys(error, key, sequencer, REPORT_SUFFIX.length)) {
    const aside = { bucket, key: asideKey };
    const report = { bucket, key: asideKey + REPORT_SUFFIX };
    const [object, found] = await Promise.all([objects.head(aside), objects.head(report)]);
    if (!object && !found) return;
    if (found?.metadata[REPORT_OF] !== cameOf(origin, ending)) continue;
    for (const to of object && asideKey !== key ? targetKeys(prefix, key, sequencer, 0) : [])
      if (
        await moved(
          { ...settling, origin: { ...origin, key: asideKey, sequencer: object?.sequencer ?? '' } },
          { bucket, key: to },
        )
      )
        break;
    await objects.delete(report);
    return;
  }
}

function* targets({ origin, prefix }: Settling, spare: number): Generator<ObjectRef> {
  const { bucket, key, sequencer } = origin;
  for (const target of targetKeys(prefix, key, sequencer, spare)) yield { bucket, key: target };
}

/** Whether the version that started the execution is still under its key. */
async function isThere({ objects, origin, ending, logger }: Settling): Promise<boolean> {
  const { bucket, key, sequencer } = origin;
  const found = await objects.head({ bucket, key });
  if (found && found.sequencer !== sequencer) {
    const fields = { bucket, key, execution: ending.arn };
    logger.info('An object was replaced while its execution ran: the new version stays where it is', fields);
  }
  return found?.sequencer === sequencer;
}

/** Moves the object; false when the name is taken or the object is not that version any more. */
async function moved({ objects, origin, ending, logger }: Settling, to: ObjectRef): Promise<boolean> {
  const { bucket, key, sequencer } = origin;
  try {
    await objects.move({ from: { bucket, key }, to, ifAbsent: true, ifSequencer: sequencer });
  } catch (error) {
    if (isRefusal(error)) return false;
    throw error;
  }
  logger.info('An object was moved as its execution ended', {
    bucket,
    key,
    to: to.key,
    status: ending.status,
    execution: ending.arn,
  });
  return true;
}

/** Writes the report, unless it is there already; false when the name belongs to something else. */
async function reported({ objects, origin, ending }: Settling, report: ObjectRef): Promise<boolean> {
  try {
    await objects.put({
      ...report,
      body: errorReport(origin, ending),
      contentType: 'application/json',
      metadata: { [REPORT_OF]: cameOf(origin, ending) },
      ifAbsent: true,
    });
    return true;
  } catch (error) {
    if (!isRefusal(error)) throw error;
    const there = await objects.head(report);
    return there?.metadata[REPORT_OF] === cameOf(origin, ending);
  }
}

/** What a report is known by: its execution; of a rejected object, the version. */
function cameOf({ trigger, sequencer }: ObjectOrigin, { arn }: Ending): string {
  return arn ?? `rejected by ${encodeURIComponent(trigger)} ${sequencer}`;
}

function isRefusal(error: unknown): boolean {
  return error instanceof ServiceError && (error.code === 'PreconditionFailed' || error.code === 'NoSuchKey');
}

function sameKey(a: ObjectRef, b: ObjectRef): boolean {
  return a.key === b.key;
}
