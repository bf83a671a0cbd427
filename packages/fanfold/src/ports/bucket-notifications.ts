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

const ALL_EVENTS = 's3:ObjectCreated:*';
const NAMES: readonly ObjectEventName[] = [
  'ObjectCreated:Put',
  'ObjectCreated:Copy',
  'ObjectCreated:CompleteMultipartUpload',
];
export const NOTIFICATION_EVENTS: readonly string[] = [ALL_EVENTS, ...NAMES.map((name) => `s3:${name}`)];

/** Whether there are objects that both rules tell of: S3 takes no two such rules for a bucket. */
export function rulesOverlap(a: NotificationRule, b: NotificationRule): boolean {
  const [prefixes, suffixes] = [[a.prefix ?? '', b.prefix ?? ''] as const, [a.suffix ?? '', b.suffix ?? ''] as const];
  return (
    a.events.some((event) => b.events.some((other) => event === other || [event, other].includes(ALL_EVENTS))) &&
    (prefixes[0].startsWith(prefixes[1]) || prefixes[1].startsWith(prefixes[0])) &&
    (suffixes[0].endsWith(suffixes[1]) || suffixes[1].endsWith(suffixes[0]))
  );
}

export function ruleMatches(
  { events, prefix = '', suffix = '' }: NotificationRule,
  { name, object }: ObjectEvent,
): boolean {
  return (
    (events.includes(ALL_EVENTS) || events.includes(`s3:${name}`)) &&
    object.key.startsWith(prefix) &&
    object.key.endsWith(suffix)
  );
}
