/** Queues, topics, rules, and the line of what they are to deliver: opened, synced, copied and closed together. */
import type { Durability } from '../database/database.ts';
import type { Clock } from '../ports/clock.ts';
import type { Logger } from '../ports/logger.ts';
import type { Snapshot } from '../ports/snapshot.ts';
import { type Deliveries, openDeliveries } from '../services/deliveries/deliveries.ts';
import { type LocalEvents, openLocalEvents } from '../services/events/local.ts';
import type { LocalTopics } from '../services/sns/local.ts';
import type { LocalQueues } from '../services/sqs/local.ts';
import { ACCOUNT, defaultRegion } from './arn.ts';
import type { ProjectDefinition } from './define-project.ts';
import { openProjectQueues, openStillQueues } from './project-queues.ts';
import { openProjectRules } from './project-rules.ts';
import { openProjectTopics, openStillTopics } from './project-topics.ts';
import { systemClock } from './system-clock.ts';

export interface Messages {
  readonly queues: LocalQueues;
  readonly topics: LocalTopics;
  readonly rules: LocalEvents;
  readonly deliveries: Deliveries;
  /** Each frozen in turn: a rule before what it has handed over. */
  snapshots(): readonly Snapshot[];
  sync(): void;
  close(): Promise<void>;
}

export interface MessagesParams {
  readonly definition: ProjectDefinition;
  readonly directory: string;
  readonly clock: Clock;
  readonly logger: Logger;
  /** The address that queues' URLs and links in mails begin with. */
  readonly endpoint: () => string;
  readonly durability: Durability;
}

/** @throws ProjectError when a setting cannot be */
export async function openMessages({ definition, logger, endpoint, ...rest }: MessagesParams): Promise<Messages> {
  const place = { region: defaultRegion(), account: ACCOUNT };
  const opened: { close(): unknown }[] = [];
  const open = <T extends { close(): unknown }>(part: T): T => {
    opened.unshift(part);
    return part;
  };
  try {
    const queues = open(openProjectQueues({ definition, endpoint, ...rest, ...place }));
    const deliveries = open(openDeliveries({ logger, ...rest }));
    const now = rest.clock.now;
    const topics = open(openProjectTopics({ definition, deliveries, now, endpoint, ...rest, ...place }));
    const rules = open(openProjectRules({ definition, deliveries, logger, place, ...rest }));
    return together({ queues, topics, rules, deliveries });
  } catch (error) {
    for (const part of opened) await part.close();
    throw error;
  }
}

/** Those of a directory that nobody works with. */
export function openStillMessages(directory: string): Messages {
  const place = { region: defaultRegion(), account: ACCOUNT };
  const queues = openStillQueues(directory);
  const deliveries = openDeliveries({ directory, clock: systemClock, logger: SILENT });
  const topics = openStillTopics(directory);
  const rules = openLocalEvents({ directory, deliveries, clock: systemClock, logger: SILENT, place });
  return together({ queues, topics, rules, deliveries });
}

const SILENT: Logger = { info: () => {}, warn: () => {}, error: () => {} };

function together(parts: Pick<Messages, 'queues' | 'topics' | 'rules' | 'deliveries'>): Messages {
  const { queues, topics, rules, deliveries } = parts;
  return {
    ...parts,
    snapshots: () => [rules, deliveries, queues, topics].map((part) => part.snapshot()),
    sync: () => {
      for (const part of [queues, topics, rules, deliveries]) part.sync();
    },
    close: async () => {
      rules.close();
      topics.close();
      await deliveries.close();
      queues.close();
    },
  };
}
