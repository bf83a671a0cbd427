/** Queues of messages, for those who put messages into them. */
import type { JsonObject } from '../json.ts';

export interface QueueMessage {
  /** The name of the queue. */
  readonly queue: string;
  readonly body: string;
  /** Message attributes as SQS has them. */
  readonly attributes?: JsonObject;
  readonly delaySeconds?: number;
  /** Of a FIFO queue. */
  readonly groupId?: string;
  readonly deduplicationId?: string;
}

export interface SentMessage {
  readonly messageId: string;
  readonly md5OfBody: string;
  readonly md5OfAttributes?: string;
  /** Of a FIFO queue. */
  readonly sequenceNumber?: string;
}

export interface Queues {
  has(queue: string): boolean;
  /**
   * Returns once the message is stored.
   * @param idempotencyKey sending again under the same key within 14 days is the same message
   * @throws ServiceError QueueDoesNotExist, InvalidParameterValue, MissingParameter, InvalidMessageContents
   */
  send(message: QueueMessage, idempotencyKey?: string): SentMessage;
}
