/**
 * Tells the origins of executions that these have ended: each message until its receiver has taken it in, and then it is
 * forgotten. Used by the driver, which says which messages there are.
 */
import { type Execution, isClosed, type Origin } from '../interpreter/execution.ts';
import type { Clock } from '../ports/clock.ts';
import type { Logger } from '../ports/logger.ts';
import type { OutboxMessage } from '../ports/store.ts';

export interface ClosingMessagesParams {
  readonly describe: (executionArn: string) => Promise<Execution>;
  readonly onClosed: (origin: Origin, execution: Execution) => Promise<void>;
  readonly acknowledge: (message: OutboxMessage) => Promise<void>;
  readonly clock: Clock;
  readonly logger: Logger;
}

export interface ClosingMessages {
  /** Resolves when it was tried once; never rejects. A message that is on its way is not sent beside itself. */
  deliver(message: OutboxMessage): Promise<void>;
  /** Resolves when nothing of this execution is on its way. */
  settled(executionArn: string): Promise<void>;
  /** Resolves when all that was to be told was tried. */
  idle(): Promise<void>;
  /** Tries nothing again. */
  close(): void;
}

/** The message that an ended execution owes its origin. */
export function closingMessages(execution: Execution): OutboxMessage[] {
  if (!isClosed(execution) || !execution.origin) return [];
  return [{ executionArn: execution.arn, key: keyOf(execution), body: { kind: 'closed', origin: execution.origin } }];
}

/** Names one end: an execution that is redriven has another later. */
function keyOf({ lastEventId }: Execution): string {
  return `closed:${lastEventId}`;
}

/** Between two tries, milliseconds. */
const LONGEST_PAUSE = 60_000;

export function createClosingMessages(params: ClosingMessagesParams): ClosingMessages {
  const { describe, onClosed, acknowledge, clock, logger } = params;
  const underWay = new Map<string, Promise<void>>();
  /** Cancels the next try of each message that was not taken in. */
  const pauses = new Set<() => void>();
  let closed = false;

  const tell = async (message: OutboxMessage): Promise<void> => {
    const execution = await describe(message.executionArn);
    // It was redriven before this end could be told: that end is not true any more, and the next is told in its turn.
    if (isClosed(execution) && keyOf(execution) === message.key) await onClosed(message.body.origin, execution);
    await acknowledge(message);
  };

  const tellLater = (message: OutboxMessage, failures: number, error: unknown): void => {
    if (closed) return;
    logger.error('The end of an execution could not be told; it is told again', {
      execution: message.executionArn,
      error,
    });
    const disarm = clock.wake(clock.now() + Math.min(1000 * 2 ** failures, LONGEST_PAUSE), () => {
      pauses.delete(disarm);
      void deliver(message, failures + 1);
    });
    pauses.add(disarm);
  };

  const deliver = (message: OutboxMessage, failures: number): Promise<void> => {
    const key = `${message.executionArn}#${message.key}`;
    const before = underWay.get(key);
    if (before) return before;
    const telling = tell(message)
      .catch((error: unknown) => tellLater(message, failures, error))
      .finally(() => underWay.delete(key));
    underWay.set(key, telling);
    return telling;
  };

  return {
    deliver: (message) => deliver(message, 0),
    settled: async (executionArn) => {
      const own = [...underWay].filter(([key]) => key.startsWith(`${executionArn}#`));
      await Promise.all(own.map(([, telling]) => telling));
    },
    idle: async () => {
      while (underWay.size > 0) await Promise.all(underWay.values());
    },
    close: () => {
      closed = true;
      for (const disarm of pauses) disarm();
    },
  };
}
