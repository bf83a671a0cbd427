/** The actions of the SQS API that there are, with the names of its JSON protocol. */
import { type Json, type JsonObject, member } from '../../json.ts';
import { ServiceError } from '../../ports/service-error.ts';
import type { QueueMessage, SentMessage } from '../../ports/queues.ts';
import {
  attributeNames,
  batchEntries,
  checkMembers,
  optionalInteger,
  optionalNames,
  optionalText,
  text,
} from './input.ts';
import { entryBytes, md5, md5OfAttributes } from './message.ts';
import { checkAttributes, QUEUE_ATTRIBUTES, shownAttributes } from './queue-attributes.ts';
import { readTags, withTags, withoutTags } from './queue-tags.ts';
import type { LocalQueueActions, Received } from './queues.ts';
import { invalidParameter, queueDoesNotExist } from './sqs-error.ts';

export interface ActionContext {
  readonly queues: LocalQueueActions;
  /** Receives, waiting so many seconds when there is nothing. */
  receive(
    queue: string,
    params: { readonly most: number; readonly wait: number; readonly visibilityTimeout?: number },
  ): Promise<readonly Received[]>;
  readonly url: (queue: string) => string;
  readonly arn: (queue: string) => string;
  /** The account that messages are sent by. */
  readonly account: string;
  readonly idempotencyKey: string | undefined;
}

interface Action {
  readonly members: readonly string[];
  run(input: JsonObject, context: ActionContext): JsonObject | Promise<JsonObject>;
}

const SEND_MEMBERS = ['MessageBody', 'DelaySeconds', 'MessageAttributes', 'MessageGroupId', 'MessageDeduplicationId'];

export const ACTIONS: ReadonlyMap<string, Action> = new Map<string, Action>([
  ['CreateQueue', { members: ['QueueName', 'Attributes', 'tags', 'Tags'], run: createQueue }],
  ['DeleteQueue', { members: ['QueueUrl'], run: (input, { queues }) => (queues.delete(queueOf(input)), {}) }],
  ['GetQueueUrl', { members: ['QueueName', 'QueueOwnerAWSAccountId'], run: getQueueUrl }],
  ['ListQueues', { members: ['QueueNamePrefix', 'MaxResults', 'NextToken'], run: listQueues }],
  ['GetQueueAttributes', { members: ['QueueUrl', 'AttributeNames'], run: getQueueAttributes }],
  ['SetQueueAttributes', { members: ['QueueUrl', 'Attributes'], run: setQueueAttributes }],
  ['PurgeQueue', { members: ['QueueUrl'], run: (input, { queues }) => (queues.purge(queueOf(input)), {}) }],
  ['ListDeadLetterSourceQueues', { members: ['QueueUrl', 'MaxResults', 'NextToken'], run: listSources }],
  ['ListQueueTags', { members: ['QueueUrl'], run: listTags }],
  ['TagQueue', { members: ['QueueUrl', 'Tags'], run: tagQueue }],
  ['UntagQueue', { members: ['QueueUrl', 'TagKeys'], run: untagQueue }],
  ['SendMessage', { members: ['QueueUrl', ...SEND_MEMBERS], run: sendMessage }],
  ['SendMessageBatch', { members: ['QueueUrl', 'Entries'], run: sendMessageBatch }],
  [
    'ReceiveMessage',
    {
      members: [
        'QueueUrl',
        'MaxNumberOfMessages',
        'VisibilityTimeout',
        'WaitTimeSeconds',
        'AttributeNames',
        'MessageSystemAttributeNames',
        'MessageAttributeNames',
      ],
      run: receiveMessage,
    },
  ],
  ['DeleteMessage', { members: ['QueueUrl', 'ReceiptHandle'], run: deleteMessage }],
  [
    'DeleteMessageBatch',
    {
      members: ['QueueUrl', 'Entries'],
      run: (input, context) =>
        batch(input, 'DeleteMessageBatchRequestEntry', (entry, queue) =>
          deleteMessage({ ...entry, QueueUrl: queue }, context),
        ),
    },
  ],
  ['ChangeMessageVisibility', { members: ['QueueUrl', 'ReceiptHandle', 'VisibilityTimeout'], run: changeVisibility }],
  [
    'ChangeMessageVisibilityBatch',
    {
      members: ['QueueUrl', 'Entries'],
      run: (input, context) =>
        batch(input, 'ChangeMessageVisibilityBatchRequestEntry', (entry, queue) =>
          changeVisibility({ ...entry, QueueUrl: queue }, context),
        ),
    },
  ],
]);

