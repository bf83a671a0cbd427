/** GetBucketNotificationConfiguration and PutBucketNotificationConfiguration: who is told of new objects. */
import { randomUUID } from 'node:crypto';
import type { Json } from '../../json.ts';
import {
  NOTIFICATION_EVENTS,
  NOTIFICATION_SETTING,
  type NotificationRule,
  type NotificationTargetKind,
  rulesOverlap,
} from '../../ports/bucket-notifications.ts';
import { checkBucket } from './bucket-actions.ts';
import { invalidArgument, notImplemented, type S3Request } from './request.ts';
import { readXml } from './xml-body.ts';
import { sendXml, type XmlContent } from './xml.ts';
import { childrenOf, childText, type XmlElement } from './xml-tree.ts';

/** Of each kind: the element of a rule, and the one in it that names the target. */
const ELEMENTS: Readonly<Record<NotificationTargetKind, readonly [rule: string, target: string]>> = {
  topic: ['TopicConfiguration', 'Topic'],
  queue: ['QueueConfiguration', 'Queue'],
  function: ['CloudFunctionConfiguration', 'CloudFunction'],
};
/** The name under which it is set that EventBridge is told. */
const BRIDGE = 'eventBridge';
const KINDS = Object.keys(ELEMENTS) as readonly NotificationTargetKind[];

export async function getNotification(request: S3Request): Promise<void> {
  const { buckets, bucket, outgoing } = request;
  const rules = ((await buckets.setting(bucket, NOTIFICATION_SETTING)) ?? []) as unknown as readonly NotificationRule[];
  const content = Object.fromEntries(
    KINDS.map((kind) => [ELEMENTS[kind][0], rules.filter((rule) => rule.kind === kind).map(elementOf)]),
  );
  const bridge = (await buckets.setting(bucket, BRIDGE)) === true;
  sendXml(outgoing, 'NotificationConfiguration', { ...content, ...(bridge && { EventBridgeConfiguration: '' }) });
}

function elementOf({ id, kind, arn, events, prefix, suffix }: NotificationRule): XmlContent {
  const names = Object.entries({ Prefix: prefix, Suffix: suffix });
  const FilterRule = names.flatMap(([Name, Value]) => (Value === undefined ? [] : [{ Name, Value }]));
  return {
    Id: id,
    [ELEMENTS[kind][1]]: arn,
    Event: events,
    ...(FilterRule.length > 0 && { Filter: { S3Key: { FilterRule } } }),
  };
}

export async function putNotification(request: S3Request): Promise<void> {
  const { buckets, bucket, notifiable, outgoing } = request;
  const configuration = await readXml(request, 'NotificationConfiguration');
  await checkBucket(request);
  const known = [...Object.values(ELEMENTS).map(([rule]) => rule), 'EventBridgeConfiguration'];
  const unknown = configuration.children.find(({ name }) => !known.includes(name));
  if (unknown) throw notImplemented(`'${unknown.name}' in the notification configuration of a bucket`);
  const rules = KINDS.flatMap((kind) => childrenOf(configuration, ELEMENTS[kind][0]).map((each) => ruleOf(kind, each)));
  checkOverlap(rules);
  for (const { kind, arn } of rules)
    if (!(await notifiable(kind, arn, bucket)))
      throw invalidArgument(
        `Unable to validate the following destination configurations: there is no ${kind} ${arn} for this bucket`,
      );
  const ids = new Set(rules.map(({ id }) => id));
  if (ids.size !== rules.length) throw invalidArgument('Configurations cannot share their Id.');
  await buckets.set(bucket, NOTIFICATION_SETTING, rules.length === 0 ? undefined : (rules as unknown as Json));
  // Rules on events see every object anyway; it is remembered for who asks.
  const bridge = childrenOf(configuration, 'EventBridgeConfiguration').length > 0;
  await buckets.set(bucket, BRIDGE, bridge ? true : undefined);
  outgoing.writeHead(200, { 'content-length': 0 }).end();
}

/** @throws ServiceError InvalidArgument when one object would be told of by two of them */
function checkOverlap(rules: readonly NotificationRule[]): void {
  for (const [index, rule] of rules.entries()) {
    const other = rules.slice(index + 1).find((each) => rulesOverlap(rule, each));
    if (!other) continue;
    const isFiltered = [rule, other].some(({ prefix, suffix }) => prefix !== undefined || suffix !== undefined);
    throw invalidArgument(
      isFiltered
        ? 'Configuration is ambiguously defined. Cannot have overlapping suffixes in two rules if the prefixes are overlapping for the same event type.'
        : 'Configurations overlap. Configurations on the same bucket cannot share a common event type.',
    );
  }
}

/** @throws ServiceError InvalidArgument, NotImplemented */
function ruleOf(kind: NotificationTargetKind, element: XmlElement): NotificationRule {
  const events = childrenOf(element, 'Event').map(({ text }) => text);
  if (events.length === 0) throw invalidArgument('A notification configuration names one event at least.');
  const other = events.find((event) => !NOTIFICATION_EVENTS.includes(event));
  if (other !== undefined) throw notImplemented(`the event ${other}: ${NOTIFICATION_EVENTS.join(', ')}`);
  const filters = childrenOf(element, 'Filter')
    .flatMap((filter) => childrenOf(filter, 'S3Key'))
    .flatMap((s3Key) => childrenOf(s3Key, 'FilterRule'))
    .map((rule) => [(childText(rule, 'Name') ?? '').toLowerCase(), childText(rule, 'Value') ?? ''] as const);
  const { prefix, suffix, ...others } = Object.fromEntries(filters) as Record<string, string>;
  if (Object.keys(others).length > 0)
    throw invalidArgument(`filter rule name must be either prefix or suffix, not ${Object.keys(others).join(', ')}`);
  return {
    id: childText(element, 'Id') || randomUUID(),
    kind,
    arn: childText(element, ELEMENTS[kind][1]) ?? '',
    events,
    ...(prefix !== undefined && { prefix }),
    ...(suffix !== undefined && { suffix }),
  };
}
