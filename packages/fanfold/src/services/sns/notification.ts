/** What subscribers are sent, in the shapes that SNS gives it. */
import { randomUUID } from 'node:crypto';
import { isArray, isObject, type Json, type JsonObject, member } from '../../json.ts';
import { matchesPattern } from '../event-pattern.ts';
import type { Delivery } from '../../ports/deliveries.ts';
import type { Subscription } from './topics-store.ts';

export interface Published {
  readonly messageId: string;
  readonly topicArn: string;
  /** By protocol, where they differ. */
  readonly messages: Readonly<Record<string, string>>;
  readonly subject?: string;
  /** As SNS takes them: DataType and a value. */
  readonly attributes: JsonObject;
  /** ISO. */
  readonly timestamp: string;
}

/** Whether the subscription's filter policy lets the message through. */
export function isWanted({ attributes }: Subscription, published: Published): boolean {
  const policy = attributes['FilterPolicy'];
  if (policy === undefined || policy === '' || policy === '{}') return true;
  const pattern = JSON.parse(policy) as JsonObject;
  if (attributes['FilterPolicyScope'] === 'MessageBody') {
    const body = parse(published.messages['default'] ?? '');
    return isObject(body) && matchesPattern(pattern, body);
  }
  return matchesPattern(pattern, filterValues(published.attributes));
}

function filterValues(attributes: JsonObject): JsonObject {
  return Object.fromEntries(
    Object.entries(attributes).flatMap(([name, attribute]): [string, Json][] => {
      const type = isObject(attribute) ? String(member(attribute, 'DataType')) : '';
      const text = isObject(attribute) ? member(attribute, 'StringValue') : undefined;
      if (typeof text !== 'string') return [];
      if (type.startsWith('Number')) return [[name, Number(text)]];
      const list = type === 'String.Array' ? parse(text) : text;
      return [[name, isArray(list) ? list : text]];
    }),
  );
}

function parse(text: string): Json | undefined {
  try {
    return JSON.parse(text) as Json;
  } catch {
    return undefined;
  }
}

/** @param links where a reader can end the subscription */
export function deliveryOf(
  subscription: Subscription,
  published: Published,
  { arn, unsubscribeUrl }: { readonly arn: string; readonly unsubscribeUrl: string },
): Delivery {
  const { protocol, endpoint, attributes } = subscription;
  const message = published.messages[protocol] ?? published.messages['default'] ?? '';
  const name = endpoint.slice(endpoint.lastIndexOf(':') + 1);
  switch (protocol) {
    case 'sqs': {
      const raw = attributes['RawMessageDelivery'] === 'true';
      const isTyped = raw && Object.keys(published.attributes).length > 0;
      return {
        target: { kind: 'queue', queue: name, ...(isTyped && { attributes: published.attributes }) },
        payload: raw ? message : JSON.stringify(notification(published, message, { UnsubscribeURL: unsubscribeUrl })),
      };
    }
    case 'lambda': {
      const record = {
        EventSource: 'aws:sns',
        EventVersion: '1.0',
        EventSubscriptionArn: arn,
        Sns: {
          ...notification(published, message, { UnsubscribeUrl: unsubscribeUrl }),
          Subject: published.subject ?? null,
        },
      };
      return {
        target: { kind: 'function', functionName: name, source: published.topicArn },
        payload: JSON.stringify({ Records: [record] }),
      };
    }
    case 'http':
    case 'https': {
      const raw = attributes['RawMessageDelivery'] === 'true';
      const headers = { ...snsHeaders('Notification', published), 'x-amz-sns-subscription-arn': arn };
      return {
        target: {
          kind: 'http',
          url: endpoint,
          headers: raw ? { ...headers, 'x-amz-sns-rawdelivery': 'true' } : headers,
        },
        payload: raw ? message : JSON.stringify(notification(published, message, { UnsubscribeURL: unsubscribeUrl })),
      };
    }
    default:
      return {
        target: { kind: 'mail', to: endpoint, subject: published.subject ?? 'AWS Notification Message' },
        payload:
          protocol === 'email-json'
            ? JSON.stringify(notification(published, message, { UnsubscribeURL: unsubscribeUrl }))
            : `${message}\n\n--\nTo end this subscription: ${unsubscribeUrl}\n`,
      };
  }
}

function snsHeaders(
  type: string,
  { messageId, topicArn }: Pick<Published, 'messageId' | 'topicArn'>,
): Readonly<Record<string, string>> {
  return {
    'Content-Type': 'text/plain; charset=UTF-8',
    'User-Agent': 'Amazon Simple Notification Service Agent',
    'x-amz-sns-message-type': type,
    'x-amz-sns-message-id': messageId,
    'x-amz-sns-topic-arn': topicArn,
  };
}

export interface Confirmation {
  readonly topicArn: string;
  readonly token: string;
  /** Opening it confirms. */
  readonly url: string;
  readonly endpoint: string;
  /** ISO. */
  readonly timestamp: string;
}

/** Asks an HTTP endpoint whether it wants the topic's messages. */
export function confirmationOf({ topicArn, token, url, endpoint, timestamp }: Confirmation): Delivery {
  const messageId = randomUUID();
  return {
    target: { kind: 'http', url: endpoint, headers: snsHeaders('SubscriptionConfirmation', { messageId, topicArn }) },
    payload: JSON.stringify({
      Type: 'SubscriptionConfirmation',
      MessageId: messageId,
      Token: token,
      TopicArn: topicArn,
      Message: `You have chosen to subscribe to the topic ${topicArn}.\nTo confirm the subscription, visit the SubscribeURL included in this message.`,
      SubscribeURL: url,
      Timestamp: timestamp,
    }),
  };
}

function notification(published: Published, message: string, links: JsonObject): JsonObject {
  const { messageId, topicArn, subject, timestamp, attributes } = published;
  const shown = Object.entries(attributes).map(([name, one]): [string, Json] => {
    const value = isObject(one) ? (member(one, 'StringValue') ?? member(one, 'BinaryValue') ?? '') : '';
    return [name, { Type: isObject(one) ? (member(one, 'DataType') ?? '') : '', Value: value }];
  });
  return {
    Type: 'Notification',
    MessageId: messageId,
    TopicArn: topicArn,
    ...(subject !== undefined && { Subject: subject }),
    Message: message,
    Timestamp: timestamp,
    ...links,
    ...(shown.length > 0 && { MessageAttributes: Object.fromEntries(shown) }),
  };
}
