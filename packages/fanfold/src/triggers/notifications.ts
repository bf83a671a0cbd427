/**
 * Starts executions for objects that were created: bucket notifications, with Step Functions as their target.
 *
 * N1 An event is acknowledged only after every start that it asks for is synced (I2); until then it is delivered again.
 * N2 However often it is delivered, it starts one execution for each trigger: the name comes from the event (I5).
 * N3 Events are taken in order, a bounded number at once. One whose start fails waits for its next try without holding
 *    up the others, and is never dropped.
 * N4 Where a trigger has an order, an event is acknowledged only when its execution has ended, and the next of its line is
 *    started then. After a restart the events tell the lines again.
 * N5 An object with a marker is started when both are there, by the event of either; the name is that of the object, so that
 *    it is started once. The marker is removed once the start is synced: what replaces the object waits for one of its own.
 * N6 A manifest is started once all the files that it names are there as it says (`file-set/`). Until then its event is
 *    pending; one that can never be started is rejected.
 */
import type { Expression } from '../asl/scope.ts';
import type { Clock } from '../ports/clock.ts';
import type { Executions, Started, StartParams } from '../ports/executions.ts';
import type { Logger } from '../ports/logger.ts';
import type { ObjectEvent, ObjectEvents, ObjectInfo, Objects } from '../ports/objects.ts';
import { ServiceError } from '../ports/service-error.ts';
import { executionArn } from '../state-machine-arn.ts';
import { backoff } from './backoff.ts';
import { coalesce } from './coalesce.ts';
import type { ObjectOrigin } from './error-report.ts';
import { compileInput, evaluateInput } from './execution-input.ts';
import { executionName, startHash } from './execution-name.ts';
import { FileSets } from './file-set/file-sets.ts';
import { laneOf, Lanes } from './lanes.ts';
import { createMeanings, type Meant, type Meanings, originOf } from './meaning.ts';
import { filesOf, notificationOf, type Place } from './notification.ts';
import { checkTriggers, isReport, markedKey, matches, rejection, type Trigger, wouldMatch } from './trigger.ts';

export interface NotificationsParams extends Place {
  readonly triggers: readonly Trigger[];
  readonly events: ObjectEvents;
  /**
   * Told of every object that was created, but for error reports, before the event is acknowledged; again with every
   * delivery of it. Answers whether it has stored something.
   */
  readonly onCreated?: (event: ObjectEvent) => boolean;
  readonly executions: Pick<Executions, 'start' | 'describe'>;
  /** Finds markers and what they are for, and the files of manifests. */
  readonly objects: Pick<Objects, 'head' | 'get' | 'delete'>;
  /** Sets an object aside that is none for its trigger. Called again with every delivery. */
  readonly reject: (origin: ObjectOrigin, reason: string) => Promise<void>;
  /** Resolves once every start that resolved so far survives a power cut (I2). */
  readonly sync: () => Promise<void>;
  readonly clock: Clock;
  readonly logger: Logger;
  /** The most events at once. @defaultValue 32 */
  readonly window?: number;
}

export interface Notifications {
  /** Takes up the pending events, and from then on the new ones. */
  start(): void;
  /** Resolves when every event is acknowledged, but for those that wait for another try. */
  idle(): Promise<void>;
  /** Takes note that the execution which an object started has ended, and what is to be done with the object is done. */
  ended(origin: ObjectOrigin): void;
  /** Starts nothing more. Resolves when what was being started is done; the rest stays pending. */
  close(): Promise<void>;
}

/** @throws Error when two triggers share a name, an archive has no name, or an input is no payload template */
export function createNotifications(params: NotificationsParams): Notifications {
  checkTriggers(params.triggers);
  const intake = new Intake(params);
  return {
    start: () => intake.start(),
    idle: () => intake.idle(),
    ended: (origin) => intake.ended(origin),
    close: () => intake.close(),
  };
}

interface Target {
  readonly trigger: Trigger;
  readonly input: Expression;
}

/** An execution whose end others wait for. */
interface Turn {
  readonly id: number;
  readonly lane: string;
  readonly trigger: string;
}

class Intake {
  readonly #params: NotificationsParams;
  readonly #targets: readonly Target[];
  readonly #sync: () => Promise<void>;
  readonly #window: number;
  /** Events up to this id were taken up by this process. */
  #last = 0;
  #working = 0;
  /** Ids of events whose next try is due. */
  readonly #due: number[] = [];
  /** How to call off the next try of an event, by its id. */
  readonly #later = new Map<number, () => void>();
  readonly #failures = new Map<number, number>();
  readonly #lanes = new Lanes();
  readonly #fileSets: FileSets;
  readonly #meanings: Meanings;
  /** Ids of events that are being delivered, and of those among them that are to be delivered again. */
  readonly #underWay = new Set<number>();
  readonly #again = new Set<number>();
  /** By what tells a start from all others. */
  readonly #turns = new Map<string, Turn>();
  /** The triggers that are done with an event, while others are not. */
  readonly #done = new Map<number, Set<string>>();
  #waiters: (() => void)[] = [];
  #cancelReading: (() => void) | undefined;
  #readFailures = 0;
  #open = false;

