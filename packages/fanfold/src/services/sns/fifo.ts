/** FIFO topics: messages come in order within a group, and one that is sent again within five minutes is not delivered again. */
import { createHash } from 'node:crypto';
import type { JsonObject } from '../../json.ts';
import { optionalText } from './input.ts';
import { invalidParameter } from './sns-error.ts';
import type { Topic } from './topics-store.ts';

/** What a message of a FIFO topic has beside. */
export interface FifoMessage {
  readonly groupId: string;
  readonly deduplicationId: string;
}

/** How long AWS knows a message again. */
export const DEDUPLICATION_MS = 300_000;

export const FIFO_MEMBERS: readonly string[] = ['MessageGroupId', 'MessageDeduplicationId'];

export function isFifoTopic(name: string): boolean {
  return name.endsWith('.fifo');
}

/** @throws ServiceError InvalidParameter */
export function checkFifoAttributes(name: string, attributes: Readonly<Record<string, string>>): void {
  const isFifo = isFifoTopic(name);
  for (const flag of ['FifoTopic', 'ContentBasedDeduplication'])
    if (attributes[flag] !== undefined && !/^(?:true|false)$/.test(attributes[flag]))
      throw invalidParameter(`Attributes Reason: ${flag} must be true or false`);
  if (isFifo !== (attributes['FifoTopic'] === 'true'))
    throw invalidParameter(
      isFifo
        ? 'Topic Name Reason: a name that ends with .fifo is for topics whose attribute FifoTopic is true'
        : 'Topic Name Reason: Fifo Topic names must end with .fifo',
    );
  if (!isFifo && attributes['ContentBasedDeduplication'] === 'true')
    throw invalidParameter('Attributes Reason: ContentBasedDeduplication is for FIFO topics');
}

/** @returns undefined for a topic that is not FIFO @throws ServiceError InvalidParameter */
export function fifoMessage(input: JsonObject, { name, attributes }: Topic, message: string): FifoMessage | undefined {
  const [groupId, given] = FIFO_MEMBERS.map((member) => identifier(input, member));
  if (!isFifoTopic(name)) {
    const other = FIFO_MEMBERS.find((member) => optionalText(input, member) !== undefined);
    if (other === undefined) return undefined;
    throw invalidParameter(
      `${other} Reason: The request includes ${other} parameter that is not valid for this topic type`,
    );
  }
  if (groupId === undefined) throw invalidParameter('The MessageGroupId parameter is required for FIFO topics');
  if (given !== undefined) return { groupId, deduplicationId: given };
  if (attributes['ContentBasedDeduplication'] !== 'true')
    throw invalidParameter(
      'The topic should either have ContentBasedDeduplication enabled or MessageDeduplicationId provided explicitly',
    );
  return { groupId, deduplicationId: createHash('sha256').update(message).digest('hex') };
}

function identifier(input: JsonObject, name: string): string | undefined {
  const value = optionalText(input, name);
  if (value !== undefined && !/^[!-~]{1,128}$/.test(value))
    throw invalidParameter(
      `${name} Reason: it can only include alphanumeric and punctuation characters. 1 to 128 in length`,
    );
  return value;
}

/** As AWS writes them: of one length, so that texts compare as the messages were ordered. */
export function sequenceNumber(count: number): string {
  return String(10n ** 19n + BigInt(count));
}
