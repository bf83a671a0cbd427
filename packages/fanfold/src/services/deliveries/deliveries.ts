/**
 * What topics and rules hand to others, at least once: stored before it is acknowledged, tried again with growing pauses,
 * over restarts too, and told in the log when it fails. Each delivery has a key that stays the same, by which whoever is
 * delivered to knows it again.
 */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { type Durability, openDatabase } from '../../database/database.ts';
import { freezeDatabase } from '../../database/frozen.ts';
import type { JsonObject } from '../../json.ts';
import { withoutPassword } from '../redact.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Deliver, DeliveryLine, DeliveryTarget } from '../../ports/deliveries.ts';
import type { Logger } from '../../ports/logger.ts';
import { ServiceError } from '../../ports/service-error.ts';
import type { Snapshot } from '../../ports/snapshot.ts';

export interface DeliveriesParams {
  /** The data directory; made when it is not there. Nobody else may have it open (I7). */
  readonly directory: string;
  readonly clock: Clock;
  readonly logger: Logger;
  /** @defaultValue normal */
  readonly durability?: Durability;
}

export interface Deliveries extends DeliveryLine {
  /** Begins to deliver. */
  start(deliver: Deliver): void;
  /** Resolves when nothing is due any more. */
  idle(): Promise<void>;
  snapshot(): Snapshot;
  sync(): void;
  /** Ends after what is under way. */
  close(): Promise<void>;
}

const KNOWN_MS = 14 * 86_400_000;
const AT_ONCE = 10;
/** How often each is tried: what a function throws is its answer, after the two retries that AWS gives it. */
const ATTEMPTS: Readonly<Record<DeliveryTarget['kind'], number>> = {
  queue: 50,
  function: 3,
  mail: 50,
  stateMachine: 50,
  topic: 50,
  http: 50,
};
const FIRST_PAUSE_MS = 1000;
const LONGEST_PAUSE_MS = 600_000;

/** Who may not be delivered to may not a second later either: as on AWS. */
function isRefusal(error: unknown): boolean {
  return error instanceof ServiceError && error.code === 'AccessDeniedException';
}

interface Row {
  readonly id: number;
  readonly target: string;
  readonly payload: string;
  readonly attempts: number;
}

/** @throws Error when the directory or its database cannot be opened */
export function openDeliveries({ directory, clock, logger, durability = 'normal' }: DeliveriesParams): Deliveries {
  mkdirSync(directory, { recursive: true });
  const path = join(directory, 'deliveries.db');
  const db = openDatabase({ path, durability, migrations: new URL('./migrations/', import.meta.url) });
  const underWay = new Map<number, Promise<void>>();
  let deliver: Deliver | undefined;
  let cancel = (): void => {};
  let closed = false;

  const due = (): readonly Row[] =>
    (
      db
        .prepare('SELECT id, target, payload, attempts FROM deliveries WHERE next_at <= ? ORDER BY next_at, id LIMIT ?')
        .all(clock.now(), AT_ONCE + underWay.size) as unknown as Row[]
    ).filter(({ id }) => !underWay.has(id));

  const attempt = async ({ id, target: text, payload, attempts }: Row, run: Deliver): Promise<void> => {
    const target = JSON.parse(text) as DeliveryTarget;
    try {
      await run({ target, payload }, `delivery/${id}`);
      db.transaction(() => db.prepare('DELETE FROM deliveries WHERE id = ?').run(id));
    } catch (error) {
      const failures = attempts + 1;
      const last = failures >= ATTEMPTS[target.kind] || isRefusal(error);
      logger.error(last ? 'A delivery has failed for good' : 'A delivery has failed and is tried again', {
        target: target.kind === 'http' ? { ...target, url: withoutPassword(target.url) } : target,
        attempt: failures,
        error,
      });
      const pause = Math.min(FIRST_PAUSE_MS * 2 ** attempts, LONGEST_PAUSE_MS);
      db.transaction(() => {
        if (last) db.prepare('DELETE FROM deliveries WHERE id = ?').run(id);
        else
          db.prepare('UPDATE deliveries SET attempts = ?, next_at = ? WHERE id = ?').run(
            failures,
            clock.now() + pause,
            id,
          );
      });
    }
  };

  const go = (): void => {
    cancel();
    if (!deliver || closed) return;
    for (const row of due()) {
      if (underWay.size >= AT_ONCE) return;
      const done = attempt(row, deliver).catch((error: unknown) =>
        logger.error('A delivery cannot be stored', { error }),
      );
      underWay.set(
        row.id,
        done.then(() => {
          underWay.delete(row.id);
          go();
        }),
      );
    }
    const { at } = db.prepare('SELECT min(next_at) AS at FROM deliveries WHERE next_at > ?').get(clock.now()) as {
      at: number | null;
    };
    cancel = at === null ? () => {} : clock.wake(at, go);
  };

  return {
    accept: (answer, deliveries, key) => {
      const now = clock.now();
      const accepted = db.transaction(() => {
        db.prepare('DELETE FROM accepted WHERE until <= ?').run(now);
        if (key !== undefined) {
          const known = db.prepare('SELECT answer FROM accepted WHERE key = ?').get(key) as
            | { answer: string }
            | undefined;
          if (known) return JSON.parse(known.answer) as JsonObject;
          db.prepare('INSERT INTO accepted (key, answer, until) VALUES (?, ?, ?)').run(
            key,
            JSON.stringify(answer),
            now + KNOWN_MS,
          );
        }
        for (const { target, payload } of deliveries)
          db.prepare('INSERT INTO deliveries (target, payload, next_at) VALUES (?, ?, ?)').run(
            JSON.stringify(target),
            payload,
            now,
          );
        return answer;
      });
      clock.soon(go);
      return accepted;
    },
    start: (run) => {
      deliver = run;
      go();
    },
    idle: async () => {
      while (!closed && deliver && (underWay.size > 0 || due().length > 0)) {
        go();
        await Promise.all(underWay.values());
      }
    },
    snapshot: () => {
      db.sync();
      const found = freezeDatabase(path);
      return { copyInto: (target) => found.copyTo(join(target, 'deliveries.db')), release: () => found.release() };
    },
    sync: () => db.sync(),
    close: async () => {
      closed = true;
      cancel();
      await Promise.all(underWay.values());
      db.sync();
      db.close();
    },
  };
}
