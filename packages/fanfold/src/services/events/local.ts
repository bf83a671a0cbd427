/** The event bus of one data directory, its rules in `events.db`; what rules want goes out as deliveries. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { type Durability, openDatabase } from '../../database/database.ts';
import { freezeDatabase } from '../../database/frozen.ts';
import type { ApiCall } from '../../ports/api-call.ts';
import type { Clock } from '../../ports/clock.ts';
import type { DeliveryLine } from '../../ports/deliveries.ts';
import type { Logger } from '../../ports/logger.ts';
import type { ObjectEvent } from '../../ports/objects.ts';
import type { Snapshot } from '../../ports/snapshot.ts';
import { findPatternProblem } from '../event-pattern.ts';
import { checkSchedule, type EventsContext, runAction } from './actions.ts';
import type { Place } from './event.ts';
import { parsePattern } from './events-error.ts';
import { objectEvents } from './object-events.ts';
import { deliveriesOf } from './put-events.ts';
import { createRulesStore, type RuleSettings, type Target } from './rules-store.ts';
import { createScheduler } from './scheduler.ts';
import { checkTarget } from './target.ts';

export interface ProjectRule extends RuleSettings {
  readonly targets: readonly Target[];
}

export interface LocalEventsParams {
  /** The data directory; made when it is not there. Nobody else may have it open (I7). */
  readonly directory: string;
  /**
   * By name. Those that the project had before and has no more are deleted; others stay. @defaultValue all stay, for a
   * directory that nobody works with
   */
  readonly rules?: Readonly<Record<string, ProjectRule>>;
  readonly deliveries: DeliveryLine & { sync(): void };
  readonly clock: Clock;
  readonly logger: Logger;
  readonly place: Place;
  /** @defaultValue normal */
  readonly durability?: Durability;
}

export interface LocalEvents {
  readonly call: ApiCall;
  /** Tells the rules of an object. Telling it again adds nothing. @returns whether any wants it; that is then stored */
  objectCreated(event: ObjectEvent): boolean;
  /** Begins to follow schedules. */
  start(): void;
  snapshot(): Snapshot;
  sync(): void;
  close(): void;
}

/** @throws Error when the directory or its database cannot be opened; ServiceError when a rule cannot be */
export function openLocalEvents(params: LocalEventsParams): LocalEvents {
  const { directory, rules, deliveries, clock, logger, place, durability = 'normal' } = params;
  mkdirSync(directory, { recursive: true });
  const path = join(directory, 'events.db');
  const db = openDatabase({ path, durability, migrations: new URL('./migrations/', import.meta.url) });
  const store = createRulesStore(db);
  const context = (idempotencyKey: string | undefined): EventsContext => ({
    store,
    deliveries,
    place,
    ruleArn: (name) => `arn:aws:events:${place.region}:${place.account}:rule/${name}`,
    now: clock.now,
    idempotencyKey,
    isFixed: (name) => rules !== undefined && Object.hasOwn(rules, name),
    changed: () => scheduler.changed(),
  });
  const own = context(undefined);
  const scheduler = createScheduler(own, clock, logger);
  try {
    if (rules) putProjectRules(own, rules);
  } catch (error) {
    db.close();
    throw error;
  }
  return {
    call: async (action, input, { idempotencyKey }) => runAction(action, input, context(idempotencyKey)),
    objectCreated: (event) => {
      const events = objectEvents(event, place);
      const wanted = deliveriesOf(events, own);
      if (wanted.length > 0) deliveries.accept({}, wanted, `object/${events[0]?.id ?? ''}`);
      return wanted.length > 0;
    },
    start: scheduler.start,
    snapshot: () => {
      db.sync();
      const found = freezeDatabase(path);
      return { copyInto: (target) => found.copyTo(join(target, 'events.db')), release: () => found.release() };
    },
    sync: () => db.sync(),
    close: () => {
      scheduler.close();
      db.sync();
      db.close();
    },
  };
}

/** The rules that the project file has are as they stand there. */
function putProjectRules({ store, now }: EventsContext, rules: Readonly<Record<string, ProjectRule>>): void {
  for (const name of store.ofProject()) if (!Object.hasOwn(rules, name)) store.delete(name);
  for (const [name, { targets, ...settings }] of Object.entries(rules)) {
    if (settings.pattern) parsePattern(JSON.stringify(settings.pattern), findPatternProblem);
    if (settings.schedule !== undefined) checkSchedule(settings.schedule, settings.timezone ?? 'UTC');
    store.put(name, settings, { now: now(), ofProject: true });
    const checked = targets.map(checkTarget);
    for (const { Id } of store.targets(name))
      if (!checked.some((target) => target.Id === Id)) store.removeTarget(name, Id);
    for (const target of checked) store.putTarget(name, target);
  }
}
