/** The activities of a store: what can be done with them, but for their tasks. */
import { equalJson } from '../../json.ts';
import type { ActivityRecord, ActivityRecords } from '../../ports/activities.ts';
import type { Clock } from '../../ports/clock.ts';
import { ServiceError } from '../../ports/service-error.ts';
import type { Store } from '../../ports/store.ts';
import { checkName } from '../machines/machine-changes.ts';
import { createQueue } from '../queue.ts';
import { withoutTags, withTags } from '../machines/state-machine.ts';

export interface ActivitiesParams {
  readonly store: Store;
  readonly clock: Clock;
  readonly region: string;
  readonly account: string;
}

export function createActivities({ store, clock, region, account }: ActivitiesParams): ActivityRecords {
  const serially = createQueue();

  const find = async (arn: string, missing: ServiceError): Promise<ActivityRecord> => {
    const record = await store.activity(arn);
    if (!record) throw missing;
    return record;
  };
  const change = (arn: string, work: (record: ActivityRecord) => ActivityRecord): Promise<void> =>
    serially(async () => store.saveActivity(work(await find(arn, nothingToTag(arn)))));

  return {
    create: ({ name, tags, encryption }) =>
      serially(async () => {
        checkName(name);
        const arn = `arn:aws:states:${region}:${account}:activity:${name}`;
        const before = await store.activity(arn);
        if (before) {
          if (equalJson(before.encryption, encryption)) return before;
          throw new ServiceError('ActivityAlreadyExists', `Activity Already Exists: '${arn}'`);
        }
        const record = withTags({ arn, name, createdAt: clock.now(), encryption, tags: [] }, tags);
        await store.saveActivity(record);
        return record;
      }),
    describe: (arn) => find(arn, noSuchActivity(arn)),
    remove: (arn) => serially(() => store.removeActivity(arn)),
    list: () => store.activities(),
    tag: (arn, tags) => change(arn, (record) => withTags(record, tags)),
    tags: async (arn) => (await find(arn, nothingToTag(arn))).tags,
    untag: (arn, keys) => change(arn, (record) => withoutTags(record, keys)),
  };
}

export function noSuchActivity(arn: string): ServiceError {
  return new ServiceError('ActivityDoesNotExist', `Activity Does Not Exist: '${arn}'`);
}

function nothingToTag(arn: string): ServiceError {
  return new ServiceError('ResourceNotFound', `Resource not found: '${arn}'`);
}
