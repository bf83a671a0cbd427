/** Tells queues, topics and functions of new objects, as buckets have it set over the S3 API; stored before the event is done with. */
import type { ApiCall } from '../ports/api-call.ts';
import type { Functions } from '../ports/functions.ts';
import type { Queues } from '../ports/queues.ts';
import type { Logger } from '../ports/logger.ts';
import { ServiceError } from '../ports/service-error.ts';
import { type NotificationRule, type NotificationTargetKind, ruleMatches } from '../ports/bucket-notifications.ts';
import type { Delivery, DeliveryLine, DeliveryTarget } from '../ports/deliveries.ts';
import type { ObjectEvent } from '../ports/objects.ts';
import { notificationOf, type Place } from '../triggers/notification.ts';

export interface BucketNotificationsParams {
  /** Those of a bucket. */
  readonly rules: (bucket: string) => readonly NotificationRule[];
  readonly deliveries: DeliveryLine;
  readonly place: Place;
  /** Who may invoke a function, where not all may: `bucket:<name>` for a bucket. */
  readonly invokers: Invokers;
  readonly logger: Logger;
}

export type Invokers = (functionName: string) => readonly string[] | undefined;

/** @returns whether something was stored; an event that is told again adds nothing */
export function createBucketNotifications({
  rules,
  deliveries,
  place,
  invokers,
  logger,
}: BucketNotificationsParams): (event: ObjectEvent) => boolean {
  // The functions may have become choosier since the notification was set.
  const isAllowed = ({ kind, arn }: NotificationRule, bucket: string): boolean => {
    const allowed = kind !== 'function' || mayInvoke(invokers, bucket, targetName(arn));
    if (!allowed) logger.warn('A bucket may not invoke a function', { bucket, function: targetName(arn) });
    return allowed;
  };
  return (event) => {
    const wanted = rules(event.object.bucket)
      .filter((rule) => ruleMatches(rule, event) && isAllowed(rule, event.object.bucket))
      .map(({ id, kind, arn }): Delivery => ({
        target: TARGETS[kind](arn),
        payload: JSON.stringify(notificationOf({ name: id }, event, place)),
      }));
    if (wanted.length === 0) return false;
    const { bucket, key, sequencer } = event.object;
    deliveries.accept({}, wanted, `notification/${JSON.stringify([bucket, key, sequencer])}`);
    return true;
  };
}

const TARGETS: Readonly<Record<NotificationTargetKind, (arn: string) => DeliveryTarget>> = {
  queue: (arn) => ({ kind: 'queue', queue: targetName(arn) }),
  topic: (topicArn) => ({ kind: 'topic', topicArn }),
  function: (arn) => ({ kind: 'function', functionName: targetName(arn) }),
};

function mayInvoke(invokers: Invokers, bucket: string, functionName: string): boolean {
  return invokers(functionName)?.includes(`bucket:${bucket}`) ?? true;
}

/** Whether there is such a target, and the bucket may use it. */
export function createNotifiable({
  queues,
  topics,
  functions,
  invokers,
}: {
  readonly queues: Pick<Queues, 'has'>;
  readonly topics: ApiCall;
  readonly functions: Pick<Functions, 'has'>;
  readonly invokers: Invokers;
}): (kind: NotificationTargetKind, arn: string, bucket: string) => Promise<boolean> {
  return async (kind, arn, bucket) => {
    // As on AWS: events of a bucket belong to no group.
    if (arn.endsWith('.fifo')) return false;
    if (kind === 'queue') return queues.has(targetName(arn));
    if (kind === 'function') return functions.has(targetName(arn)) && mayInvoke(invokers, bucket, targetName(arn));
    try {
      await topics('GetTopicAttributes', { TopicArn: arn }, { signal: new AbortController().signal });
      return true;
    } catch (error) {
      if (error instanceof ServiceError) return false;
      throw error;
    }
  };
}

/** The name of a queue or a function in its ARN. */
function targetName(arn: string): string {
  return arn
    .split(':')
    .slice(5)
    .join(':')
    .replace(/^function:/, '');
}
