/** Moving an object whose execution has ended: what all of it is made of. */
import type { Logger } from '../ports/logger.ts';
import type { ObjectRef, Objects } from '../ports/objects.ts';
import { ServiceError } from '../ports/service-error.ts';
import type { Ending, ObjectOrigin } from './error-report.ts';
import { targetKeys } from './object-key.ts';

/** An object that an execution has ended on, and the prefix that it is moved below. */
export interface Settling {
  readonly objects: Objects;
  readonly logger: Logger;
  readonly origin: ObjectOrigin;
  readonly ending: Ending;
  readonly prefix: string;
}

export function* targets({ origin, prefix }: Settling, spare: number): Generator<ObjectRef> {
  const { bucket, key, sequencer } = origin;
  for (const target of targetKeys(prefix, key, sequencer, spare)) yield { bucket, key: target };
}

/** Whether the version that started the execution is still under its key. */
export async function isThere({ objects, origin, ending, logger }: Settling): Promise<boolean> {
  const { bucket, key, sequencer } = origin;
  const found = await objects.head({ bucket, key });
  if (found && found.sequencer !== sequencer) {
    const fields = { bucket, key, execution: ending.arn };
    logger.info('An object was replaced while its execution ran: the new version stays where it is', fields);
  }
  return found?.sequencer === sequencer;
}

/** Moves the object; false when the name is taken or the object is not that version any more. */
export async function moved({ objects, origin, ending, logger }: Settling, to: ObjectRef): Promise<boolean> {
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

export function isRefusal(error: unknown): boolean {
  return error instanceof ServiceError && (error.code === 'PreconditionFailed' || error.code === 'NoSuchKey');
}

export function sameKey(a: ObjectRef, b: ObjectRef): boolean {
  return a.key === b.key;
}
