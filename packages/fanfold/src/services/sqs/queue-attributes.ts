/** The attributes of a queue: which can be set, to what, and what they are where they are not set. */
import { isObject, type Json, type JsonObject, member } from '../../json.ts';
import { ServiceError } from '../../ports/service-error.ts';
import { invalidAttribute } from './sqs-error.ts';

/** Attribute -> text, as SQS has them; only what was set. */
export type QueueAttributes = Readonly<Record<string, string>>;

/** What a queue does, read from its attributes. Times in seconds. */
export interface QueueSettings {
  readonly visibilityTimeout: number;
  readonly delay: number;
  readonly maximumMessageBytes: number;
  readonly retention: number;
  readonly receiveWait: number;
  readonly fifo: boolean;
  readonly contentBasedDeduplication: boolean;
  readonly redrive?: { readonly deadLetterQueue: string; readonly maxReceiveCount: number };
}

interface NumberAttribute {
  readonly least: number;
  readonly most: number;
  readonly preset: number;
}

const NUMBERS: Readonly<Record<string, NumberAttribute>> = {
  VisibilityTimeout: { least: 0, most: 43_200, preset: 30 },
  DelaySeconds: { least: 0, most: 900, preset: 0 },
  MaximumMessageSize: { least: 1024, most: 1_048_576, preset: 1_048_576 },
  MessageRetentionPeriod: { least: 60, most: 1_209_600, preset: 345_600 },
  ReceiveMessageWaitTimeSeconds: { least: 0, most: 20, preset: 0 },
};

const FLAGS: readonly string[] = ['FifoQueue', 'ContentBasedDeduplication'];

/** Attributes that SQS has and this one does not. */
const NOT_HERE: ReadonlySet<string> = new Set([
  'Policy',
  'RedriveAllowPolicy',
  'KmsMasterKeyId',
  'KmsDataKeyReusePeriodSeconds',
  'SqsManagedSseEnabled',
  'DeduplicationScope',
  'FifoThroughputLimit',
]);

/** All that may be asked for. */
export const QUEUE_ATTRIBUTES: ReadonlySet<string> = new Set([
  ...Object.keys(NUMBERS),
  ...FLAGS,
  ...NOT_HERE,
  'RedrivePolicy',
  'QueueArn',
  'ApproximateNumberOfMessages',
  'ApproximateNumberOfMessagesNotVisible',
  'ApproximateNumberOfMessagesDelayed',
  'CreatedTimestamp',
  'LastModifiedTimestamp',
]);

/**
 * @param name of the queue, whose ending says whether it is a FIFO queue
 * @returns the attributes as texts, the empty ones left out
 * @throws ServiceError InvalidAttributeName, InvalidAttributeValue, UnsupportedOperation
 */
export function checkAttributes(given: Json | undefined, name: string): QueueAttributes {
  if (given === undefined || given === null) return {};
  if (!isObject(given)) throw invalidAttribute('Attributes');
  const checked: Record<string, string> = {};
  for (const [key, value] of Object.entries(given)) {
    const text = typeof value === 'string' ? value : JSON.stringify(value);
    checkAttribute(key, text, name);
    checked[key] = text;
  }
  return checked;
}

function checkAttribute(key: string, text: string, name: string): void {
  const number = Object.hasOwn(NUMBERS, key) ? NUMBERS[key] : undefined;
  if (number) {
    const value = Number(text);
    if (!/^\d+$/.test(text) || value < number.least || value > number.most) throw invalidAttribute(key);
  } else if (FLAGS.includes(key)) {
    if (text !== 'true' && text !== 'false') throw invalidAttribute(key);
    if (key === 'FifoQueue' && text !== String(isFifoName(name))) throw invalidAttribute(key);
    if (key === 'ContentBasedDeduplication' && !isFifoName(name))
      throw new ServiceError('InvalidAttributeName', `Unknown Attribute ${key}.`);
  } else if (key === 'RedrivePolicy') {
    if (text !== '') readRedrivePolicy(text, name);
  } else if (NOT_HERE.has(key)) {
    throw new ServiceError(
      'UnsupportedOperation',
      `The attribute ${key} of a queue is not supported here; leave it out.`,
    );
  } else throw new ServiceError('InvalidAttributeName', `Unknown Attribute ${key}.`);
}

export function isFifoName(name: string): boolean {
  return name.endsWith('.fifo');
}

/** @throws ServiceError InvalidAttributeValue */
export function readRedrivePolicy(text: string, name: string): NonNullable<QueueSettings['redrive']> {
  const policy = parseObject(text);
  const arn = member(policy, 'deadLetterTargetArn');
  const count = Number(member(policy, 'maxReceiveCount') ?? Number.NaN);
  const target = typeof arn === 'string' ? /^arn:[^:]*:sqs:[^:]*:[^:]*:(.+)$/.exec(arn)?.[1] : undefined;
  if (target === undefined || !Number.isInteger(count) || count < 1 || count > 1000)
    throw invalidAttribute('RedrivePolicy');
  // As on AWS both are of one kind.
  if (isFifoName(target) !== isFifoName(name)) throw invalidAttribute('RedrivePolicy');
  return { deadLetterQueue: target, maxReceiveCount: count };
}

function parseObject(text: string): JsonObject {
  try {
    const value = JSON.parse(text) as Json;
    return isObject(value) ? value : {};
  } catch {
    return {};
  }
}

export function settingsOf(name: string, attributes: QueueAttributes): QueueSettings {
  const number = (key: string): number => Number(attributes[key] ?? NUMBERS[key]?.preset);
  const policy = attributes['RedrivePolicy'];
  return {
    visibilityTimeout: number('VisibilityTimeout'),
    delay: number('DelaySeconds'),
    maximumMessageBytes: number('MaximumMessageSize'),
    retention: number('MessageRetentionPeriod'),
    receiveWait: number('ReceiveMessageWaitTimeSeconds'),
    fifo: isFifoName(name),
    contentBasedDeduplication: attributes['ContentBasedDeduplication'] === 'true',
    ...(policy && { redrive: readRedrivePolicy(policy, name) }),
  };
}

/** What GetQueueAttributes shows of the settings. */
export function shownAttributes(name: string, attributes: QueueAttributes): QueueAttributes {
  const numbers = Object.entries(NUMBERS).map(([key, { preset }]) => [key, attributes[key] ?? String(preset)]);
  return {
    ...Object.fromEntries(numbers),
    ...(isFifoName(name) && {
      FifoQueue: 'true',
      ContentBasedDeduplication: attributes['ContentBasedDeduplication'] ?? 'false',
    }),
    ...(attributes['RedrivePolicy'] && { RedrivePolicy: attributes['RedrivePolicy'] }),
  };
}
