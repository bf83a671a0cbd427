/** Publish: one message to everybody who has subscribed, accepted as a whole. */
import { randomUUID } from 'node:crypto';
import { isArray, isObject, type Json, type JsonObject, member, utf8Length } from '../../json.ts';
import { ServiceError } from '../../ports/service-error.ts';
import type { SnsContext } from './actions.ts';
import { deliveryOf, isWanted, type Published } from './notification.ts';
import { invalidParameter, topicNotFound } from './sns-error.ts';
import { checkMembers, optionalText, text, topicOf } from './input.ts';

const MOST_BYTES = 262_144;
const ENTRY_MEMBERS = ['Message', 'Subject', 'MessageStructure', 'MessageAttributes'];

export const PUBLISH_MEMBERS: readonly string[] = ['TopicArn', 'TargetArn', ...ENTRY_MEMBERS];

export function publish(input: JsonObject, context: SnsContext): JsonObject {
  const target = optionalText(input, 'TopicArn') ?? optionalText(input, 'TargetArn');
  if (target === undefined) throw invalidParameter('TopicArn or TargetArn Reason: no value for required parameter');
  return publishTo(topicOf(target), input, context, context.idempotencyKey);
}

export function publishBatch(input: JsonObject, context: SnsContext): JsonObject {
  const topic = topicOf(text(input, 'TopicArn'));
  if (!context.store.topic(topic)) throw topicNotFound();
  const entries = member(input, 'PublishBatchRequestEntries') ?? [];
  if (!isArray(entries) || entries.length === 0)
    throw new ServiceError('EmptyBatchRequest', "The batch request doesn't contain any entries.");
  if (entries.length > 10)
    throw new ServiceError('TooManyEntriesInBatchRequest', 'The batch request contains more entries than permissible.');
  const ids = entries.map((entry) => (isObject(entry) ? text(entry, 'Id') : ''));
  if (new Set(ids).size < ids.length)
    throw new ServiceError('BatchEntryIdsNotDistinct', 'Two or more batch entries in the request have the same Id.');
  const done: JsonObject[] = [];
  const failed: JsonObject[] = [];
  for (const [i, entry] of entries.entries()) {
    const Id = ids[i] as string;
    const { Id: _, ...rest } = entry as JsonObject;
    try {
      checkMembers('PublishBatch', rest, ENTRY_MEMBERS);
      const key = context.idempotencyKey;
      done.push({ Id, ...publishTo(topic, rest, context, key === undefined ? key : `${key}/${Id}`) });
    } catch (error) {
      if (!(error instanceof ServiceError)) throw error;
      failed.push({ Id, Code: error.code, Message: error.message, SenderFault: true });
    }
  }
  return { Successful: done, Failed: failed };
}

function publishTo(topic: string, input: JsonObject, context: SnsContext, key: string | undefined): JsonObject {
  if (!context.store.topic(topic)) throw topicNotFound();
  const subject = subjectOf(input);
  const published: Published = {
    messageId: randomUUID(),
    topicArn: context.arn(topic),
    messages: messagesOf(input),
    attributes: attributesOf(input),
    timestamp: new Date(context.now()).toISOString(),
    ...(subject !== undefined && { subject }),
  };
  const deliveries = context.store
    .subscriptions(topic)
    .filter((one) => one.token === null && isWanted(one, published))
    .map((one) =>
      deliveryOf(one, published, {
        arn: context.arn(`${topic}:${one.name}`),
        unsubscribeUrl: context.link('Unsubscribe', { SubscriptionArn: context.arn(`${topic}:${one.name}`) }),
      }),
    );
  return context.deliveries.accept(
    { MessageId: published.messageId },
    deliveries,
    key === undefined ? undefined : `sns/${topic}/${key}`,
  );
}

function messagesOf(input: JsonObject): Readonly<Record<string, string>> {
  const message = member(input, 'Message') ?? null;
  if (message === null || message === '') throw invalidParameter('Empty message');
  if (typeof message !== 'string') throw invalidParameter('Message must be a text');
  if (utf8Length(message) > MOST_BYTES) throw invalidParameter('Message too long');
  const structure = optionalText(input, 'MessageStructure');
  if (structure === undefined) return { default: message };
  if (structure !== 'json') throw invalidParameter('MessageStructure');
  const parsed = parse(message);
  if (!isObject(parsed) || typeof member(parsed, 'default') !== 'string')
    throw invalidParameter('Message Structure - No default entry in JSON message body');
  return Object.fromEntries(
    Object.entries(parsed).filter((entry): entry is [string, string] => typeof entry[1] === 'string'),
  );
}

function parse(text: string): Json | undefined {
  try {
    return JSON.parse(text) as Json;
  } catch {
    return undefined;
  }
}

function subjectOf(input: JsonObject): string | undefined {
  const subject = optionalText(input, 'Subject');
  if (subject !== undefined && !/^[\x21-\x7e][\x20-\x7e]{0,99}$/.test(subject)) throw invalidParameter('Subject');
  return subject;
}

/** @throws ServiceError ParameterValueInvalid */
function attributesOf(input: JsonObject): JsonObject {
  const given = member(input, 'MessageAttributes') ?? {};
  if (!isObject(given)) throw invalidParameter('MessageAttributes');
  for (const [name, one] of Object.entries(given)) {
    const type = isObject(one) ? member(one, 'DataType') : undefined;
    const kind =
      typeof type === 'string' ? /^(String\.Array|String|Number|Binary)(?:\..+)?$/.exec(type)?.[1] : undefined;
    if (!isObject(one) || kind === undefined)
      throw new ServiceError(
        'ParameterValueInvalid',
        `The message attribute '${name}' has an invalid message attribute type, the set of supported type prefixes is Binary, Number, and String.`,
      );
    const value = member(one, kind === 'Binary' ? 'BinaryValue' : 'StringValue');
    if (typeof value !== 'string' || value === '')
      throw new ServiceError(
        'ParameterValueInvalid',
        `The message attribute '${name}' must contain non-empty message attribute value for message attribute type '${kind}'.`,
      );
  }
  return given;
}
