/** Activities: tasks that their workers fetch for themselves. */
import type { JsonObject } from '../json.ts';
import type { Tag } from './state-machines.ts';

export interface ActivityRecord {
  readonly arn: string;
  readonly name: string;
  /** Milliseconds since the epoch. */
  readonly createdAt: number;
  /** In AWS's shape; kept and shown. */
  readonly encryption: JsonObject;
  readonly tags: readonly Tag[];
}

/** What a worker is given. */
export interface ActivityTask {
  /** To answer with, through {@link import('./task-tokens.ts').TaskTokens}. */
  readonly taskToken: string;
  /** JSON text. */
  readonly input: string;
}

export interface TakeParams {
  readonly activityArn: string;
  /** Shown in the history. */
  readonly workerName?: string;
  /** Aborted when the worker is gone: no task is given to it any more, and one that it did not get goes to another. */
  readonly signal: AbortSignal;
}

export interface ActivityRecords {
  /** Creating what is there changes nothing. @throws ServiceError InvalidName, ActivityAlreadyExists, TooManyTags */
  create(params: Pick<ActivityRecord, 'name' | 'tags' | 'encryption'>): Promise<ActivityRecord>;
  /** @throws ServiceError ActivityDoesNotExist */
  describe(activityArn: string): Promise<ActivityRecord>;
  /** What was scheduled waits on, and is there again when the activity is. Removing what is not there changes nothing. */
  remove(activityArn: string): Promise<void>;
  /** By name. */
  list(): Promise<readonly ActivityRecord[]>;
  /** @throws ServiceError ResourceNotFound, TooManyTags */
  tag(activityArn: string, tags: readonly Tag[]): Promise<void>;
  /** @throws ServiceError ResourceNotFound */
  tags(activityArn: string): Promise<readonly Tag[]>;
  /** @throws ServiceError ResourceNotFound */
  untag(activityArn: string, keys: readonly string[]): Promise<void>;
}

export interface Activities extends ActivityRecords {
  /**
   * The next task of an activity, oldest first; waits a minute for one, and gives nothing when there is none by then.
   * @throws ServiceError ActivityDoesNotExist
   */
  take(params: TakeParams): Promise<ActivityTask | undefined>;
}
