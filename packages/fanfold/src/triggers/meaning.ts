/** What an event means to a trigger: its marker, or the files of its manifest, may not be there yet. */
import type { ExecutionStatus } from '../interpreter/execution.ts';
import type { Executions } from '../ports/executions.ts';
import type { ObjectEvent, Objects } from '../ports/objects.ts';
import { ServiceError } from '../ports/service-error.ts';
import { executionArn } from '../state-machine-arn.ts';
import type { ObjectOrigin } from './error-report.ts';
import { executionName } from './execution-name.ts';
import type { FileSets, FoundFile } from './file-set/file-sets.ts';
import { markedKey, rejection, type Trigger } from './trigger.ts';

/** It is to be started, not yet, or never. */
export type Meant =
  | { readonly kind: 'start'; readonly event: ObjectEvent; readonly files?: readonly FoundFile[] }
  | { readonly kind: 'waiting' }
  | { readonly kind: 'nothing' };

export interface Meanings {
  /** @param event one that the trigger matches */
  of(trigger: Trigger, event: ObjectEvent): Promise<Meant>;
  /** Undefined for an execution that never was, or that has ended so long ago that it is not kept any more. */
  statusOf(executionArn: string): Promise<ExecutionStatus | undefined>;
}

export interface MeaningsParams {
  readonly executions: Pick<Executions, 'describe'>;
  readonly objects: Pick<Objects, 'head'>;
  readonly fileSets: FileSets;
  /** Sets an object aside that is none for its trigger. */
  readonly reject: (origin: ObjectOrigin, reason: string) => Promise<void>;
}

const NOTHING: Meant = { kind: 'nothing' };

export function createMeanings({ executions, objects, fileSets, reject }: MeaningsParams): Meanings {
  const statusOf = async (arn: string): Promise<ExecutionStatus | undefined> => {
    try {
      return (await executions.describe(arn)).status;
    } catch (error) {
      if (error instanceof ServiceError && error.code === 'ExecutionDoesNotExist') return undefined;
      throw error;
    }
  };
  const isStarted = async (trigger: Trigger, event: ObjectEvent): Promise<boolean> =>
    (await statusOf(executionArn(trigger.stateMachineArn, executionName(trigger, event)))) !== undefined;

  const ofManifest = async (trigger: Trigger, event: ObjectEvent): Promise<Meant> => {
    // Its end may have moved the files away.
    if (await isStarted(trigger, event)) return { kind: 'start', event };
    const readiness = await fileSets.look(trigger, event);
    if (readiness.kind === 'ready') return { kind: 'start', event, files: readiness.files };
    if (readiness.kind === 'refused') await reject(originOf(trigger, event), readiness.reason);
    return readiness.kind === 'waiting' ? { kind: 'waiting' } : NOTHING;
  };

  const ofMarked = async (trigger: Trigger, marker: string, event: ObjectEvent): Promise<Meant> => {
    const { bucket, key } = event.object;
    const marked = markedKey(trigger, event);
    if (marked === undefined) {
      const isWhole = (await objects.head({ bucket, key: key + marker })) !== undefined;
      // Its start may have taken the marker away, while its line still waits for its end.
      return isWhole || (await isStarted(trigger, event)) ? { kind: 'start', event } : NOTHING;
    }
    const object = await objects.head({ bucket, key: marked });
    if (!object) return NOTHING;
    const meant = { ...event, object };
    const reason = rejection(trigger, meant);
    if (reason === undefined) return { kind: 'start', event: meant };
    await reject(originOf(trigger, meant), reason);
    return NOTHING;
  };

  return {
    of: async (trigger, event) => {
      if (trigger.manifest) return ofManifest(trigger, event);
      if (trigger.marker !== undefined) return ofMarked(trigger, trigger.marker, event);
      return { kind: 'start', event };
    },
    statusOf,
  };
}

export function originOf({ name }: Trigger, { object: { bucket, key, sequencer } }: ObjectEvent): ObjectOrigin {
  return { kind: 'object', trigger: name, bucket, key, sequencer };
}
