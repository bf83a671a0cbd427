/** Moves the files of an event to another bucket. Nothing is overwritten: a name that is taken gets the version into it. */
import { posix } from 'node:path';
import { type FunctionHandler, type Objects, ServiceError } from 'fanfold';
import { type Arrived, arrivedIn, type ObjectNotification } from '../students/event.ts';

interface MoveEvent {
  /** A bucket. */
  readonly to: string;
  readonly source: ObjectNotification;
}

export const handler: FunctionHandler<MoveEvent, null> = async ({ to, source }, { objects }) => {
  const { INBOUND_BUCKET = '' } = process.env;
  for (const arrived of arrivedIn(INBOUND_BUCKET, source)) await move(objects, arrived, to);
  return null;
};

async function move(objects: Objects, { bucket, key, sequencer }: Arrived, to: string): Promise<void> {
  const { dir, name, ext } = posix.parse(key);
  for (const target of [key, posix.join(dir, `${name}.${sequencer}${ext}`)]) {
    try {
      const refs = { from: { bucket, key }, to: { bucket: to, key: target } };
      await objects.move({ ...refs, ifAbsent: true, ifSequencer: sequencer });
      return;
    } catch (error) {
      if (!(error instanceof ServiceError)) throw error;
      // Gone: an earlier attempt has moved it.
      if (error.code === 'NoSuchKey') return;
      if (error.code !== 'PreconditionFailed') throw error;
    }
  }
}
