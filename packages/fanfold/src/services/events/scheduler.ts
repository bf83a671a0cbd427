/**
 * Hands over what is due by schedules.
 *
 * S1 What is due is accepted, under a key made of rule and time, before the rule's time moves on: a crash between the two
 *    hands it over under the same key, which adds nothing (I5).
 * S2 Of all the times that passed while nobody was there, one is made up for (or none, as the rule says): never more.
 * S3 A clock that is put back fires nothing again; one that is put on fires once.
 */
import type { Clock } from '../../ports/clock.ts';
import type { Logger } from '../../ports/logger.ts';
import { uuidOf } from '../task-key.ts';
import type { EventsContext } from './actions.ts';
import { eventOf } from './event.ts';
import type { Rule } from './rules-store.ts';
import { parseSchedule } from './schedule.ts';
import { deliveryTo } from './target.ts';

export interface Scheduler {
  /** Begins, with what was missed. */
  start(): void;
  /** Looks at the rules anew. */
  changed(): void;
  close(): void;
}

/** What is later than that was missed. */
const ON_TIME_MS = 60_000;

export function createScheduler(context: EventsContext, clock: Clock, logger: Logger): Scheduler {
  let open = false;
  let cancel = (): void => {};

  const fire = (rule: Rule, at: number): void => {
    const { name, missed = 'once' } = rule;
    const now = clock.now();
    if (now - at > ON_TIME_MS && missed === 'skip') {
      logger.warn('A schedule was missed and is passed by', { rule: name, due: new Date(at).toISOString() });
      return;
    }
    const arn = context.ruleArn(name);
    const id = uuidOf(JSON.stringify(['schedule', name, rule.createdAt, at]));
    const event = eventOf(
      { id, source: 'aws.events', detailType: 'Scheduled Event', at, resources: [arn], detail: {} },
      context.place,
    );
    const deliveries = context.store.targets(name).map((target) => deliveryTo(target, event, { name, arn, at: now }));
    context.deliveries.accept({}, deliveries, `schedule/${id}`);
  };

  /** @returns when it is due next */
  const look = (rule: Rule, now: number): number | undefined => {
    const { name, schedule = '', timezone = 'UTC', createdAt, firedUntil } = rule;
    const parsed = parseSchedule(schedule, timezone, createdAt);
    if (!parsed.ok) throw new Error(parsed.error);
    const due = parsed.value.latest(firedUntil, now);
    if (due !== undefined) {
      fire(rule, due);
      context.deliveries.sync();
      context.store.fired(name, due);
    }
    return parsed.value.next(Math.max(now, firedUntil));
  };

  const go = (): void => {
    cancel();
    if (!open) return;
    const now = clock.now();
    const next = context.store
      .rules()
      .filter(({ enabled, schedule }) => enabled && schedule !== undefined)
      .map((rule) => {
        try {
          return look(rule, now);
        } catch (error) {
          logger.error('A schedule could not be followed', { rule: rule.name, error });
          return now + ON_TIME_MS;
        }
      })
      .filter((at) => at !== undefined);
    cancel = next.length > 0 ? clock.wake(Math.min(...next), go) : () => {};
  };

  return {
    start: () => {
      open = true;
      go();
    },
    changed: () => clock.soon(go),
    close: () => {
      open = false;
      cancel();
    },
  };
}
