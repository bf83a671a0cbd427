/** Puts the outputs of a run together, once all of its pieces are done. */
import type { FunctionHandler } from 'fanfold';
import { variable } from '../orders/environment.ts';
import { type Published, publish } from '../orders/publish.ts';

interface MergeEvent {
  readonly StatusKey: string;
  readonly Bucket: string;
  readonly Key: string;
}

export const handler: FunctionHandler<MergeEvent, Published> = ({ StatusKey, Bucket, Key }) =>
  publish({ bucket: Bucket, key: Key, runId: StatusKey, volume: variable('EFS_DIRECTORY') });