/** @throws ServiceError */
export async function runAction(name: string, input: JsonObject, context: ActionContext): Promise<JsonObject> {
  const action = ACTIONS.get(name);
  if (!action)
    throw new ServiceError(
      'UnknownOperationException',
      `The action ${name} of SQS is not available here. Available are: ${[...ACTIONS.keys()].join(', ')}.`,
    );
  checkMembers(name, input, action.members);
  return action.run(input, context);
}

/** The name of the queue that a URL of any host, region and account names. */
function queueOf(input: JsonObject): string {
  const url = text(input, 'QueueUrl');
  const name = /^https?:\/\/[^/]+\/[^/?#]+\/([^/?#]+)$/.exec(url)?.[1] ?? /^[A-Za-z0-9_.-]+$/.exec(url)?.[0];
  if (name === undefined) throw queueDoesNotExist();
  return name;
}

function createQueue(input: JsonObject, { queues, url }: ActionContext): JsonObject {
  const name = text(input, 'QueueName');
  if (!/^(?:[A-Za-z0-9_-]{1,80}|[A-Za-z0-9_-]{1,75}\.fifo)$/.test(name))
    throw new ServiceError(
      'InvalidParameterValue',
      'Can only include alphanumeric characters, hyphens, or underscores. 1 to 80 in length',
    );
  const attributes = checkAttributes(member(input, 'Attributes'), name);
  if (name.endsWith('.fifo') && attributes['FifoQueue'] !== 'true')
    throw new ServiceError(
      'InvalidParameterValue',
      'The name of a queue that is not a FIFO queue cannot end with .fifo: set FifoQueue to true.',
    );
  const tags = ['tags', 'Tags'].filter((one) => (member(input, one) ?? null) !== null);
  const wanted = tags.map((one) => readTags(input, one));
  queues.create(name, attributes);
  for (const one of wanted) queues.setTags(name, withTags(queues.describe(name).tags, one));
  return { QueueUrl: url(name) };
}

function listTags(input: JsonObject, { queues }: ActionContext): JsonObject {
  const { tags } = queues.describe(queueOf(input));
  return Object.keys(tags).length > 0 ? { Tags: tags } : {};
}

function tagQueue(input: JsonObject, { queues }: ActionContext): JsonObject {
  const { name, tags } = queues.describe(queueOf(input));
  queues.setTags(name, withTags(tags, readTags(input, 'Tags')));
  return {};
}

function untagQueue(input: JsonObject, { queues }: ActionContext): JsonObject {
  const { name, tags } = queues.describe(queueOf(input));
  queues.setTags(name, withoutTags(tags, input));
  return {};
}

function getQueueUrl(input: JsonObject, { queues, url }: ActionContext): JsonObject {
  const name = text(input, 'QueueName');
  if (!queues.has(name)) throw queueDoesNotExist();
  return { QueueUrl: url(name) };
}

function listQueues(input: JsonObject, context: ActionContext): JsonObject {
  const prefix = optionalText(input, 'QueueNamePrefix') ?? '';
  const names = context.queues.names().filter((name) => name.startsWith(prefix));
  return pageOf(input, names, 'QueueUrls', context);
}

/** The queues whose messages go to this one when they were received too often. */
function listSources(input: JsonObject, context: ActionContext): JsonObject {
  const { queues } = context;
  const { name } = queues.describe(queueOf(input));
  const names = queues.names().filter((one) => queues.describe(one).settings.redrive?.deadLetterQueue === name);
  return { queueUrls: [], ...pageOf(input, names, 'queueUrls', context) };
}

function pageOf(input: JsonObject, all: readonly string[], member: string, { url }: ActionContext): JsonObject {
  const most = optionalInteger(input, 'MaxResults', 1, 1000);
  const after = Buffer.from(optionalText(input, 'NextToken') ?? '', 'base64url').toString();
  const names = all.filter((name) => after === '' || name > after);
  const page = names.slice(0, most ?? 1000);
  const last = page.at(-1);
  return {
    ...(page.length > 0 && { [member]: page.map(url) }),
    ...(most !== undefined &&
      last !== undefined &&
      names.length > page.length && { NextToken: Buffer.from(last).toString('base64url') }),
  };
}

function getQueueAttributes(input: JsonObject, { queues, arn }: ActionContext): JsonObject {
  const name = queueOf(input);
  const { attributes, createdAt, modifiedAt } = queues.describe(name);
  const { visible, inFlight, delayed } = queues.counts(name);
  const all: Readonly<Record<string, string>> = {
    QueueArn: arn(name),
    ApproximateNumberOfMessages: String(visible),
    ApproximateNumberOfMessagesNotVisible: String(inFlight),
    ApproximateNumberOfMessagesDelayed: String(delayed),
    CreatedTimestamp: String(Math.floor(createdAt / 1000)),
    LastModifiedTimestamp: String(Math.floor(modifiedAt / 1000)),
    ...shownAttributes(name, attributes),
  };
  const wanted = attributeNames(input, QUEUE_ATTRIBUTES, 'AttributeNames');
  const chosen = wanted.includes('All')
    ? all
    : Object.fromEntries(wanted.filter((one) => Object.hasOwn(all, one)).map((one) => [one, all[one] as string]));
  return Object.keys(chosen).length > 0 ? { Attributes: chosen } : {};
}

function setQueueAttributes(input: JsonObject, { queues }: ActionContext): JsonObject {
  const name = queueOf(input);
  queues.describe(name);
  queues.setAttributes(name, checkAttributes(member(input, 'Attributes'), name));
  return {};
}

function messageOf(queue: string, input: JsonObject): QueueMessage {
  const delaySeconds = optionalInteger(input, 'DelaySeconds', 0, 900);
  const attributes = member(input, 'MessageAttributes') ?? null;
  const groupId = identifier(input, 'MessageGroupId');
  const deduplicationId = identifier(input, 'MessageDeduplicationId');
  return {
    queue,
    body: text(input, 'MessageBody'),
    ...(attributes !== null && { attributes: attributes as JsonObject }),
    ...(delaySeconds !== undefined && { delaySeconds }),
    ...(groupId !== undefined && { groupId }),
    ...(deduplicationId !== undefined && { deduplicationId }),
  };
}

function identifier(input: JsonObject, name: string): string | undefined {
  const value = optionalText(input, name);
  if (value !== undefined && !/^[A-Za-z0-9!-/:-@[-`{-~]{1,128}$/.test(value))
    throw invalidParameter(
      name,
      value,
      `${name} can only include alphanumeric and punctuation characters. 1 to 128 in length.`,
    );
  return value;
}

function sentMembers({ messageId, md5OfBody, md5OfAttributes: attributes, sequenceNumber }: SentMessage): JsonObject {
  return {
    MD5OfMessageBody: md5OfBody,
    ...(attributes !== undefined && { MD5OfMessageAttributes: attributes }),
    MessageId: messageId,
    ...(sequenceNumber !== undefined && { SequenceNumber: sequenceNumber }),
  };
}

function sendMessage(input: JsonObject, { queues, idempotencyKey }: ActionContext): JsonObject {
  return sentMembers(queues.send(messageOf(queueOf(input), input), idempotencyKey));
}

function sendMessageBatch(input: JsonObject, context: ActionContext): JsonObject {
  const entries = batchEntries(input, 'SendMessageBatchRequestEntry');
  const bytes = entries.reduce((sum, { entry }) => sum + entryBytes(entry), 0);
  if (bytes > LONGEST_BATCH)
    throw new ServiceError(
      'BatchRequestTooLong',
      `Batch requests cannot be longer than ${LONGEST_BATCH} bytes. You have sent ${bytes} bytes.`,
    );
  return batch(input, 'SendMessageBatchRequestEntry', ({ Id, ...entry }, queue) => {
    checkMembers('SendMessageBatch', entry, SEND_MEMBERS);
    const key = context.idempotencyKey;
    return sentMembers(context.queues.send(messageOf(queue, entry), key === undefined ? key : `${key}/${String(Id)}`));
  });
}

const LONGEST_BATCH = 1_048_576;

/** Each entry on its own; what fails of them is told beside the rest. */
function batch(input: JsonObject, kind: string, run: (entry: JsonObject, queue: string) => JsonObject): JsonObject {
  const queue = queueOf(input);
  const done: JsonObject[] = [];
  const failed: JsonObject[] = [];
  for (const { id, entry } of batchEntries(input, kind)) {
    try {
      done.push({ Id: id, ...run(entry, queue) });
    } catch (error) {
      if (!(error instanceof ServiceError) || error.code === 'QueueDoesNotExist') throw error;
      failed.push({ Id: id, SenderFault: true, Code: error.code, Message: error.message });
    }
  }
  return { Successful: done, ...(failed.length > 0 && { Failed: failed }) };
}

async function receiveMessage(input: JsonObject, context: ActionContext): Promise<JsonObject> {
  const queue = queueOf(input);
  const { settings } = context.queues.describe(queue);
  const visibilityTimeout = optionalInteger(input, 'VisibilityTimeout', 0, 43_200);
  const system = attributeNames(input, SYSTEM_ATTRIBUTES, 'AttributeNames', 'MessageSystemAttributeNames');
  const named = optionalNames(input, 'MessageAttributeNames');
  const received = await context.receive(queue, {
    most: optionalInteger(input, 'MaxNumberOfMessages', 1, 10) ?? 1,
    wait: optionalInteger(input, 'WaitTimeSeconds', 0, 20) ?? settings.receiveWait,
    ...(visibilityTimeout !== undefined && { visibilityTimeout }),
  });
  if (received.length === 0) return {};
  return { Messages: received.map((one) => messageMembers(one, system, named, context)) };
}

const SYSTEM_ATTRIBUTES: ReadonlySet<string> = new Set([
  'SenderId',
  'SentTimestamp',
  'ApproximateFirstReceiveTimestamp',
  'ApproximateReceiveCount',
  'MessageGroupId',
  'MessageDeduplicationId',
  'SequenceNumber',
  'DeadLetterQueueSourceArn',
  // Messages have none here.
  'AWSTraceHeader',
]);

function messageMembers(
  { message, receiptHandle }: Received,
  system: readonly string[],
  named: readonly string[],
  { account, arn }: ActionContext,
): JsonObject {
  const all: Readonly<Record<string, string>> = {
    SenderId: account,
    ApproximateFirstReceiveTimestamp: String(message.first_received_at),
    ApproximateReceiveCount: String(message.receive_count),
    SentTimestamp: String(message.sent_at),
    ...(message.group_id !== null && { MessageGroupId: message.group_id }),
    ...(message.deduplication_id !== null && {
      MessageDeduplicationId: message.deduplication_id,
      SequenceNumber: String(message.id).padStart(20, '0'),
    }),
    ...(message.dead_letter_source !== null && { DeadLetterQueueSourceArn: arn(message.dead_letter_source) }),
  };
  const shown = Object.entries(all).filter(([name]) => system.includes('All') || system.includes(name));
  const given = message.attributes === null ? [] : Object.entries(JSON.parse(message.attributes) as JsonObject);
  const attributes: Readonly<Record<string, Json>> = Object.fromEntries(
    given.filter(([name]) => named.some((pattern) => isNamed(name, pattern))),
  );
  return {
    MessageId: message.message_id,
    ReceiptHandle: receiptHandle,
    MD5OfBody: md5(message.body),
    Body: message.body,
    ...(shown.length > 0 && { Attributes: Object.fromEntries(shown) }),
    ...(Object.keys(attributes).length > 0 && {
      MD5OfMessageAttributes: md5OfAttributes(attributes),
      MessageAttributes: attributes,
    }),
  };
}

/** `All`, `.*`, a name, or the beginning of one before `.*`. */
function isNamed(name: string, pattern: string): boolean {
  if (pattern === 'All') return true;
  return pattern.endsWith('.*') ? name.startsWith(pattern.slice(0, -2)) : name === pattern;
}

function deleteMessage(input: JsonObject, { queues }: ActionContext): JsonObject {
  queues.deleteMessage(queueOf(input), text(input, 'ReceiptHandle'));
  return {};
}

function changeVisibility(input: JsonObject, { queues }: ActionContext): JsonObject {
  const seconds = optionalInteger(input, 'VisibilityTimeout', 0, 43_200);
  queues.changeVisibility(
    queueOf(input),
    text(input, 'ReceiptHandle'),
    seconds ?? queues.describe(queueOf(input)).settings.visibilityTimeout,
  );
  return {};
}