  constructor(params: NotificationsParams) {
    this.#params = params;
    this.#targets = params.triggers.map((trigger) => ({ trigger, input: compileInput(trigger) }));
    this.#sync = coalesce(params.sync);
    this.#window = params.window ?? 32;
    this.#fileSets = new FileSets({
      ...params,
      again: (id) => {
        this.#due.push(id);
        this.#pump();
      },
    });
    this.#meanings = createMeanings({ ...params, fileSets: this.#fileSets });
  }

  start(): void {
    this.#open = true;
    this.#params.events.onPending(() => this.#pump());
    this.#pump();
  }

  async idle(): Promise<void> {
    while (this.#working > 0) {
      const { promise, resolve } = Promise.withResolvers<void>();
      this.#waiters.push(resolve);
      await promise;
    }
  }

  async close(): Promise<void> {
    this.#open = false;
    this.#cancelReading?.();
    for (const cancel of this.#later.values()) cancel();
    this.#later.clear();
    this.#fileSets.close();
    await this.idle();
  }

  /** Takes up as many events as there is room for. */
  #pump(): void {
    if (!this.#open || this.#cancelReading) return;
    try {
      for (const event of this.#take(this.#window - this.#working)) this.#begin(event);
      this.#readFailures = 0;
    } catch (error) {
      this.#readLater(error);
    }
  }

  /** Events whose next try is due, and then new ones. A due event is read again, so that a waiting one is just its id. */
  *#take(room: number): Generator<ObjectEvent> {
    const { events } = this.#params;
    let left = room;
    for (; left > 0 && this.#due.length > 0; left--) {
      const id = this.#due[0] as number;
      if (this.#underWay.has(id)) {
        this.#due.shift();
        this.#again.add(id);
        continue;
      }
      const [event] = events.pending(1, id - 1);
      this.#due.shift();
      if (event?.id === id) yield event;
    }
    if (left <= 0) return;
    for (const event of events.pending(left, this.#last)) {
      this.#last = event.id;
      yield event;
    }
  }

  #begin(event: ObjectEvent): void {
    this.#working += 1;
    this.#underWay.add(event.id);
    void this.#deliver(event).finally(() => {
      this.#working -= 1;
      this.#underWay.delete(event.id);
      if (this.#again.delete(event.id)) this.#due.push(event.id);
      this.#pump();
      if (this.#working > 0) return;
      for (const waiter of this.#waiters.splice(0)) waiter();
    });
  }

  ended({ trigger, bucket, key, sequencer }: ObjectOrigin): void {
    const turn = this.#endTurn(startHash({ name: trigger }, { object: { bucket, key, sequencer } }));
    if (!turn) return;
    this.#due.push(turn.id);
    this.#pump();
  }

  /** Never throws: a delivery that fails is tried again later. */
  async #deliver(event: ObjectEvent): Promise<void> {
    const targets = this.#targets.filter(({ trigger }) => matches(trigger, event));
    this.#tellOwn(event);
    this.#fileSets.arrived(event);
    const left = targets.filter(({ trigger }) => !this.#done.get(event.id)?.has(trigger.name));
    const starts = await Promise.allSettled(left.map((target) => this.#startInTurn(target, event)));
    const failed = starts.find((start) => start.status === 'rejected');
    try {
      if (failed) throw failed.reason;
      // Its turn or its files have not come, or its execution has not ended: it comes again then.
      if (starts.some((start) => start.status === 'fulfilled' && start.value === 'waiting')) return;
      if (targets.length === 0) await this.#reject(event);
      const isTold = !isReport(event) && (this.#params.onCreated?.(event) ?? false);
      if (targets.length > 0 || isTold) await this.#sync();
      this.#params.events.acknowledge(event.id);
      this.#failures.delete(event.id);
      this.#done.delete(event.id);
    } catch (error) {
      this.#retry(event, error);
    }
  }

  #tellOwn(event: ObjectEvent): void {
    for (const { trigger } of this.#targets) {
      if (!wouldMatch(trigger, event)) continue;
      const { bucket, key } = event.object;
      this.#params.logger.info('An output of a state machine does not start the same one', {
        bucket,
        key,
        trigger: trigger.name,
      });
    }
  }

  async #reject(event: ObjectEvent): Promise<void> {
    for (const { trigger } of this.#targets) {
      const reason = rejection(trigger, event);
      if (reason !== undefined) return this.#params.reject(originOf(trigger, event), reason);
    }
  }

  async #startInTurn(target: Target, delivered: ObjectEvent): Promise<'done' | 'waiting'> {
    const { trigger } = target;
    const lane = laneOf(trigger, markedKey(trigger, delivered) ?? delivered.object.key);
    const meant = await this.#meanings.of(trigger, delivered);
    if (meant.kind !== 'start') {
      // What it waited for in its line is gone.
      if (lane !== undefined) this.#leave(lane, delivered.id);
      return meant.kind === 'waiting' ? 'waiting' : 'done';
    }
    const { event } = meant;
    if (lane === undefined) {
      await this.#start(target, meant);
      return 'done';
    }
    if (!this.#lanes.enter(lane, event.id)) return 'waiting';
    const hash = startHash(trigger, event);
    // Before it is started, so that no end is missed.
    this.#turns.set(hash, { id: event.id, lane, trigger: trigger.name });
    if ((await this.#meanings.statusOf(await this.#start(target, meant))) === 'RUNNING') return 'waiting';
    this.#endTurn(hash);
    return 'done';
  }

  /** Lets the next of the line have its turn. */
  #endTurn(hash: string): Turn | undefined {
    const turn = this.#turns.get(hash);
    if (!turn) return undefined;
    this.#turns.delete(hash);
    this.#done.set(turn.id, (this.#done.get(turn.id) ?? new Set()).add(turn.trigger));
    this.#leave(turn.lane, turn.id);
    return turn;
  }

  #leave(lane: string, id: number): void {
    const next = this.#lanes.leave(lane, id);
    if (next !== undefined) this.#due.push(next);
  }

  /** @returns the ARN of the execution */
  async #start({ trigger, input }: Target, { event, files }: Extract<Meant, { kind: 'start' }>): Promise<string> {
    const { bucket, key } = event.object;
    const notification = {
      ...notificationOf(trigger, event, this.#params),
      ...(files && { files: filesOf(files) }),
    };
    const name = executionName(trigger, event);
    const { executionArn, existing } = await this.#started({
      stateMachineArn: trigger.stateMachineArn,
      name,
      input: JSON.stringify(evaluateInput(input, notification, startHash(trigger, event))),
      origin: {
        ...originOf(trigger, event),
        ...(files && { filesUpTo: lastOf([event.object, ...files.map(({ object }) => object)]) }),
      },
    });
    if (existing)
      this.#params.logger.info('An event has come again; its execution is there already', {
        bucket,
        key,
        trigger: trigger.name,
        executionArn,
      });
    if (trigger.marker !== undefined) {
      await this.#sync();
      await this.#params.objects.delete({ bucket, key: key + trigger.marker });
    }
    return executionArn;
  }

  async #started(params: StartParams & { readonly name: string }): Promise<Pick<Started, 'executionArn' | 'existing'>> {
    try {
      return await this.#params.executions.start(params);
    } catch (error) {
      if (!(error instanceof ServiceError && error.code === 'ExecutionAlreadyExists')) throw error;
      return { executionArn: executionArn(params.stateMachineArn, params.name), existing: true };
    }
  }

  #retry(event: ObjectEvent, error: unknown): void {
    const { clock, logger } = this.#params;
    const { id, object } = event;
    const failures = (this.#failures.get(id) ?? 0) + 1;
    this.#failures.set(id, failures);
    const wait = backoff(failures);
    const retryInSeconds = wait / 1000;
    const { bucket, key } = object;
    logger.error('An object has arrived, but its execution could not be started', {
      bucket,
      key,
      failures,
      retryInSeconds,
      error,
    });
    if (!this.#open) return;
    const cancel = clock.wake(clock.now() + wait, () => {
      this.#later.delete(id);
      this.#due.push(id);
      this.#pump();
    });
    this.#later.set(id, cancel);
  }

  #readLater(error: unknown): void {
    const { clock, logger } = this.#params;
    this.#readFailures += 1;
    const wait = backoff(this.#readFailures);
    logger.error('The events of the buckets could not be read', { retryInSeconds: wait / 1000, error });
    this.#cancelReading = clock.wake(clock.now() + wait, () => {
      this.#cancelReading = undefined;
      this.#pump();
    });
  }
}

/** The greatest of their sequencers. */
function lastOf(objects: readonly Pick<ObjectInfo, 'sequencer'>[]): string {
  return objects.reduce((last, { sequencer }) => (sequencer > last ? sequencer : last), '');
}
