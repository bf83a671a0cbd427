/** The actions of the SNS API that there are; lists and maps as JSON has them. */
import { randomBytes, randomUUID } from 'node:crypto';
import type { JsonObject } from '../../json.ts';
import { ServiceError } from '../../ports/service-error.ts';
import type { DeliveryLine } from '../../ports/deliveries.ts';
import { withoutPassword } from '../redact.ts';
import { checkMembers, optionalText, pageOf, subscriptionOf, text, texts, topicOf } from './input.ts';
import { confirmationOf } from './notification.ts';
import { PUBLISH_MEMBERS, publish, publishBatch } from './publishing.ts';
import { checkSubscriptionAttributes } from './subscription-attributes.ts';
import { invalidParameter, subscriptionNotFound, topicNotFound } from './sns-error.ts';
import type { Subscription, Topic, TopicsStore } from './topics-store.ts';

export interface SnsContext {
  readonly store: TopicsStore;
  readonly deliveries: DeliveryLine;
  /** Of a topic, or of `<topic>:<subscription>`. */
  readonly arn: (name: string) => string;
  /** A link for people, as mails have it. */
  readonly link: (action: string, params: Readonly<Record<string, string>>) => string;
  readonly account: string;
  readonly now: () => number;
  readonly idempotencyKey: string | undefined;
}

interface Action {
  readonly members: readonly string[];
  run(input: JsonObject, context: SnsContext): JsonObject;
}

const ACTIONS: ReadonlyMap<string, Action> = new Map<string, Action>([
  ['CreateTopic', { members: ['Name', 'Attributes'], run: createTopic }],
  [
    'DeleteTopic',
    { members: ['TopicArn'], run: (input, { store }) => (store.deleteTopic(topicOf(text(input, 'TopicArn'))), {}) },
  ],
  ['ListTopics', { members: ['NextToken'], run: listTopics }],
  ['GetTopicAttributes', { members: ['TopicArn'], run: getTopicAttributes }],
  ['SetTopicAttributes', { members: ['TopicArn', 'AttributeName', 'AttributeValue'], run: setTopicAttributes }],
  [
    'Subscribe',
    { members: ['TopicArn', 'Protocol', 'Endpoint', 'Attributes', 'ReturnSubscriptionArn'], run: subscribe },
  ],
  ['ConfirmSubscription', { members: ['TopicArn', 'Token'], run: confirmSubscription }],
  ['Unsubscribe', { members: ['SubscriptionArn'], run: unsubscribe }],
  [
    'ListSubscriptions',
    { members: ['NextToken'], run: (input, context) => listed(input, context.store.subscriptions(), context) },
  ],
  [
    'ListSubscriptionsByTopic',
    {
      members: ['TopicArn', 'NextToken'],
      run: (input, context) => listed(input, context.store.subscriptions(findTopic(input, context).name), context),
    },
  ],
  ['GetSubscriptionAttributes', { members: ['SubscriptionArn'], run: getSubscriptionAttributes }],
  [
    'SetSubscriptionAttributes',
    { members: ['SubscriptionArn', 'AttributeName', 'AttributeValue'], run: setSubscriptionAttributes },
  ],
  ['Publish', { members: PUBLISH_MEMBERS, run: publish }],
  ['PublishBatch', { members: ['TopicArn', 'PublishBatchRequestEntries'], run: publishBatch }],
]);

/** @throws ServiceError */
export function runAction(name: string, input: JsonObject, context: SnsContext): JsonObject {
  const action = ACTIONS.get(name);
  if (!action)
    throw new ServiceError(
      'InvalidAction',
      `The action ${name} of SNS is not available here. Available are: ${[...ACTIONS.keys()].join(', ')}.`,
    );
  checkMembers(name, input, action.members);
  return action.run(input, context);
}

function findTopic(input: JsonObject, { store }: SnsContext): Topic {
  const topic = store.topic(topicOf(text(input, 'TopicArn')));
  if (!topic) throw topicNotFound();
  return topic;
}

