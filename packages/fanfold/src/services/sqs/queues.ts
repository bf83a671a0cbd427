/**
 * The queues of one data directory. A message that was sent is received until it is deleted or its retention is over: not
 * by anybody else while it is hidden, and of a FIFO group only in the order in which it was sent.
 */
import { createHash, randomUUID } from 'node:crypto';
import type { Database } from '../../database/database.ts';
import type { Clock } from '../../ports/clock.ts';
import type { QueueMessage, Queues, SentMessage } from '../../ports/queues.ts';
import { ServiceError } from '../../ports/service-error.ts';
import { checkMessage, checkMessageAttributes, md5, md5OfAttributes } from './message.ts';
import { type QueueAttributes, type QueueSettings, readRedrivePolicy, settingsOf } from './queue-attributes.ts';
import type { QueueTags } from './queue-tags.ts';
import {
  invalidAttribute,
  invalidParameter,
  missingParameter,
  purgeInProgress,
  queueDoesNotExist,
} from './sqs-error.ts';
import { createMessageStore, type MessageCounts, type MessageRow } from './sqlite-messages.ts';

export interface Received {
  readonly message: MessageRow;
  readonly receiptHandle: string;
}

export interface QueueDescription {
  readonly name: string;
  readonly attributes: QueueAttributes;
  readonly settings: QueueSettings;
  readonly tags: QueueTags;
  readonly createdAt: number;
  readonly modifiedAt: number;
}

/** What the actions of the API work on; a queue is known by its name. */
export interface LocalQueueActions extends Queues {
  names(): readonly string[];
  /** Creating a queue that is there with the same attributes changes nothing. @throws ServiceError QueueNameExists */
  create(name: string, attributes: QueueAttributes): void;
  delete(name: string): void;
  describe(name: string): QueueDescription;
  counts(name: string): MessageCounts;
  setAttributes(name: string, attributes: QueueAttributes): void;
  setTags(name: string, tags: QueueTags): void;
  /** @throws ServiceError PurgeQueueInProgress, within a minute of the last time */
  purge(name: string): void;
  /** What can be received now; it is then hidden for `visibilityTimeout` seconds. */
  receive(name: string, params: { readonly most: number; readonly visibilityTimeout?: number }): readonly Received[];
  /** When something may be there that is hidden now; milliseconds since the epoch. */
  nextVisible(name: string): number | undefined;
  deleteMessage(name: string, receiptHandle: string): void;
  /** @param seconds from now; 0 gives it back */
  changeVisibility(name: string, receiptHandle: string, seconds: number): void;
}

interface Queue extends QueueDescription {
  readonly id: number;
  readonly purgedAt: number | null;
}

/** How long AWS knows a message of a FIFO queue again. */
const DEDUPLICATION_MS = 5 * 60_000;
/** How long a task's message is known again: as long as a message can be kept. */
const IDEMPOTENCY_MS = 14 * 86_400_000;
/** How long AWS takes to purge a queue, and does not do it again. */
const PURGE_MS = 60_000;
/** How many messages that were received too often one call moves away at most, so that it ends. */
const BURIED_AT_ONCE = 1000;

