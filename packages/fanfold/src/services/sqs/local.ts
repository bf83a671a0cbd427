/** The queues of one data directory, in `queues.db`. Needs nothing but the disk. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { type Durability, openDatabase } from '../../database/database.ts';
import { freezeDatabase } from '../../database/frozen.ts';
import type { ApiCall } from '../../ports/api-call.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Queues } from '../../ports/queues.ts';
import type { Snapshot } from '../../ports/snapshot.ts';
import { type ActionContext, runAction } from './actions.ts';
import { createLongPolls } from './long-poll.ts';
import { checkAttributes, type QueueAttributes } from './queue-attributes.ts';
import { createQueues, type Received } from './queues.ts';

export interface LocalQueuesParams {
  /** The data directory; made when it is not there. Nobody else may have it open (I7). */
  readonly directory: string;
  /** By name; made when they are not there, else given these attributes. Queues made earlier stay. */
  readonly queues: Readonly<Record<string, QueueAttributes>>;
  readonly clock: Clock;
  readonly region: string;
  readonly account: string;
  /** The address that queue URLs begin with. */
  readonly endpoint: () => string;
  /** @defaultValue normal */
  readonly durability?: Durability;
}

export interface LocalQueues {
  readonly queues: Queues;
  /** The API: what the wire and the tasks call. */
  readonly call: ApiCall;
  readonly arn: (queue: string) => string;
  snapshot(): Snapshot;
  /** Returns once everything acknowledged so far survives a power cut (I2). */
  sync(): void;
  /** Whoever waits for a message gets an empty answer. */
  endPolls(): void;
  close(): void;
}

/** @throws Error when the directory or its database cannot be opened; ServiceError when an attribute cannot be */
export function openLocalQueues(params: LocalQueuesParams): LocalQueues {
  const { directory, clock, region, account, endpoint, durability = 'normal' } = params;
  mkdirSync(directory, { recursive: true });
  const path = join(directory, 'queues.db');
  const db = openDatabase({ path, durability, migrations: new URL('./migrations/', import.meta.url) });
  const polls = createLongPolls(clock);
  const queues = createQueues(db, clock, polls.wake);
  try {
    // What others point to comes first.
    const wanted = Object.entries(params.queues).sort(
      ([, a], [, b]) => Number('RedrivePolicy' in a) - Number('RedrivePolicy' in b),
    );
    for (const [name, attributes] of wanted) {
      const checked = checkAttributes({ ...attributes, ...(name.endsWith('.fifo') && { FifoQueue: 'true' }) }, name);
      if (queues.has(name)) queues.setAttributes(name, checked);
      else queues.create(name, checked);
    }
  } catch (error) {
    db.close();
    throw error;
  }

  const arn = (queue: string): string => `arn:aws:sqs:${region}:${account}:${queue}`;
  const url = (queue: string): string => `${endpoint()}/${account}/${queue}`;
  const receiver =
    (signal: AbortSignal): ActionContext['receive'] =>
    async (queue, { wait, ...rest }) => {
      const end = clock.now() + wait * 1000;
      for (;;) {
        // Nobody is there to get it.
        if (signal.aborted) return [];
        const found: readonly Received[] = queues.receive(queue, rest);
        if (found.length > 0 || clock.now() >= end || polls.ended) return found;
        await polls.until(queue, Math.min(end, queues.nextVisible(queue) ?? end), signal);
      }
    };

  return {
    queues,
    call: async (action, input, { signal, idempotencyKey }) =>
      runAction(action, input, { queues, receive: receiver(signal), url, arn, account, idempotencyKey }),
    arn,
    snapshot: () => {
      db.sync();
      const found = freezeDatabase(path);
      return { copyInto: (target) => found.copyTo(join(target, 'queues.db')), release: () => found.release() };
    },
    sync: () => db.sync(),
    endPolls: polls.end,
    close: () => {
      polls.end();
      db.sync();
      db.close();
    },
  };
}