function findSubscription(input: JsonObject, { store }: SnsContext): Subscription {
  const found = store.subscription(subscriptionOf(text(input, 'SubscriptionArn')));
  if (!found) throw subscriptionNotFound();
  return found;
}

function checkTopicAttribute(name: string): void {
  if (name !== 'DisplayName')
    throw invalidParameter(`AttributeName Reason: of a topic there is DisplayName here, not ${name}`);
}

function createTopic(input: JsonObject, { store, arn }: SnsContext): JsonObject {
  const name = text(input, 'Name');
  if (name.endsWith('.fifo')) throw invalidParameter('Name Reason: FIFO topics are not available here');
  if (!/^[A-Za-z0-9_-]{1,256}$/.test(name)) throw invalidParameter('Topic Name');
  const attributes = texts(input, 'Attributes');
  for (const one of Object.keys(attributes)) checkTopicAttribute(one);
  const known = store.topic(name);
  if (!known) store.createTopic(name, attributes);
  else if (Object.entries(attributes).some(([key, value]) => known.attributes[key] !== value))
    throw invalidParameter('Attributes Reason: Topic already exists with different attributes');
  return { TopicArn: arn(name) };
}

function listTopics(input: JsonObject, { store, arn }: SnsContext): JsonObject {
  const { items, next } = pageOf(input, store.topics());
  return { Topics: items.map(({ name }) => ({ TopicArn: arn(name) })), ...next };
}

function getTopicAttributes(input: JsonObject, context: SnsContext): JsonObject {
  const { name, attributes } = findTopic(input, context);
  const all = context.store.subscriptions(name);
  const pending = all.filter(({ token }) => token !== null).length;
  return {
    Attributes: {
      TopicArn: context.arn(name),
      Owner: context.account,
      DisplayName: attributes['DisplayName'] ?? '',
      SubscriptionsConfirmed: String(all.length - pending),
      SubscriptionsPending: String(pending),
      SubscriptionsDeleted: '0',
    },
  };
}

function setTopicAttributes(input: JsonObject, context: SnsContext): JsonObject {
  const { name, attributes } = findTopic(input, context);
  const attribute = text(input, 'AttributeName');
  checkTopicAttribute(attribute);
  context.store.setTopicAttributes(name, { ...attributes, [attribute]: optionalText(input, 'AttributeValue') ?? '' });
  return {};
}

const ENDPOINTS: Readonly<Record<string, RegExp>> = {
  sqs: /^arn:[^:]*:sqs:[^:]*:[^:]*:[A-Za-z0-9_-]{1,80}$/,
  lambda: /^arn:[^:]*:lambda:[^:]*:[^:]*:function:[A-Za-z0-9_-]+$/,
  http: /^http:\/\/[^\s/]\S*$/i,
  https: /^https:\/\/[^\s/]\S*$/i,
  email: /^[^@\s<>,;:"]+@[^@\s<>,;:"]+$/,
  'email-json': /^[^@\s<>,;:"]+@[^@\s<>,;:"]+$/,
};

