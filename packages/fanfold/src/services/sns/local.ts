/** The topics of one data directory, in `topics.db`; what is published goes out as deliveries. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { type Durability, openDatabase } from '../../database/database.ts';
import { freezeDatabase } from '../../database/frozen.ts';
import type { ApiCall } from '../../ports/api-call.ts';
import type { Snapshot } from '../../ports/snapshot.ts';
import type { DeliveryLine } from '../../ports/deliveries.ts';
import { runAction, type SnsContext } from './actions.ts';
import { checkSubscriptionAttributes } from './subscription-attributes.ts';
import { createTopicsStore } from './topics-store.ts';

export interface TopicSubscription {
  readonly protocol: 'sqs' | 'lambda' | 'email' | 'http' | 'https';
  /** An ARN, or an address. */
  readonly endpoint: string;
  readonly attributes: Readonly<Record<string, string>>;
}

export interface LocalTopicsParams {
  /** The data directory; made when it is not there. Nobody else may have it open (I7). */
  readonly directory: string;
  /** By name, with who is subscribed: by the project's owner, and so confirmed. Topics and subscriptions made earlier stay. */
  readonly topics: Readonly<Record<string, readonly TopicSubscription[]>>;
  readonly deliveries: DeliveryLine;
  readonly now: () => number;
  readonly region: string;
  readonly account: string;
  /** The address that links begin with. */
  readonly endpoint: () => string;
  /** @defaultValue normal */
  readonly durability?: Durability;
}

export interface LocalTopics {
  readonly call: ApiCall;
  snapshot(): Snapshot;
  sync(): void;
  close(): void;
}

/** @throws Error when the directory or its database cannot be opened; ServiceError when a subscription cannot be */
export function openLocalTopics(params: LocalTopicsParams): LocalTopics {
  const { directory, deliveries, now, region, account, endpoint, durability = 'normal' } = params;
  mkdirSync(directory, { recursive: true });
  const path = join(directory, 'topics.db');
  const db = openDatabase({ path, durability, migrations: new URL('./migrations/', import.meta.url) });
  const store = createTopicsStore(db);
  const context = (idempotencyKey: string | undefined, accept = deliveries): SnsContext => ({
    store,
    deliveries: accept,
    now,
    account,
    idempotencyKey,
    arn: (name) => `arn:aws:sns:${region}:${account}:${name}`,
    link: (action, query) => `${endpoint()}/?${new URLSearchParams({ Action: action, ...query }).toString()}`,
  });
  try {
    // The owner of the project has confirmed them by writing them down: nobody is asked.
    const own = context(undefined, { accept: (answer) => answer });
    for (const [name, subscriptions] of Object.entries(params.topics)) {
      runAction('CreateTopic', { Name: name }, own);
      for (const { protocol, endpoint: to, attributes } of subscriptions) {
        const known = store.subscriptions(name).find((one) => one.protocol === protocol && one.endpoint === to);
        if (!known)
          runAction(
            'Subscribe',
            { TopicArn: own.arn(name), Protocol: protocol, Endpoint: to, Attributes: attributes },
            own,
          );
        const there =
          known ?? store.subscriptions(name).find((one) => one.protocol === protocol && one.endpoint === to);
        if (!there) continue;
        checkSubscriptionAttributes(attributes);
        store.confirm(there.name);
        store.setSubscriptionAttributes(there.name, attributes);
      }
    }
  } catch (error) {
    db.close();
    throw error;
  }
  return {
    call: async (action, input, { idempotencyKey }) => runAction(action, input, context(idempotencyKey)),
    snapshot: () => {
      db.sync();
      const found = freezeDatabase(path);
      return { copyInto: (target) => found.copyTo(join(target, 'topics.db')), release: () => found.release() };
    },
    sync: () => db.sync(),
    close: () => {
      db.sync();
      db.close();
    },
  };
}
