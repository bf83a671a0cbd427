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
 * A6 When an execution was redriven and then succeeded, its object is archived from the error folder, with the files of a
 *    manifest, and its report removed: it tells where the files were moved to before any of them is.
 */
import type { Execution } from '../interpreter/execution.ts';
import type { Logger } from '../ports/logger.ts';
import type { ObjectInfo, Objects } from '../ports/objects.ts';
import { coalesce } from './coalesce.ts';
import type { Ending, ObjectOrigin } from './error-report.ts';
import { readManifestObject } from './file-set/file-sets.ts';
import { setAside } from './set-aside.ts';
import { isThere, moved, sameKey, type Settling, targets } from './settling.ts';
import { takeBack } from './take-back.ts';
import { checkTriggers, type Trigger } from './trigger.ts';

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
      const files = filesOf(settling, trigger);
      if (succeeded) {
        for await (const { key, sequencer } of files)
          await archive({ ...settling, origin: { ...origin, key, sequencer } });
        await archive(settling);
      } else await setAside(settling, files);
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

/** The files of a manifest, as far as they are still the versions that its execution was started with. */
async function* filesOf({ origin, objects }: Settling, trigger: Trigger): AsyncGenerator<ObjectInfo> {
  const { bucket, filesUpTo } = origin;
  const manifest = filesUpTo === undefined ? undefined : await readManifestObject(objects, origin, trigger);
  for (const { key } of manifest?.ok ? manifest.value : []) {
    const file = await objects.head({ bucket, key });
    if (file && filesUpTo !== undefined && file.sequencer <= filesUpTo) yield file;
  }
}

async function archive(settling: Settling): Promise<void> {
  for (const to of targets(settling, 0)) {
    if (!(await isThere(settling)) || sameKey(settling.origin, to)) return;
    if (await moved(settling, to)) return;
  }
}