/** @param onVisible told the name of a queue in which there may be something to receive */
export function createQueues(
  db: Database,
  clock: Pick<Clock, 'now'>,
  onVisible: (name: string) => void,
): LocalQueueActions {
  const store = createMessageStore(db);
  const queues = new Map<string, Queue>();
  const load = (): void => {
    queues.clear();
    for (const row of store.queues()) {
      const attributes = JSON.parse(row.attributes) as QueueAttributes;
      queues.set(row.name, {
        id: row.id,
        name: row.name,
        attributes,
        settings: settingsOf(row.name, attributes),
        tags: JSON.parse(row.tags) as QueueTags,
        createdAt: row.created_at,
        modifiedAt: row.modified_at,
        purgedAt: row.purged_at,
      });
    }
  };
  load();

  const find = (name: string): Queue => {
    const queue = queues.get(name);
    if (!queue) throw queueDoesNotExist();
    return queue;
  };

  /** The message of a handle, and whether the handle is still the one that counts. */
  const ofHandle = (queue: Queue, handle: string): { message: MessageRow; current: boolean } | undefined => {
    const [, id, receipt] =
      /^(\d{1,15})-([0-9a-f-]{36})$/.exec(Buffer.from(handle, 'base64url').toString('latin1')) ?? [];
    if (id === undefined)
      throw new ServiceError(
        'ReceiptHandleIsInvalid',
        `The input receipt handle "${handle}" is not a valid receipt handle.`,
      );
    const message = store.message(Number(id));
    return message?.queue_id === queue.id ? { message, current: message.receipt === receipt } : undefined;
  };

  const expire = ({ id, settings }: Queue, now: number): void => store.expire(id, now - settings.retention * 1000, now);

  /** Receives in one transaction; what was received too often goes to the dead letters instead. */
  const take = (queue: Queue, most: number, visibilityTimeout: number): Received[] => {
    const now = clock.now();
    const { id, name, settings } = queue;
    const { redrive } = settings;
    const dead = redrive && queues.get(redrive.deadLetterQueue);
    expire(queue, now);
    for (let buried = 0; buried < BURIED_AT_ONCE;) {
      const found = store.next(id, { fifo: settings.fifo, now, limit: most });
      const spent = dead ? found.filter(({ receive_count }) => receive_count >= (redrive?.maxReceiveCount ?? 0)) : [];
      if (spent.length === 0 || !dead) {
        return found.map((message) => {
          const receipt = randomUUID();
          store.receive(message.id, { until: now + visibilityTimeout * 1000, receipt, now });
          return {
            message: {
              ...message,
              receive_count: message.receive_count + 1,
              first_received_at: message.first_received_at ?? now,
            },
            receiptHandle: Buffer.from(`${message.id}-${receipt}`, 'latin1').toString('base64url'),
          };
        });
      }
      for (const { id: message } of spent) store.bury(message, { into: dead.id, from: name, now });
      onVisible(dead.name);
      buried += spent.length;
    }
    return [];
  };

  const checkFifo = (
    queue: Queue,
    { groupId, deduplicationId, delaySeconds, body }: QueueMessage,
  ): string | undefined => {
    const { fifo, contentBasedDeduplication } = queue.settings;
    if (!fifo) {
      if (deduplicationId !== undefined) throw onlyFifo('MessageDeduplicationId', deduplicationId);
      return undefined;
    }
    if (groupId === undefined) throw missingParameter('MessageGroupId');
    if (delaySeconds !== undefined && delaySeconds !== queue.settings.delay)
      throw invalidParameter(
        'DelaySeconds',
        delaySeconds,
        'The request include parameter that is not valid for this queue type.',
      );
    if (deduplicationId !== undefined) return deduplicationId;
    if (contentBasedDeduplication) return createHash('sha256').update(body).digest('hex');
    throw new ServiceError(
      'InvalidParameterValue',
      'The queue should either have ContentBasedDeduplication enabled or MessageDeduplicationId provided explicitly',
    );
  };

  const put = (queue: Queue, params: QueueMessage, idempotencyKey: string | undefined): SentMessage => {
    const { settings, id } = queue;
    const attributes = checkMessageAttributes(params.attributes);
    checkMessage(params.body, attributes, settings.maximumMessageBytes);
    const deduplicationId = checkFifo(queue, params);
    const now = clock.now();
    const keys = [
      ...(deduplicationId === undefined ? [] : [{ key: `id:${deduplicationId}`, until: now + DEDUPLICATION_MS }]),
      ...(idempotencyKey === undefined ? [] : [{ key: `task:${idempotencyKey}`, until: now + IDEMPOTENCY_MS }]),
    ];
    const given = keys.map(({ key }) => store.given(id, key, now)).find((one) => one !== undefined) ?? insert();
    for (const { key, until } of keys) if (!store.given(id, key, now)) store.remember(id, key, given, until);
    return {
      messageId: given.message_id,
      md5OfBody: md5(params.body),
      ...(attributes && { md5OfAttributes: md5OfAttributes(attributes) }),
      ...(settings.fifo && { sequenceNumber: String(given.sequence).padStart(20, '0') }),
    };

    function insert(): { message_id: string; sequence: number } {
      const messageId = randomUUID();
      const sequence = store.insert(id, {
        messageId,
        body: params.body,
        attributes: attributes ? JSON.stringify(attributes) : null,
        sentAt: now,
        visibleAt: now + (params.delaySeconds ?? settings.delay) * 1000,
        groupId: params.groupId ?? null,
        deduplicationId: deduplicationId ?? null,
      });
      return { message_id: messageId, sequence };
    }
  };

  const checkRedrive = (name: string, attributes: QueueAttributes): void => {
    const policy = attributes['RedrivePolicy'];
    if (policy && !queues.has(readRedrivePolicy(policy, name).deadLetterQueue)) throw invalidAttribute('RedrivePolicy');
  };

  return {
    has: (name) => queues.has(name),
    names: () => [...queues.keys()],
    create: (name, attributes) => {
      const known = queues.get(name);
      if (!known) {
        checkRedrive(name, attributes);
        db.transaction(() => store.createQueue(name, JSON.stringify(attributes), clock.now()));
        return load();
      }
      const now = settingsOf(name, known.attributes);
      const wanted = settingsOf(name, { ...known.attributes, ...attributes });
      for (const key of Object.keys(wanted) as (keyof QueueSettings)[])
        if (JSON.stringify(now[key]) !== JSON.stringify(wanted[key]))
          throw new ServiceError(
            'QueueNameExists',
            `A queue already exists with the same name and a different value for its attributes: ${name}.`,
          );
    },
    delete: (name) => {
      const { id } = find(name);
      db.transaction(() => store.deleteQueue(id));
      load();
    },
    describe: find,
    counts: (name) => {
      const queue = find(name);
      const now = clock.now();
      db.transaction(() => expire(queue, now));
      return store.counts(queue.id, now);
    },
    setAttributes: (name, attributes) => {
      const queue = find(name);
      checkRedrive(name, attributes);
      const all = Object.entries({ ...queue.attributes, ...attributes }).filter(([, text]) => text !== '');
      db.transaction(() => store.setAttributes(queue.id, JSON.stringify(Object.fromEntries(all)), clock.now()));
      load();
    },
    setTags: (name, tags) => {
      const { id } = find(name);
      db.transaction(() => store.setTags(id, JSON.stringify(tags)));
      load();
    },
    purge: (name) => {
      const { id, purgedAt } = find(name);
      const now = clock.now();
      // A clock that was put back is no reason to wait longer.
      if (purgedAt !== null && now >= purgedAt && now < purgedAt + PURGE_MS) throw purgeInProgress(name);
      db.transaction(() => store.purge(id, now));
      load();
    },
    send: (message, idempotencyKey) => {
      const queue = find(message.queue);
      const sent = db.transaction(() => put(queue, message, idempotencyKey));
      onVisible(queue.name);
      return sent;
    },
    receive: (name, { most, visibilityTimeout }) => {
      const queue = find(name);
      return db.transaction(() => take(queue, most, visibilityTimeout ?? queue.settings.visibilityTimeout));
    },
    nextVisible: (name) => store.nextVisible(find(name).id, clock.now()),
    deleteMessage: (name, handle) => {
      const queue = find(name);
      const found = ofHandle(queue, handle);
      if (!found?.current) return;
      const { id, visible_at } = found.message;
      if (queue.settings.fifo && visible_at <= clock.now()) throw expired(handle);
      db.transaction(() => store.delete(id));
    },
    changeVisibility: (name, handle, seconds) => {
      const queue = find(name);
      const found = ofHandle(queue, handle);
      const now = clock.now();
      if (!found?.current || found.message.visible_at <= now)
        throw invalidParameter(
          'ReceiptHandle',
          handle,
          'Message does not exist or is not available for visibility timeout change.',
        );
      db.transaction(() => store.hide(found.message.id, now + seconds * 1000));
      onVisible(name);
    },
  };
}

function onlyFifo(name: string, value: string): ServiceError {
  return invalidParameter(name, value, 'The request includes a parameter that is not valid for this queue type.');
}

function expired(handle: string): ServiceError {
  return invalidParameter('ReceiptHandle', handle, 'The receipt handle has expired.');
}
