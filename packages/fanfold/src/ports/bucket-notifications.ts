/** Who is told of new objects, as it is set for a bucket over the S3 API. */
import type { ObjectEvent, ObjectEventName } from './objects.ts';

export type NotificationTargetKind = 'topic' | 'queue' | 'function';

export interface NotificationRule {
  readonly id: string;
  readonly kind: NotificationTargetKind;
  readonly arn: string;
  /** As S3 writes them: `s3:ObjectCreated:*`. */
  readonly events: readonly string[];
  readonly prefix?: string;
  readonly suffix?: string;
}

/** The name under which a bucket's rules are set. */
export const NOTIFICATION_SETTING = 'notification';

const NAMES: readonly ObjectEventName[] = [
  'ObjectCreated:Put',
  'ObjectCreated:Copy',
  'ObjectCreated:CompleteMultipartUpload',
];
export const NOTIFICATION_EVENTS: readonly string[] = ['s3:ObjectCreated:*', ...NAMES.map((name) => `s3:${name}`)];

export function ruleMatches(
  { events, prefix = '', suffix = '' }: NotificationRule,
  { name, object }: ObjectEvent,
): boolean {
  return (
    (events.includes('s3:ObjectCreated:*') || events.includes(`s3:${name}`)) &&
    object.key.startsWith(prefix) &&
    object.key.endsWith(suffix)
  );
}