function subscribe(input: JsonObject, context: SnsContext): JsonObject {
  const topic = findTopic(input, context);
  const protocol = text(input, 'Protocol');
  const pattern = Object.hasOwn(ENDPOINTS, protocol) ? ENDPOINTS[protocol] : undefined;
  if (!pattern)
    throw invalidParameter(`Protocol Reason: there are ${Object.keys(ENDPOINTS).join(', ')} here, not ${protocol}`);
  const endpoint = text(input, 'Endpoint');
  if (!pattern.test(endpoint)) throw invalidParameter(`Endpoint Reason: ${endpoint} is none of ${protocol}`);
  const attributes = texts(input, 'Attributes');
  checkSubscriptionAttributes(attributes);
  const { store, arn } = context;
  const answer = ({ name, token }: Pick<Subscription, 'name' | 'token'>): JsonObject => ({
    SubscriptionArn:
      token === null || String(input['ReturnSubscriptionArn']) === 'true'
        ? arn(`${topic.name}:${name}`)
        : 'pending confirmation',
  });
  const known = store.subscriptions(topic.name).find((one) => one.protocol === protocol && one.endpoint === endpoint);
  if (known && Object.entries(attributes).some(([name, value]) => known.attributes[name] !== value))
    throw invalidParameter('Attributes Reason: Subscription already exists with different attributes');
  if (known && known.token === null) return answer(known);
  const token = /^(?:email|http)/.test(protocol) ? randomBytes(32).toString('hex') : null;
  const made = known ?? { name: randomUUID(), protocol, endpoint, attributes, token };
  if (!known) store.subscribe(topic, made);
  if (made.token !== null) askForConfirmation(topic.name, { ...made, token: made.token }, context);
  return answer(made);
}

/** Nobody gets a topic's messages at an address who has not said so. */
function askForConfirmation(
  topic: string,
  { protocol, endpoint, token }: Pick<Subscription, 'protocol' | 'endpoint'> & { readonly token: string },
  { arn, link, deliveries, now }: SnsContext,
): void {
  const url = link('ConfirmSubscription', { TopicArn: arn(topic), Token: token });
  const timestamp = new Date(now()).toISOString();
  deliveries.accept({}, [
    protocol.startsWith('http')
      ? confirmationOf({ topicArn: arn(topic), token, url, endpoint, timestamp })
      : {
          target: { kind: 'mail', to: endpoint, subject: 'AWS Notification - Subscription Confirmation' },
          payload: `You have chosen to subscribe to the topic ${arn(topic)}.\n\nTo confirm this subscription, open:\n${url}\n\nIf you did not ask for it, do nothing.\n`,
        },
  ]);
}

function confirmSubscription(input: JsonObject, context: SnsContext): JsonObject {
  const { name } = findTopic(input, context);
  const token = text(input, 'Token');
  const found = context.store.subscriptions(name).find((one) => one.token === token);
  if (!found) throw invalidParameter('Token');
  context.store.confirm(found.name);
  return { SubscriptionArn: context.arn(`${name}:${found.name}`) };
}

function unsubscribe(input: JsonObject, { store }: SnsContext): JsonObject {
  store.unsubscribe(subscriptionOf(text(input, 'SubscriptionArn')));
  return {};
}

function listed(input: JsonObject, all: readonly Subscription[], { arn, account }: SnsContext): JsonObject {
  const { items, next } = pageOf(input, all);
  return {
    Subscriptions: items.map(({ topic, name, protocol, endpoint, token }) => ({
      SubscriptionArn: token === null ? arn(`${topic}:${name}`) : 'PendingConfirmation',
      Owner: account,
      Protocol: protocol,
      Endpoint: withoutPassword(endpoint),
      TopicArn: arn(topic),
    })),
    ...next,
  };
}

function getSubscriptionAttributes(input: JsonObject, context: SnsContext): JsonObject {
  const { topic, name, protocol, endpoint, attributes, token } = findSubscription(input, context);
  return {
    Attributes: {
      RawMessageDelivery: 'false',
      ...attributes,
      SubscriptionArn: context.arn(`${topic}:${name}`),
      TopicArn: context.arn(topic),
      Owner: context.account,
      Protocol: protocol,
      Endpoint: withoutPassword(endpoint),
      PendingConfirmation: String(token !== null),
    },
  };
}

function setSubscriptionAttributes(input: JsonObject, context: SnsContext): JsonObject {
  const { name, attributes } = findSubscription(input, context);
  const attribute = text(input, 'AttributeName');
  const value = optionalText(input, 'AttributeValue') ?? '';
  const changed = { ...attributes, [attribute]: value };
  checkSubscriptionAttributes(changed);
  context.store.setSubscriptionAttributes(name, changed);
  return {};
}
